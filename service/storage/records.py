"""Statements about how often reviewers agreed with a reporter, and about setting a reporter's open reports aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.reports import Record
from service.review_domain import ReportState
from service.storage import audit
from service.storage.among import among
from service.storage.articles import Key
from service.storage.queue import refresh
from service.storage.review_tables import reporters, reports, set_asides

ALL: Final = ""
"""Stands for all of a site's reporters together; no reporter has an empty id."""
SET_ASIDE: Final = "set_aside"
UNDO_SET_ASIDE: Final = "undo_set_aside"


@dataclass(frozen=True, slots=True)
class Reporter:
    """A reader who reported something, with what came of it."""

    id: str
    reports: int
    open: int
    agreed: int
    disagreed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a reviewer agreed with a report."""

    site: str
    reporter: str
    reason: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class SetAside:
    """A reporter's open reports are not to count. Its outcome: the number to undo it by and how many; null for none."""

    site: str
    reporter: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UndoSetAside:
    """They count again. Its outcome: how many; null where there is no such setting aside."""

    site: str
    number: int
    by: str
    at: datetime


async def read_records(connection: AsyncConnection, site: str, reporter: str, reason: str) -> tuple[Record, Record]:
    """The reporter's and that of all of the site's."""
    wanted = select(reporters).where(
        reporters.c.site == site, reporters.c.reporter.in_([reporter, ALL]), reporters.c.reason == reason
    )
    found = {row.reporter: Record(row.agreed, row.disagreed) for row in await connection.execute(wanted)}
    return found.get(reporter, Record()), found.get(ALL, Record())


async def add_to_records(connection: AsyncConnection, answers: Iterable[Answer], by: int = 1) -> None:
    """Reports were answered; with ``by`` −1, the answers are taken back."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    for one in answers:
        for who in (one.reporter, ALL):
            counts.setdefault((one.site, who, one.reason), [0, 0])[not one.agreed] += by
    if not counts:
        return
    own = reporters.c
    mine = among(own.site, own.reporter, ((site, who) for site, who, _ in counts))
    found = await connection.execute(select(own.site, own.reporter, own.reason).where(mine))
    known = {tuple(row) for row in found}
    changed = [
        {"key_site": key[0], "key_who": key[1], "key_reason": key[2], "yes": yes, "no": no}
        for key, (yes, no) in counts.items()
        if key in known
    ]
    new = [
        dict(zip(("site", "reporter", "reason", "agreed", "disagreed"), (*key, *count), strict=True))
        for key, count in counts.items()
        if key not in known
    ]
    if changed:
        await connection.execute(_ADD, changed)
    if new:
        await connection.execute(insert(reporters), new)


_ADD: Final = (
    update(reporters)
    .where(reporters.c.site == bindparam("key_site"), reporters.c.reporter == bindparam("key_who"))
    .where(reporters.c.reason == bindparam("key_reason"))
    .values(agreed=reporters.c.agreed + bindparam("yes"), disagreed=reporters.c.disagreed + bindparam("no"))
)


async def read_reporters(
    connection: AsyncConnection, site: str, after: str | None, limit: int, *, only: str | None = None
) -> list[Reporter]:
    """In the order of their ids, from behind ``after`` on; or that one only."""
    is_open = case((reports.c.state == ReportState.OPEN.value, 1), else_=0)
    counted = select(reports.c.reporter, func.count().label("all"), func.sum(is_open).label("open"))
    which = () if after is None else (reports.c.reporter > after,)
    which = which if only is None else (reports.c.reporter == only,)
    mine = counted.where(reports.c.site == site, *which)
    found = (
        await connection.execute(mine.group_by(reports.c.reporter).order_by(reports.c.reporter).limit(limit))
    ).all()
    summed = select(
        reporters.c.reporter, func.sum(reporters.c.agreed).label("yes"), func.sum(reporters.c.disagreed).label("no")
    ).where(reporters.c.site == site, reporters.c.reporter.in_([row.reporter for row in found]))
    known = {row.reporter: row for row in await connection.execute(summed.group_by(reporters.c.reporter))}
    return [
        Reporter(row.reporter, row.all, row.open, *((own.yes, own.no) if (own := known.get(row.reporter)) else (0, 0)))
        for row in found
    ]


async def open_reports_of(connection: AsyncConnection, site: str, reporter: str, limit: int) -> list[Key]:
    """Which comments a reporter's open reports are about, as far as ``limit``: what setting them aside would touch."""
    wanted = select(reports.c.comment_id).where(
        reports.c.site == site, reports.c.reporter == reporter, reports.c.state == ReportState.OPEN.value
    )
    found = await connection.execute(wanted.distinct().order_by(reports.c.comment_id).limit(limit))
    return [(site, comment_id) for comment_id in found.scalars()]


async def set_aside(connection: AsyncConnection, change: SetAside) -> tuple[int, int] | None:
    """As ``SetAside`` says."""
    mine = (reports.c.site == change.site, reports.c.reporter == change.reporter)
    is_open = reports.c.state == ReportState.OPEN.value
    found = (await connection.execute(select(reports.c.number, reports.c.comment_id).where(*mine, is_open))).all()
    if not found:
        return None
    made = {"site": change.site, "reporter": change.reporter, "made_by": change.by, "made_at": change.at}
    number = await _numbered(connection, {**made, "reports": len(found)})
    closed = {"state": ReportState.SET_ASIDE.value, "closed_at": change.at, "set_aside": number}
    await connection.execute(update(reports).where(*mine, is_open).values(closed))
    await _told(connection, change, SET_ASIDE, number, len(found))
    await refresh(connection, [(change.site, row.comment_id) for row in found])
    return number, len(found)


async def undo_set_aside(connection: AsyncConnection, change: UndoSetAside) -> int | None:
    """As ``UndoSetAside`` says. Doing it twice does nothing more."""
    mine = (set_asides.c.site == change.site, set_asides.c.number == change.number)
    row = (await connection.execute(select(set_asides).where(*mine))).first()
    if row is None:
        return None
    if row.undone_at is not None:
        return 0
    await connection.execute(update(set_asides).where(*mine).values(undone_by=change.by, undone_at=change.at))
    which = (reports.c.site == change.site, reports.c.set_aside == change.number)
    found = (await connection.execute(select(reports.c.comment_id).where(*which))).scalars().all()
    opened = {"state": ReportState.OPEN.value, "closed_at": None, "set_aside": None}
    await connection.execute(update(reports).where(*which).values(opened))
    await _told(connection, change, UNDO_SET_ASIDE, change.number, len(found))
    await refresh(connection, [(change.site, comment_id) for comment_id in found])
    return len(found)


async def _numbered(connection: AsyncConnection, row: dict[str, Any]) -> int:
    made = await connection.execute(insert(set_asides).values(row).returning(set_asides.c.number))
    return int(made.scalar_one())


async def _told(
    connection: AsyncConnection, change: SetAside | UndoSetAside, action: audit.Deed, number: int, count: int
) -> None:
    detail = {"set_aside": number, "reports": count}
    await audit.append(connection, [audit.Entry(change.site, change.at, change.by, action, "", detail)])
