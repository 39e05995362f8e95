"""Statements about what the machine decided, the newest first, with what people made of it: for trying a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, null, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from models.scores import CommentScores, HeadScore, Severity, Why
from service.domain import ARTICLE_UNKNOWN, Decision
from service.review_domain import ReviewAction, Role
from service.storage.reading import decision_of
from service.storage.review_tables import reviews
from service.storage.tables import Moment, comments, decisions, revisions, scores

Place = tuple[datetime, int]
"""Where a decision stands in time: when it was made, and its number."""
Judgement = tuple[ReviewAction, Mapping[str, int]]
"""What a person decided, and the labels they gave."""

_OWN: Final = and_(
    revisions.c.site == decisions.c.site,
    revisions.c.comment_id == decisions.c.comment_id,
    revisions.c.revision == decisions.c.revision,
)
BY_MACHINE: Final = and_(_OWN, revisions.c.received_at == decisions.c.decided_at)
"""Joins a revision with what the machine decided about it: that was stored with it, at the same moment."""
_NEWEST: Final = and_(
    comments.c.site == decisions.c.site,
    comments.c.id == decisions.c.comment_id,
    comments.c.revision == decisions.c.revision,
    comments.c.erased_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Past:
    """The newest text of a comment, as the machine saw it."""

    comment_id: str
    place: Place
    author_id: str | None
    #: Null where it was not asked for.
    text: str | None
    scores: CommentScores
    decision: Decision
    #: The standing review of that text.
    judged: Judgement | None


async def read_past_decisions(
    connection: AsyncConnection, site: str, since: datetime | None, before: Place | None, limit: int, *, texts: bool
) -> list[Past]:
    """A page of a site's comments that are not erased, the newest text first, from behind ``before`` on."""
    wanted = select(decisions, comments.c.author_id, revisions.c.text if texts else null().label("text"))
    wanted = wanted.join(comments, _NEWEST).join(revisions, BY_MACHINE).where(decisions.c.site == site)
    if since is not None:
        wanted = wanted.where(decisions.c.decided_at >= since)
    if before is not None:
        here = tuple_(decisions.c.decided_at, decisions.c.number)
        wanted = wanted.where(here < tuple_(*before, types=(Moment, decisions.c.number.type)))
    order = (decisions.c.decided_at.desc(), decisions.c.number.desc())
    found = (await connection.execute(wanted.order_by(*order).limit(limit))).all()
    heads = await _heads(connection, site, found)
    judged = await _judged(connection, site, found)
    return [_past(row, heads.get(row.comment_id, {}), judged.get(row.comment_id)) for row in found]


def _past(row: Row[Any], heads: Mapping[str, HeadScore], judged: Judgement | None) -> Past:
    return Past(
        row.comment_id,
        (row.decided_at, row.number),
        row.author_id,
        row.text,
        CommentScores(heads),
        decision_of(row),
        judged,
    )


async def _heads(connection: AsyncConnection, site: str, found: Sequence[Row[Any]]) -> dict[str, dict[str, HeadScore]]:
    """The scores behind each one's decision, without spans."""
    columns = (scores.c.comment_id, scores.c.revision, scores.c.bundle, scores.c.head)
    wanted = select(*columns, scores.c.score, scores.c.why, scores.c.severity).where(
        # By one column: SQLite reads the whole table for a list of several.
        scores.c.site == site,
        scores.c.comment_id.in_([row.comment_id for row in found]),
    )
    behind = {(row.comment_id, row.revision, row.bundle) for row in found}
    heads: dict[str, dict[str, HeadScore]] = {}
    for row in await connection.execute(wanted):
        if row.why != ARTICLE_UNKNOWN and (row.comment_id, row.revision, row.bundle) in behind:
            answer = HeadScore(row.score, row.why and Why(row.why), None, None, row.severity and Severity(row.severity))
            heads.setdefault(row.comment_id, {})[row.head] = answer
    return heads


async def _judged(connection: AsyncConnection, site: str, found: Sequence[Row[Any]]) -> dict[str, Judgement]:
    """The standing review of each text that has one."""
    columns = (reviews.c.comment_id, reviews.c.revision, reviews.c.action, reviews.c.labels)
    mine = (reviews.c.site == site, reviews.c.comment_id.in_([row.comment_id for row in found]))
    revision_of = {row.comment_id: row.revision for row in found}
    rows = await connection.execute(select(*columns).where(*mine, *standing()).order_by(reviews.c.number))
    return {
        row.comment_id: (ReviewAction(row.action), row.labels)
        for row in rows
        if row.revision == revision_of[row.comment_id]
    }


def standing() -> tuple[Any, ...]:
    """What a review is like by which a comment stands: it decided, and was not undone."""
    decided = (reviews.c.role == Role.DECIDING.value, reviews.c.action != ReviewAction.ESCALATE.value)
    return (*decided, reviews.c.undone_at.is_(None))
