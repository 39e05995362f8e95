"""The queue's lists, counts and claims at a million stored comments."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text

from bench.findings import Finding, Section, Table, middle
from service.domain import Action
from service.review_domain import Cause, Entry
from service.storage.claims import Claim
from service.storage.listing import Filters, Order, place_of
from service.storage.review_store import ReviewStore
from service.storage.store import Store

COMMENTS, WAITING = 1_000_000, 60_000
#: Milliseconds that each of them may take.
MOST: Final = 50.0
SITE: Final = "bench"
_PAGE, _FAR = 26, 40
_REPEATED: Final = 5

#: i counts from 1; every 16th comment or so waits. Drawn by multiplying, so that every run has the same rows.
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "
_AT_ONCE = 50_000
_BEGAN = 1_700_000_000_000_000
_FILLED: Final = (
    """INSERT INTO comments (site, id, author_id, state, revision, received_at, changed_at)
    {numbers} SELECT '{site}', 'c-' || i, 'a-' || (i % 9973), CASE WHEN i % 40 = 0 THEN 'held' ELSE 'allowed' END, 1,
    {began} + i * 2000000, {began} + i * 2000000 FROM n""",
    """INSERT INTO revisions
    (site, comment_id, revision, text, salt, text_hash, language, language_confidence, received_at)
    {numbers} SELECT '{site}', 'c-' || i, 1, 'The ferry was late again and nobody said why, number ' || i,
    'salt', 'hash', 'en', 0.9, {began} + i * 2000000 FROM n""",
    """INSERT INTO scores (site, comment_id, revision, bundle, head, score, text_hash, scored_at)
    {numbers} SELECT '{site}', 'c-' || i, 1, '2026.11.1', 'profanity', (i * 7919 % 10007) / 10007.0, 'hash',
    {began} + i * 2000000 FROM n""",
    """INSERT INTO decisions (site, comment_id, revision, action, reasons, policy, bundle, decided_at)
    {numbers} SELECT '{site}', 'c-' || i, 1, CASE WHEN i % 40 = 0 THEN 'hold' ELSE 'allow' END, '[]', 'default@1',
    '2026.11.1', {began} + i * 2000000 FROM n""",
)
_QUEUED: Final = """INSERT INTO queue
    (site, comment_id, revision, cause, action, head, score, priority, uncertainty, reports, entered_at)
    {numbers} SELECT '{site}', 'c-' || (i * 16), 1,
    CASE WHEN i % 100 < 60 THEN 'hold' WHEN i % 100 < 75 THEN 'report' WHEN i % 100 < 90 THEN 'sample'
         WHEN i % 100 < 97 THEN 'label' WHEN i % 100 < 99 THEN 'second' ELSE 'appeal' END,
    CASE WHEN i % 100 < 60 THEN 'hold' WHEN i % 100 < 90 THEN 'allow' ELSE 'label' END,
    CASE WHEN i % 10 < 7 THEN 'profanity' WHEN i % 10 < 9 THEN 'spoiler' ELSE 'off_topic' END,
    (i * 7919 % 10007) / 10007.0, (i * 104729 % 99991) / 99991.0, (i * 611953 % 99991) / 99991.0, i % 3,
    {began} + i * 32000000 FROM n"""


def measure(postgresql: str | None) -> Section:
    """SQLite in a file, and a PostgreSQL where its URL is given: an empty database that is filled and kept."""
    places: dict[str, Callable[[Path], str]] = {"SQLite": lambda folder: str(folder / "bench.db")}
    if postgresql:
        places["PostgreSQL"] = lambda _: postgresql
    measured = {}
    for name, place in places.items():
        with tempfile.TemporaryDirectory(prefix="verger-bench-") as folder:
            measured[name] = asyncio.run(_measured(place(Path(folder))))
    rows = [[what, *(f"{figures[what]:.1f} ms" for figures in measured.values())] for what in measured["SQLite"]]
    findings = [
        Finding(f"the queue's slowest on {name}, {COMMENTS:,} comments", "ms", max(figures.values()), MOST)
        for name, figures in measured.items()
    ]
    note = (
        f"The median of {_REPEATED}; {COMMENTS:,} comments are stored, {WAITING:,} of them wait. A page has 25 entries."
    )
    skipped = [] if postgresql else ["PostgreSQL: give the URL of an empty database with --postgresql"]
    table = Table(["what", *measured], rows, note)
    return Section("The queue", "python -m bench --only queue", [table], findings, skipped=skipped)


async def _measured(place: str) -> dict[str, float]:
    async with _filled(place) as store:
        reviews = ReviewStore(store)
        calls = await _calls(reviews)
        return {what: await _milliseconds(call) for what, call in calls.items()}


@asynccontextmanager
async def _filled(place: str) -> AsyncIterator[Store]:
    store = Store(place)
    await store.start(or_raise=True)
    try:
        for statement, count in (*((one, COMMENTS) for one in _FILLED), (_QUEUED, WAITING)):
            for first in range(1, count + 1, _AT_ONCE):
                numbers = _NUMBERS.format(first=first, last=min(first + _AT_ONCE - 1, count))
                async with store._database.writing() as connection:
                    await connection.execute(text(statement.format(numbers=numbers, site=SITE, began=_BEGAN)))
        async with store._database.writing() as connection:
            await connection.execute(text("ANALYZE"))
        yield store
    finally:
        await store.close()


async def _milliseconds(call: Callable[[], Awaitable[object]]) -> float:
    await call()
    figures = []
    for _ in range(_REPEATED):
        start = time.perf_counter()
        await call()
        figures.append((time.perf_counter() - start) * 1000)
    return middle(figures)


async def _calls(reviews: ReviewStore) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """What a reviewer does, by name; each with its page and its count, as the page of the queue asks for them."""
    some = {
        "everything": Filters(),
        "one cause": Filters(cause=Cause.HOLD),
        "a rare cause": Filters(cause=Cause.APPEAL),
        "one head": Filters(head="spoiler"),
        "one action": Filters(action=Action.LABEL),
        "scores from 0.98": Filters(min_score=0.98),
        "of the last day": Filters(max_age=datetime.now(UTC) - _at(WAITING) + timedelta(days=1)),
        "older than all but a day": Filters(min_age=datetime.now(UTC) - _at(1) - timedelta(days=1)),
        "a head, a cause and scores": Filters(head="spoiler", cause=Cause.REPORT, min_score=0.9),
        "nothing matches": Filters(head="other", cause=Cause.APPEAL, min_score=0.999),
        "held by somebody": Filters(claimed_by="reviewer:nobody"),
    }
    calls: dict[str, Callable[[], Awaitable[object]]] = {}
    for name, filters in some.items():
        for order in Order:
            calls[f"page and count: {name}, {order.value} first"] = _listed(reviews, filters, order, None)
    for order in Order:
        calls[f"page {_FAR}, {order.value} first"] = _listed(reviews, Filters(), order, await _far(reviews, order))
        calls[f"claim the next, {order.value} first"] = _claimed(reviews, Filters(), order)
    calls["claim the next spoiler"] = _claimed(reviews, Filters(head="spoiler"), Order.PRIORITY)
    return calls


def _listed(
    reviews: ReviewStore, filters: Filters, order: Order, after: tuple[object, str] | None
) -> Callable[[], Awaitable[object]]:
    """A page with its count and its comments."""

    async def listed() -> object:
        page, _ = await reviews.queue(SITE, filters, order, after, _PAGE)
        return await reviews.comments([(one.site, one.comment_id) for one in page])

    return listed


def _claimed(reviews: ReviewStore, filters: Filters, order: Order) -> Callable[[], Awaitable[object]]:
    """For somebody else each time: what was held before stays held."""
    who = iter(range(1_000_000))

    async def claim() -> list[Entry]:
        now = datetime.now(UTC)
        reviewer = f"reviewer:{order.value}-{filters.head}-{next(who)}"
        return await reviews.claim(Claim(SITE, reviewer, now, now + timedelta(minutes=5), filters=filters, order=order))

    return claim


async def _far(reviews: ReviewStore, order: Order) -> tuple[object, str]:
    after = None
    for _ in range(_FAR - 1):
        page, _ = await reviews.queue(SITE, Filters(), order, after, _PAGE - 1)
        after = place_of(page[-1], order)
    assert after is not None
    return after


def _at(number: int) -> datetime:
    return datetime.fromtimestamp(_BEGAN / 1e6 + number * 32, UTC)
