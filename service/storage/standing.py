"""How comments stand: what reports, appeals and reviews of their newest revision say. The queue follows from this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import StoredComment
from service.priority import Standing, chance_of, scores_of
from service.review_domain import ReportState, ReviewAction, Role
from service.storage.among import among
from service.storage.articles import Key
from service.storage.reading import read_comments
from service.storage.review_tables import appeals, reports, reviews
from service.storage.tables import comments


@dataclass(slots=True)
class Facts:
    """One comment with what people said about its newest revision, the earliest first."""

    comment: StoredComment
    reviews: list[Row[Any]] = field(default_factory=list)
    reports: dict[str, list[float]] = field(default_factory=dict)
    has_appeal: bool = False

    @property
    def deciding(self) -> Row[Any] | None:
        """The review by which it stands as it does; null where the machine decided."""
        decided = [row for row in self.reviews if row.role == Role.DECIDING and row.action != ReviewAction.ESCALATE]
        return decided[-1] if decided else None

    @property
    def standing(self) -> Standing:
        """What its place in the queue follows from."""
        newest = self.reviews[-1] if self.reviews else None
        decided = self.deciding
        opinions = {row.reviewer for row in self.reviews if row.action != ReviewAction.ESCALATE}
        wants_second = decided is not None and decided.wants_second and len(opinions) == 1
        assessment = self.comment.assessment
        return Standing(
            decision=assessment.decision,
            scores=scores_of(assessment.scores),
            reports=self.reports,
            has_appeal=self.has_appeal,
            escalated_by=newest.reviewer if newest is not None and newest.action == ReviewAction.ESCALATE else None,
            first_opinion_by=decided.reviewer if decided is not None and wants_second else None,
            chance=chance_of(self.comment.site, self.comment.id),
        )


async def read_facts(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, Facts]:
    """For each comment that there is."""
    found = {key: Facts(comment) for key, comment in (await read_comments(connection, keys)).items()}
    for row in await connection.execute(_current(reviews, keys).order_by(reviews.c.number)):
        if row.undone_at is None:
            found[row.site, row.comment_id].reviews.append(row)
    for row in await connection.execute(_current(reports, keys, reports.c.state == ReportState.OPEN.value)):
        found[row.site, row.comment_id].reports.setdefault(row.reason, []).append(row.weight)
    for row in await connection.execute(_current(appeals, keys, appeals.c.review.is_(None))):
        found[row.site, row.comment_id].has_appeal = True
    return found


def _current(table: Table, keys: Sequence[Key], *which: ColumnElement[bool]) -> Any:
    """Its rows about the newest revisions of those comments."""
    of_newest = and_(
        comments.c.site == table.c.site,
        comments.c.id == table.c.comment_id,
        comments.c.revision == table.c.revision,
    )
    return select(table).join(comments, of_newest).where(among(table.c.site, table.c.comment_id, keys), *which)
