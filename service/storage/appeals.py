"""Statements about appeals: an author asks that a person looks at what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import State
from service.review_domain import Against, Appeal, ReviewAction, Role
from service.storage.articles import Key
from service.storage.queue import refresh
from service.storage.review_tables import appeals, reviews
from service.storage.tables import comments


class Appealed(StrEnum):
    """What came of an appeal."""

    NEW = "new"
    #: It is there already, and waits.
    KNOWN = "known"
    #: A person answered the last one that there can be.
    ANSWERED = "answered"
    #: No such comment, or it was erased.
    UNKNOWN = "unknown"
    #: The comment is shown as it is.
    NOTHING_TO_APPEAL = "nothing_to_appeal"


@dataclass(frozen=True, slots=True)
class AddAppeal:
    """An appeal against how a comment stands. Its outcome: ``Appealed``."""

    site: str
    comment_id: str
    note: str | None
    at: datetime

    @property
    def key(self) -> Key:
        return (self.site, self.comment_id)


async def add_appeals(connection: AsyncConnection, changes: Sequence[AddAppeal]) -> list[Appealed]:
    """For each, what came of it."""
    outcomes = [await _added(connection, change) for change in changes]
    new = [change.key for change, outcome in zip(changes, outcomes, strict=True) if outcome is Appealed.NEW]
    if new:
        await refresh(connection, new)
    return outcomes


async def read_appeals(connection: AsyncConnection, key: Key) -> list[Appeal]:
    """A comment's, by revision."""
    own = appeals.c
    wanted = select(own.revision, own.note, own.received_at, own.review)
    mine = wanted.where(own.site == key[0], own.comment_id == key[1])
    return [Appeal(*row) for row in await connection.execute(mine.order_by(own.revision, own.received_at))]


async def _added(connection: AsyncConnection, change: AddAppeal) -> Appealed:
    wanted = select(comments.c.revision, comments.c.state)
    found = await connection.execute(wanted.where(comments.c.site == change.site, comments.c.id == change.comment_id))
    comment = found.first()
    if comment is None or comment.state == State.ERASED:
        return Appealed.UNKNOWN
    against = await _against(connection, change, comment.revision)
    key = {"site": change.site, "comment_id": change.comment_id, "revision": comment.revision, "against": against.value}
    same = (appeals.c[name] == value for name, value in key.items())
    before = (await connection.execute(select(appeals.c.review).where(*same))).first()
    if before is not None and before.review is None:
        return Appealed.KNOWN
    if comment.state == State.ALLOWED:
        return Appealed.NOTHING_TO_APPEAL
    if before is not None:
        return Appealed.ANSWERED
    await connection.execute(insert(appeals), [{**key, "note": change.note, "received_at": change.at}])
    return Appealed.NEW


async def _against(connection: AsyncConnection, change: AddAppeal, revision: int) -> Against:
    """Who decided about the text as it stands."""
    wanted = select(reviews.c.number).where(
        *(reviews.c.site == change.site, reviews.c.comment_id == change.comment_id, reviews.c.revision == revision),
        *(reviews.c.role == Role.DECIDING.value, reviews.c.action != ReviewAction.ESCALATE.value),
        reviews.c.undone_at.is_(None),
    )
    found = (await connection.execute(wanted.limit(1))).first()
    return Against.MACHINE if found is None else Against.PERSON
