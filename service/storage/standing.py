"""How comments stand: what reports, appeals and reviews of their newest revision say. The queue follows from this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import Action, StoredComment
from service.priority import Standing, chance_of, scores_of
from service.review_domain import Cause, ReportState, ReviewAction, Role
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
    #: Reason → the weights of the open reports; and when the first of them came.
    reports: dict[str, list[float]] = field(default_factory=dict)
    reported_at: datetime | None = None
    appealed_at: datetime | None = None

    @property
    def deciding(self) -> Row[Any] | None:
        """The review by which it stands as it does; null where the machine decided."""
        decided = [row for row in self.reviews if row.role == Role.DECIDING and row.action != ReviewAction.ESCALATE]
        return decided[-1] if decided else None

    @property
    def machine_action(self) -> Action:
        """What the machine decided about this text, whatever people made of it since."""
        decided = self.deciding
        return self.comment.assessment.decision.action if decided is None else Action(decided.machine_action)

    @property
    def standing(self) -> Standing:
        """What its place in the queue follows from."""
        decided, passed_on = self.deciding, self._passed_on
        opinions = {row.reviewer for row in self._asked if row.action != ReviewAction.ESCALATE}
        wants_second = decided is not None and decided.wants_second and len(opinions) == 1
        assessment = self.comment.assessment
        return Standing(
            decision=assessment.decision,
            scores=scores_of(assessment.scores),
            reports=self.reports,
            has_appeal=self.appealed_at is not None,
            escalated_by=None if passed_on is None else passed_on.reviewer,
            first_opinion_by=decided.reviewer if decided is not None and wants_second else None,
            chance=chance_of(self.comment.site, self.comment.id),
        )

    def since(self, causes: Iterable[Cause]) -> datetime:
        """From when on it waits for these: what came first counts, but whoever passes it on, or edits it, starts anew.

        It follows from what is known, so that undoing a review gives back the place in the queue.
        """
        passed_on, decided, written = self._passed_on, self.deciding, self.comment.changed_at
        if passed_on is not None:
            began: datetime = passed_on.reviewed_at
            return began
        asked = {Cause.APPEAL: self.appealed_at, Cause.REPORT: self.reported_at}
        first = [asked.get(cause) or written for cause in causes if cause is not Cause.SECOND]
        if not first and decided is not None:
            first = [decided.reviewed_at]
        return max(written, min(first, default=written))

    @property
    def _asked(self) -> list[Row[Any]]:
        """Reviews without those of a golden comment as such, which move nothing."""
        return [row for row in self.reviews if row.role == Role.DECIDING or row.cause is not None]

    @property
    def _passed_on(self) -> Row[Any] | None:
        """The newest review, where it leaves the comment to somebody else."""
        newest = self._asked[-1] if self._asked else None
        return newest if newest is not None and newest.action == ReviewAction.ESCALATE else None


async def read_facts(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, Facts]:
    """For each comment that there is."""
    found = {key: Facts(comment) for key, comment in (await read_comments(connection, keys)).items()}
    for row in await connection.execute(_current(reviews, keys).order_by(reviews.c.number)):
        if row.undone_at is None:
            found[row.site, row.comment_id].reviews.append(row)
    is_open = reports.c.state == ReportState.OPEN.value
    for row in await connection.execute(_current(reports, keys, is_open).order_by(reports.c.received_at)):
        fact = found[row.site, row.comment_id]
        fact.reports.setdefault(row.reason, []).append(row.weight)
        fact.reported_at = fact.reported_at or row.received_at
    for row in await connection.execute(_current(appeals, keys, appeals.c.review.is_(None))):
        found[row.site, row.comment_id].appealed_at = row.received_at
    return found


def _current(table: Table, keys: Sequence[Key], *which: ColumnElement[bool]) -> Any:
    """Its rows about the newest revisions of those comments."""
    of_newest = and_(
        comments.c.site == table.c.site,
        comments.c.id == table.c.comment_id,
        comments.c.revision == table.c.revision,
    )
    return select(table).join(comments, of_newest).where(among(table.c.site, table.c.comment_id, keys), *which)
