"""The queue is read by its indexes: no list, count or claim looks at every row, or sorts what lies sorted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from service.domain import Action
from service.review_domain import Cause
from service.storage.audit_reading import AuditFilters
from service.storage.claims import Claim
from service.storage.history_store import HistoryStore
from service.storage.listing import Filters, Order
from service.storage.review_store import ReviewStore
from service.storage.store import Store
from tests.test_service.reviewed import put, review
from tests.test_service.test_storage.conftest import with_store

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
GROWING = ("comments", "revisions", "scores", "decisions", "queue", "reviews", "reports", "appeals", "articles")
INDEX_OF = {Order.PRIORITY: "queue_by_priority", Order.OLDEST: "queue_by_age", Order.UNCERTAIN: "queue_by_uncertainty"}
FILTERS = {
    "nothing": Filters(),
    "head": Filters(head="profanity"),
    "cause": Filters(cause=Cause.HOLD),
    "action": Filters(action=Action.HOLD),
    "scores": Filters(min_score=0.5),
    "ages": Filters(min_age=timedelta(hours=1), max_age=timedelta(days=9)),
    "holder": Filters(claimed_by="reviewer:ann"),
    "all": Filters("spoiler", Cause.LABEL, Action.LABEL, 0.1, 0.9, timedelta(hours=1), timedelta(days=9)),
}


@contextmanager
def watched(store: Store, about: str = "FROM queue") -> Iterator[list[tuple[str, Any]]]:
    """Every query of that kind that is sent meanwhile, with its values."""
    sent: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE")) and about in statement and not executemany:
            sent.append((statement, parameters))

    engines = [engine.sync_engine for engine in (store._database._reading, store._database._writing)]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def plan(store: Store, statement: str, parameters: Any) -> str:
    """How the database is going to find what is asked for. PostgreSQL would read so small a table as a whole."""

    def explained(connection: Connection) -> str:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "\n".join(row[3] for row in rows)
        for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            connection.execute(text(f"SET LOCAL {setting} = off"))
        return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))

    async with store._database.writing() as connection:
        return await connection.run_sync(explained)


async def plans_of(store: Store, call: Callable[[], Awaitable[object]]) -> list[str]:
    with watched(store) as sent:
        await call()
    return [await plan(store, *one) for one in sent]


def scans(plan: str) -> bool:
    """Whether every row is looked at, of every site."""
    return "SCAN queue" in plan or "Seq Scan" in plan


def sorts(plan: str) -> bool:
    return "TEMP B-TREE" in plan or "Sort" in plan


async def some(store: Store) -> ReviewStore:
    for number in range(20):
        await put(store, f"c-{number}", at=NOW - timedelta(minutes=number), score=0.5 + number / 50)
    return ReviewStore(store)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("name", FILTERS)
def test_lists_and_counts(address: str, name: str, order: Order) -> None:
    """The first page and a later one, and how many there are. The plain lists come from the index of their order."""

    async def act(store: Store) -> None:
        reviews = await some(store)
        after = (NOW if order is Order.OLDEST else 0.5, "c-5")
        for place in (None, after):
            plans = await plans_of(store, lambda: reviews.queue("default", FILTERS[name], order, place, 10))  # noqa: B023
            assert len(plans) == 2
            assert not any(map(scans, plans)), plans
            if name == "nothing":
                assert INDEX_OF[order] in plans[0]
                assert not sorts(plans[0]), plans[0]

    with_store(address, act)


@pytest.mark.parametrize("order", Order)
def test_claims(address: str, order: Order) -> None:
    """What is held already comes from the index of who holds what; the next from the index of its order, unsorted."""

    async def act(store: Store) -> None:
        reviews = await some(store)
        wanted = Claim("default", "reviewer:ann", NOW, NOW + timedelta(minutes=5), order=order)
        own, free, *_ = await plans_of(store, lambda: reviews.claim(wanted))
        assert "queue_claimed" in own
        assert INDEX_OF[order] in free
        assert not sorts(free), free
        assert not any(map(scans, (own, free)))

    with_store(address, act)


def test_many_at_once(tmp_path: Path) -> None:
    """However many comments are stored: what is read or changed for several of them is found by their keys."""

    async def act(store: Store) -> None:
        reviews = await some(store)
        keys = [("default", f"c-{number}") for number in range(9)] + [("blog", "c-1")]
        with watched(store, about="") as sent:
            await asyncio.gather(*(put(store, f"n-{number}") for number in range(3)))
            await reviews.comments(keys)
            await reviews.claim(Claim("default", "reviewer:ann", NOW, NOW + timedelta(minutes=5), count=3))
            await asyncio.gather(*(review(store, f"n-{number}", second=True) for number in range(3)))
            await reviews.first_decisions(list((await reviews.comments(keys)).values()))
            await HistoryStore(store).past("default", None, None, 9, texts=True)
            await HistoryStore(store).restrictions("default", None, None, None, 9)
            await HistoryStore(store).audit("default", AuditFilters(actor="reviewer:ann", general_too=True), None, 9)
            await asyncio.gather(*(store.erase_comment(key) for key in keys))
        plans = [(statement, await plan(store, statement, parameters)) for statement, parameters in sent]
        read = re.compile(rf"\bSCAN ({'|'.join(GROWING)})\b")
        assert len(plans) > 30
        assert not [(statement, told) for statement, told in plans if read.search(told)]

    with_store(str(tmp_path / "verger.db"), act)
