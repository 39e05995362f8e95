"""Statements about accounts, the one-time links that set their passwords, and sessions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.principals import Account, Role
from service.storage.access_tables import accounts, links, sessions
from service.storage.audit import Deed, record


@dataclass(frozen=True, slots=True)
class AddAccount:
    """Without a password: a link sets it. Its outcome: whether the name was free."""

    account: Account
    actor: str


@dataclass(frozen=True, slots=True)
class ChangeAccount:
    """Another role, or disabled, or no longer. Its outcome: whether there is such an account and it was otherwise."""

    name: str
    at: datetime
    actor: str
    role: Role | None = None
    is_disabled: bool | None = None


@dataclass(frozen=True, slots=True)
class MakeLink:
    """In place of the account's earlier ones. Its outcome: whether it was made; not for one that is disabled.

    Without an account it makes the first one of all, and is made only while there is none.
    """

    digest: str
    account: str | None
    at: datetime
    expires_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class UseLink:
    """Set the password, once; every session ends. Its outcome: whether the link was good.

    ``name`` is the first account's, where the link is to make that.
    """

    digest: str
    at: datetime
    password: str
    name: str | None


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Every session ends. Its outcome: whether ``before`` was still the password."""

    name: str
    at: datetime
    before: str
    password: str


async def read_account(connection: AsyncConnection, name: str) -> Account | None:
    """The one of that name."""
    row = (await connection.execute(select(accounts).where(accounts.c.name == name))).mappings().first()
    return None if row is None else account_of(dict(row))


async def read_accounts(connection: AsyncConnection) -> list[Account]:
    """All, by name."""
    return [
        account_of(dict(row))
        for row in (await connection.execute(select(accounts).order_by(accounts.c.name))).mappings()
    ]


async def read_link(connection: AsyncConnection, digest: str, now: datetime) -> tuple[str | None] | None:
    """Whose account a good link is for (null: the first of all)."""
    good = (links.c.digest == digest, links.c.expires_at > now)
    row = (await connection.execute(select(links.c.account).where(*good))).first()
    return None if row is None else (row.account,)


async def add_account(connection: AsyncConnection, change: AddAccount) -> bool:
    """As ``AddAccount`` says."""
    account = change.account
    if await read_account(connection, account.name) is not None:
        return False
    await connection.execute(insert(accounts), [{**asdict(account), "role": account.role.value}])
    # From here on there is somebody who may make further ones.
    await connection.execute(delete(links).where(links.c.account.is_(None)))
    said = {"account": account.name, "role": account.role.value}
    await record(connection, change.actor, "add_account", account.made_at, said, account.site)
    return True


async def change_account(connection: AsyncConnection, change: ChangeAccount) -> bool:
    """As ``ChangeAccount`` says."""
    mine = accounts.c.name == change.name
    account, said = await read_account(connection, change.name), {"account": change.name}
    if account is None:
        return False
    if change.role is not None and change.role is not account.role:
        await connection.execute(update(accounts).where(mine).values(role=change.role.value))
        said |= {"before": account.role.value, "role": change.role.value}
        await record(connection, change.actor, "change_role", change.at, said, account.site)
        return True
    if change.is_disabled is not None and change.is_disabled is (account.disabled_at is None):
        await connection.execute(
            update(accounts).where(mine).values(disabled_at=change.at if change.is_disabled else None)
        )
        await _end_all(connection, change.name)
        action: Deed = "disable_account" if change.is_disabled else "enable_account"
        await record(connection, change.actor, action, change.at, said, account.site)
        return True
    return False


async def make_link(connection: AsyncConnection, change: MakeLink) -> bool:
    """As ``MakeLink`` says."""
    if change.account is None and await has_accounts(connection):
        return False
    if change.account is not None:
        account = await read_account(connection, change.account)
        if account is None or account.disabled_at is not None:
            return False
    stale = links.c.expires_at <= change.at
    await connection.execute(delete(links).where(or_(stale, links.c.account == change.account)))
    fields = {"digest": change.digest, "account": change.account, "expires_at": change.expires_at}
    await connection.execute(insert(links), [fields])
    await record(connection, change.actor, "make_link", change.at, {"account": change.account})
    return True


async def use_link(connection: AsyncConnection, change: UseLink) -> bool:
    """As ``UseLink`` says."""
    found = await read_link(connection, change.digest, change.at)
    if found is None:
        return False
    (name,) = found
    if name is None:
        if change.name is None:
            return False
        name = change.name
        first = Account(name, Role.ADMIN, None, change.at)
        if await has_accounts(connection) or not await add_account(connection, AddAccount(first, f"reviewer:{name}")):
            return False
    await connection.execute(delete(links).where(or_(links.c.digest == change.digest, links.c.account == name)))
    await _put_password(connection, name, change.password, change.at)
    return True


async def set_password(connection: AsyncConnection, change: SetPassword) -> bool:
    """As ``SetPassword`` says."""
    mine = (accounts.c.name == change.name, accounts.c.password == change.before)
    if (await connection.execute(select(accounts.c.name).where(*mine))).first() is None:
        return False
    await _put_password(connection, change.name, change.password, change.at)
    return True


async def has_accounts(connection: AsyncConnection) -> bool:
    """Whether there is any, disabled ones too."""
    return (await connection.execute(select(accounts.c.name).limit(1))).first() is not None


async def _put_password(connection: AsyncConnection, name: str, password: str, at: datetime) -> None:
    await connection.execute(update(accounts).where(accounts.c.name == name).values(password=password))
    await _end_all(connection, name)
    await record(connection, f"reviewer:{name}", "set_password", at, {"account": name})


async def _end_all(connection: AsyncConnection, name: str) -> None:
    """Every session of the account, and the links for it."""
    statements: tuple[Delete, ...] = (
        delete(sessions).where(sessions.c.account == name),
        delete(links).where(links.c.account == name),
    )
    for statement in statements:
        await connection.execute(statement)


def account_of(row: dict[str, Any]) -> Account:
    """What a row of the table says."""
    return Account(**{**row, "role": Role(row["role"])})
