"""Statements that read what a comment was before: every text that it had, and what was decided about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import Action, Assessment, Decision, StoredComment
from service.storage.among import among
from service.storage.articles import Key
from service.storage.reading import assessment_of, decision_of
from service.storage.tables import decisions, revisions, scores


@dataclass(frozen=True, slots=True)
class PastRevision:
    """One text that a comment had: what the machine made of it, and what was decided about it last."""

    revision: int
    received_at: datetime
    revised_at: datetime | None
    text_hash: str
    #: Null once it is erased.
    text: str | None
    assessment: Assessment
    action: Action


async def read_past(connection: AsyncConnection, key: Key) -> list[PastRevision]:
    """Every revision, the first one first."""
    texts = await _of(connection, revisions, key, revisions.c.revision)
    made: dict[int, list[Row[Any]]] = {row.revision: [] for row in texts}
    for row in await _of(connection, decisions, key, decisions.c.number):
        made[row.revision].append(row)
    heads = await _of(connection, scores, key, scores.c.revision)
    return [_past(row, made[row.revision], [one for one in heads if one.revision == row.revision]) for row in texts]


async def read_first_decisions(connection: AsyncConnection, wanted: Sequence[StoredComment]) -> dict[Key, Decision]:
    """What was decided first about each one's newest revision: that was the machine."""
    revision_of = {(one.site, one.id): one.revision for one in wanted}
    of_them = among(decisions.c.site, decisions.c.comment_id, revision_of)
    first = select(func.min(decisions.c.number)).where(of_them)
    first = first.group_by(decisions.c.site, decisions.c.comment_id, decisions.c.revision)
    found = await connection.execute(select(decisions).where(decisions.c.number.in_(first)))
    return {
        (row.site, row.comment_id): decision_of(row)
        for row in found
        if row.revision == revision_of[row.site, row.comment_id]
    }


async def _of(connection: AsyncConnection, table: Any, key: Key, order: Any) -> Sequence[Row[Any]]:
    mine = (table.c.site == key[0], table.c.comment_id == key[1])
    return (await connection.execute(select(table).where(*mine).order_by(order))).all()


def _past(row: Row[Any], made: Sequence[Row[Any]], heads: Sequence[Row[Any]]) -> PastRevision:
    """The first decision about a text is the machine's."""
    first = made[0]
    return PastRevision(
        revision=row.revision,
        received_at=row.received_at,
        revised_at=row.revised_at,
        text_hash=row.text_hash,
        text=row.text,
        assessment=assessment_of(row, [one for one in heads if one.bundle == first.bundle], first),
        action=Action(made[-1].action),
    )
