"""Statements about golden comments: hand-picked, their right answer known, shown among others now and then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.review_domain import ReviewAction
from service.storage import audit
from service.storage.among import among
from service.storage.articles import Key
from service.storage.review_tables import golden, queue, reviews
from service.storage.tables import comments

MAKE_GOLDEN: Final = "make_golden"
DROP_GOLDEN: Final = "drop_golden"


@dataclass(frozen=True, slots=True)
class MakeGolden:
    """That is the right answer about this text. Its outcome: whether there is such a text."""

    site: str
    comment_id: str
    revision: int
    action: ReviewAction
    labels: Mapping[str, int]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DropGolden:
    """Its outcome: whether it was one."""

    site: str
    comment_id: str
    by: str
    at: datetime


async def make_golden(connection: AsyncConnection, change: MakeGolden) -> bool:
    """As ``MakeGolden`` says."""
    mine = (comments.c.site == change.site, comments.c.id == change.comment_id)
    is_there = (comments.c.revision == change.revision, comments.c.erased_at.is_(None))
    if (await connection.execute(select(comments.c.id).where(*mine, *is_there))).first() is None:
        return False
    own = (golden.c.site == change.site, golden.c.comment_id == change.comment_id)
    await connection.execute(delete(golden).where(*own))
    answer = {"revision": change.revision, "action": change.action.value, "labels": dict(change.labels)}
    made = {"site": change.site, "comment_id": change.comment_id, "made_by": change.by, "made_at": change.at}
    await connection.execute(insert(golden), [{**made, **answer}])
    entry = audit.Entry(change.site, change.at, change.by, MAKE_GOLDEN, change.comment_id, answer)
    await audit.append(connection, [entry])
    return True


async def drop_golden(connection: AsyncConnection, change: DropGolden) -> bool:
    """As ``DropGolden`` says."""
    mine = (golden.c.site == change.site, golden.c.comment_id == change.comment_id)
    if not (await connection.execute(delete(golden).where(*mine))).rowcount:
        return False
    entry = audit.Entry(change.site, change.at, change.by, DROP_GOLDEN, change.comment_id, {})
    await audit.append(connection, [entry])
    return True


async def next_golden(connection: AsyncConnection, site: str, reviewer: str) -> Key | None:
    """One that the reviewer has said nothing about yet, the oldest first."""
    wanted = select(golden.c.site, golden.c.comment_id).join(comments, _IS_CURRENT).where(*_left(site, reviewer))
    found = (await connection.execute(wanted.order_by(golden.c.made_at, golden.c.comment_id).limit(1))).first()
    return None if found is None else (found.site, found.comment_id)


async def count_golden(connection: AsyncConnection, site: str, reviewer: str) -> int:
    """How many of them there are."""
    wanted = select(func.count()).select_from(golden).join(comments, _IS_CURRENT).where(*_left(site, reviewer))
    return (await connection.execute(wanted)).scalar_one()


_IS_CURRENT: Final = (
    (comments.c.site == golden.c.site)
    & (comments.c.id == golden.c.comment_id)
    & (comments.c.revision == golden.c.revision)
)


def _left(site: str, reviewer: str) -> tuple[ColumnElement[bool], ...]:
    """Of that site's, neither judged by the reviewer nor waiting like any other, where it is decided about."""
    said = exists().where(
        *(reviews.c.site == golden.c.site, reviews.c.comment_id == golden.c.comment_id),
        *(reviews.c.revision == golden.c.revision, reviews.c.reviewer == reviewer, reviews.c.undone_at.is_(None)),
    )
    waits = exists().where(queue.c.site == golden.c.site, queue.c.comment_id == golden.c.comment_id)
    return (golden.c.site == site, ~said, ~waits)


async def read_golden(connection: AsyncConnection, site: str, comment_id: str) -> tuple[int, ReviewAction] | None:
    """The revision that it is golden in, and the right action; null where it is not."""
    mine = (golden.c.site == site, golden.c.comment_id == comment_id)
    row = (await connection.execute(select(golden.c.revision, golden.c.action).where(*mine))).first()
    return None if row is None else (row.revision, ReviewAction(row.action))


async def golden_among(connection: AsyncConnection, texts: Sequence[tuple[str, str, int]]) -> set[tuple[str, str, int]]:
    """Those of the texts (site, comment, revision) that are golden."""
    columns = (golden.c.site, golden.c.comment_id, golden.c.revision)
    mine = among(golden.c.site, golden.c.comment_id, [(site, name) for site, name, _ in texts])
    return set(texts) & {tuple(row) for row in await connection.execute(select(*columns).where(mine))}


async def count_reviews_by(connection: AsyncConnection, site: str, reviewer: str) -> int:
    """How many reviews that reviewer has made."""
    mine = (reviews.c.site == site, reviews.c.reviewer == reviewer)
    return (await connection.execute(select(func.count()).select_from(reviews).where(*mine))).scalar_one()
