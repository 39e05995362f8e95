"""The feed of decisions: in order, and whoever reads on from where it stood has missed nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage import store as storing
from service.storage.decisions import By, MadeDecision, add_decisions, decision_data
from service.storage.erasure import Erasure, erasure_data
from service.storage.feed import START, Place
from service.storage.store import Store
from tests.test_service.test_storage.conftest import PostgreSQL, with_store
from tests.test_service.test_storage.written import NOW, save, sent

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def decision(name: str) -> dict[str, object]:
    """A further one about that comment."""
    made = {"site": "default", "comment_id": name, "revision": 1, "action": "allow", "policy": "default@1"}
    return {**made, "reasons": [], "bundle": "2026.11.1", "decided_at": NOW}


async def numbers(store: Store, after: int = 0) -> list[int]:
    """That the feed shows."""
    page, _ = await store.feed("default", Place(after, 0), 1_000)
    return [one.number for one in page]


def test_in_order_by_site(address: str) -> None:
    """Page by page, each once, of this site only."""

    async def act(store: Store) -> None:
        for number in range(7):
            await save(store, sent(name=f"c-{number}"))
            await save(store, replace(sent(name=f"c-{number}"), site="news"))
        names, after = [], START
        while True:
            page, after = await store.feed("default", after, 3)
            if not page:
                break
            names += [one.comment_id for one in page]
            assert {decision_data(one)["by"] for one in page if isinstance(one, MadeDecision)} == {By.MACHINE}
        assert names == [f"c-{number}" for number in range(7)]
        assert await store.feed("nowhere", START, 3) == ([], START)

    with_store(address, act)


def test_erasures_too(address: str) -> None:
    """Each once, where it happened, however small the pages; erased again it is not told again."""

    async def act(store: Store) -> None:
        for number in range(5):
            await save(store, sent(name=f"c-{number}"))
        edited, _ = await save(store, sent(name="c-5"))
        await save(store, sent(name="c-5", text="Another"), edited)
        for name in ("c-5", "c-1", "c-5"):
            assert await store.erase_comment(("default", name))
        await save(store, replace(sent(name="c-1"), site="news"))
        await save(store, sent(name="c-6"), at=store.now())
        await store.erase_comment(("news", "c-1"))
        told = [*((f"c-{number}", "held") for number in range(6)), ("c-5", "held")]
        told += [("c-5", "erased"), ("c-1", "erased"), ("c-6", "held")]
        for size in (1, 2, 3, 50):
            seen, after = [], START
            while True:
                page, after = await store.feed("default", after, size)
                if not page:
                    break
                assert len(page) <= size
                seen += [(one.comment_id, "erased" if isinstance(one, Erasure) else one.state) for one in page]
            assert seen == told
        (erased,), _ = await store.feed("news", Place(99, 0), 9)
        assert isinstance(erased, Erasure)
        kept = await store.comment(("news", "c-1"))
        assert kept is not None
        said = {"site": "news", "comment_id": "c-1", "revision": 1, "state": "erased", "erased_at": kept.erased_at}
        assert erasure_data(erased) == said

    with_store(address, act)


def test_nothing_is_missed(address: str) -> None:
    """Read while two processes' worth of connections write: every decision comes, once, in order."""

    async def act(store: Store) -> None:
        other = Store(address)
        await other.start(or_raise=True)
        done, seen = asyncio.Event(), list[int]()

        async def read() -> None:
            while not done.is_set() or await numbers(store, seen[-1] if seen else 0):
                seen.extend(await numbers(store, seen[-1] if seen else 0))

        async def write(one: Store, prefix: str) -> None:
            for number in range(40):
                assert (await save(one, sent(name=f"{prefix}-{number}")))[1]

        reading = asyncio.create_task(read())
        await asyncio.gather(
            *(write(one, f"{which}-{n}") for which, one in enumerate((store, other)) for n in range(8))
        )
        done.set()
        await reading
        assert len(seen) == 2 * 8 * 40
        assert seen == sorted(set(seen)) == await numbers(store)
        await other.close()

    with_store(address, act)


async def lock(connection: AsyncConnection) -> None:
    """As ``Store`` does at the beginning of each transaction."""
    await connection.execute(select(func.pg_advisory_xact_lock(storing._LOCK)))


def test_numbers_are_seen_in_order(postgresql: PostgreSQL) -> None:
    """While a transaction that has its number goes on, no other one gets a larger number and is through before it."""

    async def act(store: Store) -> None:
        for name in ("c-1", "c-2", "c-3"):
            await save(store, sent(name=name))
        async with store._database.writing() as connection:
            await lock(connection)
            await add_decisions(connection, [decision("c-1")])
            other = Store(address)
            await other.start(or_raise=True)
            later = asyncio.create_task(save(other, sent(name="c-4")))
            async with store.reading() as looking:
                await looking.execution_options(isolation_level="AUTOCOMMIT")
                while not later.done() and not (await looking.execute(text(WAITING))).scalar_one():
                    pass
            assert await numbers(store) == [1, 2, 3]
        assert (await later)[1]
        page, _ = await store.feed("default", Place(3, 0), 9)
        assert [one.comment_id for one in page] == ["c-1", "c-4"]
        await other.close()

    address = postgresql.emptied()
    with_store(address, act)


def test_without_the_lock_one_is_missed(postgresql: PostgreSQL) -> None:
    """The control: two transactions that do not wait for each other, and a reader who passes over the slower one."""

    async def act(store: Store) -> None:
        other = Store(address)
        await other.start(or_raise=True)
        for name in ("c-1", "c-2"):
            await save(store, sent(name=name))
        async with store._database.writing() as slow:
            await add_decisions(slow, [decision("c-1")])
            async with other._database.writing() as fast:
                await add_decisions(fast, [decision("c-2")])
            seen = await numbers(store)
        assert set(await numbers(store)) - set(seen) == {3}
        assert max(seen) == 4
        await other.close()

    address = postgresql.emptied()
    with_store(address, act)
