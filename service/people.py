"""People: signing in and out, the links that set their passwords, and who is behind a session."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from service.attempts import Attempts, Failures
from service.credentials import Passwords, check_password, digest_of, new_token
from service.errors import Fault, InvalidInput, LinkRefused, SignInRefused, StoreUnavailable, TooMany
from service.principals import COMMAND, Account, Principal, Role, Session
from service.storage.accounts import (
    AddAccount,
    ChangeAccount,
    MakeLink,
    SetPassword,
    UseLink,
    has_accounts,
    read_account,
    read_accounts,
    read_link,
)
from service.storage.sessions import EndSession, NoteFailures, SeeSession, StartSession, read_session
from service.storage.store import Store

IDLE: Final = timedelta(hours=8)
"""A session that is not used for so long ends."""
LONGEST: Final = timedelta(days=7)
"""Any session ends after so long."""
LINK_LASTS: Final = timedelta(minutes=15)
_SEEN_EVERY: Final = timedelta(minutes=1)
_NAME_CHARACTERS: Final = 65
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is behind a session, and the token in the browser's cookie."""

    principal: Principal
    account: str
    token: str


class People:
    """Every method that asks the store may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = clock
        self._passwords = Passwords()
        self._attempts = Attempts()

    async def visitor(self, token: str) -> Visitor | None:
        """Whose session it is; null if it has ended."""
        digest, now = digest_of(token), self._now()
        async with self._store.reading() as connection:
            found = await read_session(connection, digest)
        if found is None:
            return None
        session, account = found
        if account.disabled_at is not None or now - session.made_at > LONGEST or now - session.seen_at > IDLE:
            return None
        if now - session.seen_at > _SEEN_EVERY:
            # With a store that takes no changes, what is there can still be looked at.
            with suppress(StoreUnavailable):
                await self._store.changed(SeeSession(digest, now))
        return Visitor(account.principal, account.name, token)

    async def sign_in(self, name: str, password: str, address: str) -> str:
        """The new session's token.

        Raises:
            SignInRefused: no such name, not its password, or disabled; each takes as long.
            TooMany: too many failed from this address, or with this name.
        """
        name = name.strip().lower()[:_NAME_CHARACTERS]
        await self._begin(name, address)
        account = await self._account(name)
        kept = None if account is None or account.disabled_at is not None else account.password
        if await self._passwords.fits(kept, password) and account is not None and kept is not None:
            token = await self._started(account, kept)
            if token is not None:
                await self._tell(self._attempts.succeeded(name, address), name)
                return token
        await self._failed(account)
        raise SignInRefused("the name or the password is wrong")

    async def sign_out(self, token: str) -> None:
        """The session ends."""
        await self._store.changed(EndSession(digest_of(token), self._now()))

    async def change_password(self, visitor: Visitor, before: str, password: str, address: str) -> str:
        """Every session ends, and a new one begins; its token. Raises as ``sign_in`` does, and ``InvalidInput``."""
        check_password(password, visitor.account)
        await self._begin(visitor.account, address)
        account = await self._account(visitor.account)
        kept = None if account is None else account.password
        if kept is None or account is None or not await self._passwords.fits(kept, before):
            await self._failed(account)
            raise SignInRefused("the password until now is another one")
        await self._tell(self._attempts.succeeded(visitor.account, address), visitor.account)
        hashed = await self._passwords.hashed(password)
        changed = await self._store.changed(SetPassword(account.name, self._now(), kept, hashed))
        token = await self._started(account, hashed) if changed else None
        if token is None:
            raise SignInRefused("the password was changed meanwhile")
        return token

    async def is_new(self) -> bool:
        """Whether there is no account yet."""
        async with self._store.reading() as connection:
            return not await has_accounts(connection)

    async def add(self, name: str, role: Role, site: str | None, actor: str = COMMAND) -> str | None:
        """An account without a password, and the token of a link that sets it; null if the name is taken.

        Raises:
            InvalidInput: it is no name.
        """
        account = Account(_checked(name), role, site, self._now())
        if not await self._store.changed(AddAccount(account, actor)):
            return None
        return await self.link(account.name, actor)

    async def link(self, name: str | None, actor: str = COMMAND) -> str | None:
        """A token that sets the account's password, once, for 15 minutes; null if there is no such account.

        Without a name it makes the first account, an admin's; null if there is one already.
        """
        token, now = new_token(), self._now()
        change = MakeLink(digest_of(token), name and name.lower(), now, now + LINK_LASTS, actor)
        return token if await self._store.changed(change) else None

    async def welcome(self, token: str, name: str, password: str) -> str:
        """Use a link: the password is set, and a session begins; its token. ``name`` counts for the first account.

        Raises:
            LinkRefused: it was used, is too old, or never was.
            InvalidInput: the name or the password will not do; the link stays good.
        """
        digest = digest_of(token.strip())
        async with self._store.reading() as connection:
            found = await read_link(connection, digest, self._now())
        if found is None:
            raise LinkRefused("this link was used, is older than 15 minutes, or was replaced: ask for another one")
        owner = found[0] or _checked(name)
        check_password(password, owner)
        hashed = await self._passwords.hashed(password)
        used = await self._store.changed(UseLink(digest, self._now(), hashed, None if found[0] else owner))
        account = await self._account(owner)
        session = await self._started(account, hashed) if used and account is not None else None
        if session is None:
            raise LinkRefused("this link was used meanwhile, or the account is disabled")
        return session

    async def all(self) -> list[Account]:
        """Every account, by name."""
        async with self._store.reading() as connection:
            return await read_accounts(connection)

    async def set_role(self, name: str, role: Role, actor: str = COMMAND) -> bool:
        """Whether there is such an account, and it had another."""
        return await self._store.changed(ChangeAccount(name.lower(), self._now(), actor, role=role))

    async def set_disabled(self, name: str, is_disabled: bool, actor: str = COMMAND) -> bool:
        """Whether there is such an account, and it was otherwise. Its sessions and links end."""
        return await self._store.changed(ChangeAccount(name.lower(), self._now(), actor, is_disabled=is_disabled))

    async def _account(self, name: str) -> Account | None:
        if not _NAME.fullmatch(name):
            return None
        async with self._store.reading() as connection:
            return await read_account(connection, name)

    async def _started(self, account: Account, password: str) -> str | None:
        token, now = new_token(), self._now()
        session = Session(digest_of(token), account.name, now, now)
        started = await self._store.changed(StartSession(session, password, now - LONGEST, now - IDLE))
        return token if started else None

    async def _begin(self, name: str, address: str) -> None:
        """Raises ``TooMany``."""
        try:
            self._attempts.begin(name, address)
        except TooMany:
            await self._failed(await self._account(name), was_blocked=True)
            raise

    async def _failed(self, account: Account | None, *, was_blocked: bool = False) -> None:
        """Where there is no such account what was typed stays untold: it may be a password."""
        known = None if account is None else account.name
        await self._tell(self._attempts.failed(known, was_blocked=was_blocked), known)

    async def _tell(self, failures: Failures | None, known: str | None) -> None:
        if failures is not None:
            await self._store.changed(NoteFailures(known, failures.attempts, failures.blocked, self._now()))


def _checked(name: str) -> str:
    found = name.strip().lower()
    if not _NAME.fullmatch(found):
        raise InvalidInput(
            Fault("#/name", "a name has 1 to 64 of a-z 0-9 . _ @ + -, and begins with a letter or digit")
        )
    return found
