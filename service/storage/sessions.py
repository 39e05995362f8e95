"""Statements about who is signed in, and who could not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.principals import Account, Session
from service.storage.access_tables import accounts, links, sessions
from service.storage.accounts import account_of
from service.storage.audit import record


@dataclass(frozen=True, slots=True)
class StartSession:
    """Its outcome: whether it was started; not if the account was disabled or its password changed meanwhile."""

    session: Session
    password: str
    #: Of the account's sessions, those that were begun or seen before these end.
    begun_before: datetime
    seen_before: datetime


@dataclass(frozen=True, slots=True)
class SeeSession:
    """It was used. Its outcome: whether it is there."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndSession:
    """Its outcome: whether it was there."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndEverySession:
    """Of everybody, and every link that was not used. Its outcome: true."""


@dataclass(frozen=True, slots=True)
class NoteFailures:
    """So many attempts to sign in failed; null for names that nobody has. Its outcome: true.

    ``blocked`` of them were not looked at, since too many had failed before.
    """

    account: str | None
    attempts: int
    blocked: int
    at: datetime


async def read_session(connection: AsyncConnection, digest: str) -> tuple[Session, Account] | None:
    """It, and whose it is."""
    wanted = select(sessions.c.made_at.label("session_made_at"), sessions.c.seen_at, accounts)
    joined = wanted.join(accounts, accounts.c.name == sessions.c.account).where(sessions.c.digest == digest)
    row = (await connection.execute(joined)).mappings().first()
    if row is None:
        return None
    account = account_of({column.name: row[column.name] for column in accounts.columns})
    return Session(digest, account.name, row["session_made_at"], row["seen_at"]), account


async def start_session(connection: AsyncConnection, change: StartSession) -> bool:
    """As ``StartSession`` says."""
    session = change.session
    good = (accounts.c.password == change.password, accounts.c.disabled_at.is_(None))
    mine = select(accounts.c.site).where(accounts.c.name == session.account, *good)
    found = (await connection.execute(mine)).first()
    if found is None:
        return False
    is_old = or_(sessions.c.made_at < change.begun_before, sessions.c.seen_at < change.seen_before)
    await connection.execute(delete(sessions).where(sessions.c.account == session.account, is_old))
    await connection.execute(insert(sessions), [asdict(session)])
    await record(connection, f"reviewer:{session.account}", "sign_in", session.made_at, {}, found.site)
    return True


async def see_session(connection: AsyncConnection, change: SeeSession) -> bool:
    """As ``SeeSession`` says."""
    seen = update(sessions).where(sessions.c.digest == change.digest).values(seen_at=change.at)
    return (await connection.execute(seen)).rowcount > 0


async def end_session(connection: AsyncConnection, change: EndSession) -> bool:
    """As ``EndSession`` says."""
    mine = sessions.c.digest == change.digest
    whose = select(accounts.c.name, accounts.c.site).join(sessions, accounts.c.name == sessions.c.account).where(mine)
    found = (await connection.execute(whose)).first()
    if found is None:
        return False
    await connection.execute(delete(sessions).where(mine))
    await record(connection, f"reviewer:{found.name}", "sign_out", change.at, {}, found.site)
    return True


async def end_every_session(connection: AsyncConnection, change: EndEverySession) -> bool:
    """As ``EndEverySession`` says."""
    await connection.execute(delete(sessions))
    await connection.execute(delete(links))
    return True


async def note_failures(connection: AsyncConnection, change: NoteFailures) -> bool:
    """As ``NoteFailures`` says."""
    said = {"account": change.account, "attempts": change.attempts, "blocked": change.blocked}
    await record(connection, "nobody", "sign_in_failed", change.at, said)
    return True
