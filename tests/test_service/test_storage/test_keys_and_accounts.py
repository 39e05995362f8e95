"""What a store promises about keys, accounts and sessions, whichever kind of store it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from service.credentials import csrf_of, digest_of, is_csrf_of, new_key
from service.errors import InvalidInput, LinkRefused, SignInRefused, TooMany
from service.people import IDLE, LINK_LASTS, LONGEST, People
from service.principals import ApiKey, Role, Scope
from service.storage.backup import back_up, restore
from service.storage.keys import RevokeKey, SaveKey, TouchKeys
from service.storage.store import Store
from service.storage.tables import audit
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW

PASSWORD = "three dull ferries"
OTHER = "four late herrings"
KEY = ApiKey("0123456789ab", "shop", digest_of("vk_x"), frozenset({Scope.SCORE, Scope.SUBMIT}), "blog", 7, NOW)


class Clock:
    """What time the people think it is."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def audited(store: Store) -> list[tuple[str, str]]:
    """Who did what, in order."""
    async with store.reading() as connection:
        rows = await connection.execute(text("SELECT actor, action FROM audit ORDER BY number"))
        return [(row.actor, row.action) for row in rows]


async def details(store: Store, action: str) -> list[Any]:
    """What the audit says of each such act, in order."""
    async with store.reading() as connection:
        found = select(audit.c.detail).where(audit.c.action == action).order_by(audit.c.number)
        return list((await connection.execute(found)).scalars())


def test_keys(address: str) -> None:
    """Kept as they were made; revoked once, and still on record; each is in the audit."""

    async def act(store: Store) -> None:
        assert await store.keys() == []
        assert await store.changed(SaveKey(KEY, "command"))
        assert not await store.changed(SaveKey(replace(KEY, name="other"), "command"))
        anywhere = replace(KEY, id="2", digest="2", site=None, per_minute=None, made_at=NOW + timedelta(seconds=1))
        assert await store.changed(SaveKey(anywhere, "command"))
        assert await store.keys() == [KEY, anywhere]
        later = NOW + timedelta(days=1)
        assert await store.changed(TouchKeys((KEY.id,), later))
        revoking = [store.changed(RevokeKey(KEY.id, later, "command")) for _ in range(3)]
        assert sorted(await asyncio.gather(*revoking)) == [False, False, True]
        assert not await store.changed(RevokeKey("none", later, "command"))
        assert await store.keys() == [replace(KEY, used_at=later, revoked_at=later), anywhere]
        assert await audited(store) == [("command", "make_key")] * 2 + [("command", "revoke_key")]
        assert await store.findings() == []

    with_store(address, act)


def test_accounts(address: str) -> None:
    """A name is one person's, however it is written; roles and doors change once each; all of it is in the audit."""

    async def act(store: Store) -> None:
        people = People(store, clock=Clock())
        token = await people.add("Ann", Role.REVIEWER, "blog")
        assert token is not None
        assert await people.add(" ANN", Role.ADMIN, None) is None
        with pytest.raises(InvalidInput):
            await people.add("an n", Role.REVIEWER, None)
        visitor = await people.visitor(await people.welcome(token, "ignored", PASSWORD))
        assert visitor is not None
        assert (visitor.principal.name, visitor.principal.site) == ("reviewer:ann", "blog")
        assert visitor.principal.scopes == {Scope.REVIEW, Scope.SCORE}
        assert await people.set_role("ann", Role.ADMIN)
        assert not await people.set_role("ann", Role.ADMIN)
        assert not await people.set_role("nobody", Role.ADMIN)
        visitor = await people.visitor(visitor.token)
        assert visitor is not None
        assert visitor.principal.scopes == set(Scope)
        assert await people.set_disabled("ann", True)
        assert not await people.set_disabled("ann", True)
        assert await people.link("ann") is None
        assert [actor_action[1] for actor_action in await audited(store)] == [
            *("add_account", "make_link", "set_password", "sign_in", "change_role", "disable_account")
        ]
        assert await store.findings() == []

    with_store(address, act)


def test_sessions_end(address: str) -> None:
    """When they are not used for long, and after a week however much they are used."""

    async def act(store: Store) -> None:
        clock = Clock()
        people = People(store, clock=clock)
        token = await people.add("ann", Role.REVIEWER, None)
        assert token is not None
        begun, session = clock.now, await people.welcome(token, "", PASSWORD)
        idle = await people.sign_in("ann", PASSWORD, "here")
        while clock.now + IDLE / 2 < begun + LONGEST:
            clock.now += IDLE / 2
            assert await people.visitor(session) is not None
        assert await people.visitor(idle) is None
        clock.now = begun + LONGEST + timedelta(seconds=1)
        assert await people.visitor(session) is None
        assert await people.visitor("no token") is None
        # Whoever signs in leaves none of the old ones behind.
        await people.sign_in("ann", PASSWORD, "here")
        async with store.reading() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM sessions"))).scalar() == 1

    with_store(address, act)


def test_links(address: str) -> None:
    """Good once, of many at once too; not when they are old; for the first account while there is none."""

    async def act(store: Store) -> None:
        clock = Clock()
        people = People(store, clock=clock)
        first, second, third = [await people.link(None) for _ in range(3)]
        assert first
        assert second
        assert third
        clock.now += LINK_LASTS
        with pytest.raises(LinkRefused):
            await people.welcome(first, "root", PASSWORD)
        fresh = [await people.link(None) for _ in range(4)]
        tried = await asyncio.gather(
            *(people.welcome(one or "", f"root-{number}", PASSWORD) for number, one in enumerate(fresh)),
            return_exceptions=True,
        )
        assert [type(one) for one in tried].count(LinkRefused) == 3
        (account,) = await people.all()
        assert account.role is Role.ADMIN
        assert await people.link(None) is None
        again = await people.link(account.name)
        both = await asyncio.gather(*(people.welcome(again or "", "", OTHER) for _ in range(2)), return_exceptions=True)
        assert [type(one) for one in both].count(LinkRefused) == 1
        assert await store.findings() == []

    with_store(address, act)


def test_failures_are_counted_together(address: str) -> None:
    """The first is on record at once, the others with what comes after; what was typed as a name never is."""

    async def act(store: Store) -> None:
        people = People(store, clock=Clock())
        token = await people.add("ann", Role.REVIEWER, None)
        await people.welcome(token or "", "", PASSWORD)
        for name in ("ann", "my own password", "ann", "ann"):
            with pytest.raises(SignInRefused):
                await people.sign_in(name, OTHER, "here")
        await people.sign_in("ann", PASSWORD, "here")
        assert await details(store, "sign_in_failed") == [
            {"account": "ann", "attempts": 1, "blocked": 0},
            {"account": None, "attempts": 1, "blocked": 0},
            {"account": "ann", "attempts": 2, "blocked": 0},
        ]

    with_store(address, act)


def test_who_is_kept_out_is_on_record(address: str) -> None:
    """What is not even looked at counts too, with the failures before it; so does a wrong password of who is in."""

    async def act(store: Store) -> None:
        people = People(store, clock=Clock())
        token = await people.add("ann", Role.REVIEWER, None)
        visitor = await people.visitor(await people.welcome(token or "", "", PASSWORD))
        assert visitor is not None
        for _ in range(6):
            with pytest.raises(SignInRefused):
                await people.change_password(visitor, OTHER, OTHER, "here")
        for name, place, refusal in (
            *(("ann", "here", TooMany), ("ann", "there", SignInRefused), ("ann", "here", TooMany)),
            ("my own password", "there", SignInRefused),
        ):
            with pytest.raises(refusal):
                await people.sign_in(name, OTHER, place)
        await people.sign_in("ann", PASSWORD, "elsewhere")
        assert await details(store, "sign_in_failed") == [
            {"account": "ann", "attempts": 1, "blocked": 0},
            {"account": None, "attempts": 1, "blocked": 0},
            {"account": "ann", "attempts": 8, "blocked": 2},
        ]

    with_store(address, act)


def test_signing_out_is_on_record(address: str) -> None:
    """Once, by whoever it was, on the site that they are for; a session that is gone ends unseen."""

    async def act(store: Store) -> None:
        people = People(store, clock=Clock())
        token = await people.add("ann", Role.REVIEWER, "blog")
        session = await people.welcome(token or "", "", PASSWORD)
        await people.sign_out(session)
        await people.sign_out(session)
        assert await people.visitor(session) is None
        async with store.reading() as connection:
            rows = await connection.execute(text("SELECT site, actor FROM audit WHERE action = 'sign_out'"))
            assert [(row.site, row.actor) for row in rows] == [("blog", "reviewer:ann")]
        assert await store.findings() == []

    with_store(address, act)


def test_nothing_kept_lets_anybody_in(address: str) -> None:
    """No key, token or password is anywhere in the tables; what is, opens nothing."""

    async def act(store: Store) -> None:
        people = People(store)
        identity, key = new_key()
        await store.changed(SaveKey(replace(KEY, id=identity, digest=digest_of(key)), "command"))
        link = await people.add("ann", Role.REVIEWER, None)
        session = await people.welcome(link or "", "", PASSWORD)
        kept = ""
        async with store.reading() as connection:
            for table in ("keys", "accounts", "links", "sessions", "audit"):
                kept += str((await connection.execute(text(f"SELECT * FROM {table}"))).all())
        for secret in (key, key.rpartition("_")[2], link, session, PASSWORD, csrf_of(session)):
            assert secret is not None
            assert secret not in kept
        assert digest_of(session) in kept
        assert await people.visitor(digest_of(session)) is None
        assert is_csrf_of(session, csrf_of(session))
        assert not is_csrf_of(session, csrf_of(digest_of(session)))

    with_store(address, act)


def test_a_backup_lets_in_nobody_who_was_shut_out(tmp_path: Path) -> None:
    """Revoked keys stay revoked, disabled accounts disabled, and every session and link ends."""
    path = tmp_path / "verger.db"
    sessions: list[str] = []

    async def before(store: Store) -> None:
        people = People(store)
        for name in ("ann", "bea"):
            link = await people.add(name, Role.REVIEWER, None)
            sessions.append(await people.welcome(link or "", "", PASSWORD))
        for name in ("1", "2"):
            await store.changed(SaveKey(replace(KEY, id=name, digest=name), "command"))

    async def meanwhile(store: Store) -> None:
        await store.changed(RevokeKey("1", NOW, "command"))
        await People(store).set_disabled("ann", True)

    async def after(store: Store) -> None:
        people = People(store)
        assert [key.revoked_at is None for key in await store.keys()] == [False, True]
        assert [account.disabled_at is None for account in await people.all()] == [False, True]
        assert [await people.visitor(session) for session in sessions] == [None, None]
        assert await people.sign_in("bea", PASSWORD, "here")
        with pytest.raises(SignInRefused):
            await people.sign_in("ann", PASSWORD, "here")
        assert await store.findings() == []

    with_store(str(path), before)
    back_up(path, tmp_path / "backup.db")
    with_store(str(path), meanwhile)
    restore(path, tmp_path / "backup.db")
    with_store(str(path), after)
