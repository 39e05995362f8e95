"""Statements about the decisions that restricted a comment, by machine or person: what statements of reasons are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import Action, Decision
from service.review_domain import Cause, Role
from service.storage.past_decisions import Place
from service.storage.reading import decision_of
from service.storage.review_tables import reviews
from service.storage.tables import Moment, comments, decisions, revisions


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The review by which a person decided."""

    cause: Cause | None
    labels: Mapping[str, int]
    machine_action: Action


@dataclass(frozen=True, slots=True)
class Restriction:
    """A decision that labelled, held or rejected a comment. Nothing of its text, and nothing of its author."""

    site: str
    number: int
    decision: Decision
    bundle: str
    decided_at: datetime
    #: When the comment was written, as the site says, or else came.
    written_at: datetime
    language: str
    #: Null where the machine decided.
    review: Reviewed | None

    @property
    def place(self) -> Place:
        """To go on behind it."""
        return self.decided_at, self.number


async def read_restrictions(
    connection: AsyncConnection,
    site: str,
    since: datetime | None,
    until: datetime | None,
    after: Place | None,
    limit: int,
) -> list[Restriction]:
    """A page, the oldest first, from behind ``after`` on."""
    wanted = (
        select(
            *(decisions, comments.c.created_at, comments.c.received_at, revisions.c.language, revisions.c.lang),
            *(reviews.c.cause, reviews.c.labels, reviews.c.machine_action),
        )
        .join(comments, _COMMENT)
        .join(revisions, _TEXT)
        .outerjoin(reviews, _REVIEW)
        .where(decisions.c.site == site, decisions.c.action != Action.ALLOW.value)
    )
    if since is not None:
        wanted = wanted.where(decisions.c.decided_at >= since)
    if until is not None:
        wanted = wanted.where(decisions.c.decided_at < until)
    if after is not None:
        here = tuple_(decisions.c.decided_at, decisions.c.number)
        wanted = wanted.where(here > tuple_(*after, types=(Moment, decisions.c.number.type)))
    found = await connection.execute(wanted.order_by(decisions.c.decided_at, decisions.c.number).limit(limit))
    return [_restriction(row) for row in found]


_COMMENT = and_(comments.c.site == decisions.c.site, comments.c.id == decisions.c.comment_id)
_TEXT = and_(
    revisions.c.site == decisions.c.site,
    revisions.c.comment_id == decisions.c.comment_id,
    revisions.c.revision == decisions.c.revision,
)
#: A person's decision is made with the review, at the same moment.
_REVIEW = and_(
    reviews.c.site == decisions.c.site,
    reviews.c.comment_id == decisions.c.comment_id,
    reviews.c.revision == decisions.c.revision,
    reviews.c.reviewed_at == decisions.c.decided_at,
    reviews.c.role == Role.DECIDING.value,
)


def _restriction(row: Row[Any]) -> Restriction:
    review = None
    if row.machine_action is not None:
        review = Reviewed(row.cause and Cause(row.cause), row.labels, Action(row.machine_action))
    written = row.created_at or row.received_at
    language = row.lang or row.language
    return Restriction(row.site, row.number, decision_of(row), row.bundle, row.decided_at, written, language, review)
