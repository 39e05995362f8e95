"""What group commit buys: comments stored a second by many clients, against one transaction a comment."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.engine import BUNDLE
from bench.findings import Finding, Section, Table, middle
from bench.texts import Talk
from models.bundle import Bundle
from service.domain import Assessment, Author, SentComment
from service.policy import DEFAULT
from service.revisions import new_salt, revised
from service.storage.store import Store
from service.storage.writer import Writer

CLIENTS = 64
#: How many times the rows of one transaction a row group commit has to give.
LEAST = {"SQLite": 8.0, "PostgreSQL": 5.0}
#: Comments that one round stores together, and one a transaction.
_TOGETHER, _ALONE = 2_000, 200


def measure(rounds: int, postgresql: str | None) -> Section:
    """SQLite in a file, and a PostgreSQL where its URL is given: an empty database that is filled and kept."""
    assessed = _assessed()
    places: dict[str, Callable[[Path], str]] = {"SQLite": lambda folder: str(folder / "bench.db")}
    if postgresql:
        places["PostgreSQL"] = lambda _: postgresql
    rows, findings = [], []
    for name, place in places.items():
        pairs = [asyncio.run(_round(place, assessed, number)) for number in range(rounds)]
        together, alone = middle([pair[0] for pair in pairs]), middle([pair[1] for pair in pairs])
        ratio = middle([pair[0] / pair[1] for pair in pairs])
        rows.append([name, f"{together:,.0f}", f"{alone:,.0f}", f"{ratio:.1f} ×"])
        findings.append(Finding(f"group commit on {name}, {CLIENTS} clients", "×", ratio, LEAST[name], at_least=True))
    table = Table(["store", "comments a second", "one transaction a comment", "ratio"], rows)
    skipped = [] if postgresql else ["PostgreSQL: give the URL of an empty database with --postgresql"]
    return Section("Storing", "python -m bench --only storing", [table], findings, skipped=skipped)


def _assessed() -> list[tuple[str, Assessment]]:
    bundle = Bundle.load(BUNDLE)
    made = Talk(bundle).comments(200)
    return [
        (comment.text, Assessment(one, {}, DEFAULT.decide(one, bundle.operating_points), bundle.version))
        for comment, one in zip(made, bundle.score(made, explain=True), strict=True)
    ]


async def _round(
    place: Callable[[Path], str], assessed: list[tuple[str, Assessment]], number: int
) -> tuple[float, float]:
    """Comments a second, together and one a transaction, one after the other on the same store."""
    with tempfile.TemporaryDirectory(prefix="verger-bench-") as folder:
        async with _opened(place(Path(folder))) as store:
            together = await _rate(store, assessed, f"together-{number}-{time.time_ns()}", _TOGETHER)
            store._writer = Writer(store._commit, max_group=1)  # the control: what a store without it would do
            return together, await _rate(store, assessed, f"alone-{number}-{time.time_ns()}", _ALONE)


async def _rate(store: Store, assessed: list[tuple[str, Assessment]], prefix: str, count: int) -> float:
    async def client(first: int) -> None:
        for at in range(first, count, CLIENTS):
            text, assessment = assessed[at % len(assessed)]
            now = datetime.now(UTC)
            sent = SentComment("bench", f"{prefix}-{at}", text, author=Author(f"author-{at}", None), created_at=now)
            salt = new_salt()
            await store.save_comment(revised(None, sent, assessment, salt, now), salt)

    start = time.perf_counter()
    await asyncio.gather(*(client(first) for first in range(CLIENTS)))
    return count / (time.perf_counter() - start)


@asynccontextmanager
async def _opened(place: str) -> AsyncIterator[Store]:
    store = Store(place)
    await store.start(or_raise=True)
    try:
        yield store
    finally:
        await store.close()
