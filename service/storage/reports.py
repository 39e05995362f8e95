"""Statements about readers' reports: taken in, closed by a review, opened again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.reports import weight
from service.review_domain import OTHER, Opinion, Report, ReportState, Review, ReviewAction, Role
from service.storage.among import among
from service.storage.articles import Key
from service.storage.queue import refresh
from service.storage.records import Answer, add_to_records, read_records
from service.storage.review_tables import reports, reviews
from service.storage.tables import comments

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AddReport:
    """A reader's report of a comment as it stands now. Its outcome: ``Reported``; null for no such comment."""

    site: str
    comment_id: str
    reporter: str
    reason: str
    note: str | None
    at: datetime

    @property
    def key(self) -> Key:
        return (self.site, self.comment_id)


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of a report: one that was there already is not taken in twice."""

    report: Report
    is_new: bool


async def add_reports(connection: AsyncConnection, changes: Sequence[AddReport]) -> list[Reported | None]:
    """For each, what came of it."""
    outcomes = [await _added(connection, change) for change in changes]
    heard = {c.key for c, outcome in zip(changes, outcomes, strict=True) if outcome is not None and outcome.is_new}
    if heard:
        await refresh(connection, heard)
    return outcomes


async def read_reports(connection: AsyncConnection, key: Key) -> list[Report]:
    """All of a comment's, the first one first."""
    wanted = select(reports).where(reports.c.site == key[0], reports.c.comment_id == key[1])
    return [report_of(row) for row in await connection.execute(wanted.order_by(reports.c.number))]


async def close_reports(connection: AsyncConnection, made: Iterable[Review]) -> None:
    """Each review answers its comment's open reports. The records of those who reported the very text that it is about
    grow by that: of a text that came later it says nothing."""
    by = {(one.opinion.site, one.opinion.comment_id): one for one in made}
    is_open = reports.c.state == ReportState.OPEN.value
    wanted = select(reports).where(among(reports.c.site, reports.c.comment_id, by), is_open)
    found = (await connection.execute(wanted)).all()
    if not found:
        return
    closed, answers = [], []
    for row in found:
        review = by[row.site, row.comment_id]
        state = _state_after(review.opinion, row.reason)
        of = {"key": row.number, "closed": state.value}
        closed.append({**of, "by": review.number, "at": review.reviewed_at})
        answers += _answers(row, state)
    await connection.execute(_CLOSE, closed)
    await add_to_records(connection, answers)


async def reopen_reports(connection: AsyncConnection, undone: Iterable[Review]) -> None:
    """Those reviews do not count any more: as if they had never answered them."""
    by = {(one.opinion.site, one.opinion.comment_id): one.number for one in undone}
    mine = (among(reports.c.site, reports.c.comment_id, by), reports.c.review.in_(by.values()))
    closed = (await connection.execute(select(reports).where(*mine))).all()
    if not closed:
        return
    await add_to_records(connection, [one for row in closed for one in _answers(row, ReportState(row.state))], by=-1)
    opened = update(reports).where(*mine)
    await connection.execute(opened.values(state=ReportState.OPEN.value, closed_at=None, review=None))


def _answers(row: Row[Any], state: ReportState) -> list[Answer]:
    """What a review of its newest text says of the one who reported; nothing where that was of a text before it."""
    if row.reported_revision != row.revision:
        return []
    return [Answer(row.site, row.reporter, row.reason, state is ReportState.UPHELD)]


async def carry_reports(connection: AsyncConnection, edited: Iterable[tuple[Key, int]]) -> None:
    """Their texts changed: what was reported before may be so still, and what was dismissed may be so now."""
    for key, revision in edited:
        await connection.execute(update(reports).where(*_of(*key)).values(revision=revision))
        heard = update(reports).where(*_of(*key), reports.c.state != ReportState.SET_ASIDE.value)
        await connection.execute(heard.values(state=ReportState.OPEN.value, closed_at=None, review=None))


def report_of(row: Row[Any]) -> Report:
    """As it was kept."""
    return Report(
        site=row.site,
        comment_id=row.comment_id,
        revision=row.revision,
        reporter=row.reporter,
        reason=row.reason,
        note=row.note,
        weight=row.weight,
        state=ReportState(row.state),
        received_at=row.received_at,
    )


_CLOSE: Final = (
    update(reports)
    .where(reports.c.number == bindparam("key"))
    .values(state=bindparam("closed"), review=bindparam("by"), closed_at=bindparam("at"))
)


def _of(site: str, comment_id: str) -> tuple[ColumnElement[bool], ...]:
    return (reports.c.site == site, reports.c.comment_id == comment_id)


async def _added(connection: AsyncConnection, change: AddReport) -> Reported | None:
    wanted = select(comments.c.revision).where(
        comments.c.site == change.site, comments.c.id == change.comment_id, comments.c.erased_at.is_(None)
    )
    revision = (await connection.execute(wanted)).scalar()
    if revision is None:
        return None
    same = (
        *(*_of(*change.key), reports.c.revision == revision),
        *(reports.c.reporter == change.reporter, reports.c.reason == change.reason),
    )
    before = (await connection.execute(select(reports).where(*same))).first()
    if before is not None and before.reported_revision == revision:
        return Reported(report_of(before), is_new=False)
    closed = await _is_answered(connection, change, revision)
    report = Report(
        site=change.site,
        comment_id=change.comment_id,
        revision=revision,
        reporter=change.reporter,
        reason=change.reason,
        note=change.note,
        weight=await _weight(connection, change),
        state=ReportState.DISMISSED if closed else ReportState.OPEN,
        received_at=change.at,
    )
    if before is not None:
        # Of a text before this one, carried on: they looked again, so this report takes its place.
        await connection.execute(delete(reports).where(reports.c.number == before.number))
    await connection.execute(insert(reports), [_row(report)])
    return Reported(report, is_new=True)


async def _weight(connection: AsyncConnection, change: AddReport) -> float:
    own, site = await read_records(connection, change.site, change.reporter, change.reason)
    hour = (*_of(*change.key), reports.c.reason == change.reason, reports.c.received_at > change.at - _HOUR)
    mine = (reports.c.site == change.site, reports.c.reporter == change.reporter)
    day = (*mine, reports.c.received_at > change.at - _DAY)
    return weight(own, site, in_the_hour=await _count(connection, hour), of_reporter=await _count(connection, day))


async def _count(connection: AsyncConnection, which: Iterable[ColumnElement[bool]]) -> int:
    return (await connection.execute(select(func.count()).select_from(reports).where(*which))).scalar_one()


async def _is_answered(connection: AsyncConnection, change: AddReport, revision: int) -> bool:
    """Whether the review by which this text stands looked at that reason, and found nothing."""
    wanted = select(reviews.c.labels).where(
        *(reviews.c.site == change.site, reviews.c.comment_id == change.comment_id, reviews.c.revision == revision),
        *(reviews.c.role == Role.DECIDING.value, reviews.c.action != ReviewAction.ESCALATE.value),
        reviews.c.undone_at.is_(None),
    )
    labels = (await connection.execute(wanted.order_by(reviews.c.number.desc()).limit(1))).scalar()
    if labels is None:
        return False
    dismissed = (
        *(*_of(*change.key), reports.c.revision == revision),
        *(reports.c.reason == change.reason, reports.c.state == ReportState.DISMISSED.value),
    )
    return labels.get(change.reason) == 0 or await _count(connection, dismissed) > 0


def _row(report: Report) -> dict[str, Any]:
    return {
        "site": report.site,
        "comment_id": report.comment_id,
        "revision": report.revision,
        "reported_revision": report.revision,
        "reporter": report.reporter,
        "reason": report.reason,
        "note": report.note,
        "weight": report.weight,
        "state": report.state.value,
        "received_at": report.received_at,
    }


def _state_after(opinion: Opinion, reason: str) -> ReportState:
    """A reason that was not answered is judged by what was done."""
    label = None if reason == OTHER else opinion.labels.get(reason)
    agrees = opinion.action is not ReviewAction.APPROVE if label is None else bool(label)
    return ReportState.UPHELD if agrees else ReportState.DISMISSED
