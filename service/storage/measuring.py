"""Statements behind the numbers: volumes, the queue's age, and what people said of which comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, and_, func, literal_column, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import Action
from service.review_domain import ACTION_AFTER, Cause, ReviewAction, Role
from service.storage.past_decisions import BY_MACHINE
from service.storage.review_tables import golden, queue, reviews
from service.storage.tables import decisions, revisions

_DAY: Final = 24 * 60 * 60 * 1_000_000
_FIRST_DAY: Final = date(1970, 1, 1)

Daily = Mapping[tuple[date, Action], int]
"""Day (UTC) and action → how many."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one cause."""

    cause: Cause
    count: int
    median_since: datetime
    oldest_since: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """What the store counts by itself."""

    machine: Daily
    people: Daily
    waiting: Sequence[Waiting]


@dataclass(frozen=True, slots=True)
class Opinions:
    """Reviews that were not undone, the newest first, each with what the machine had decided; and pairs of them.

    Of a row: all of the review; ``received_at``, when its text came; ``machine_reasons``, why the machine decided so.
    Of a pair: ``first_action``, ``first_labels``, ``second_action``, ``second_labels``. Of a golden row: ``reviewer``,
    ``action``, ``labels``, ``right_action``, ``right_labels``.
    """

    reviews: Sequence[Any]
    pairs: Sequence[Any]
    golden: Sequence[Any]


async def read_counts(connection: AsyncConnection, site: str, since: datetime, until: datetime) -> Counts:
    """From ``since`` on and before ``until``; the queue as it is now."""
    within = (decisions.c.site == site, *_within(decisions.c.decided_at, since, until))
    everything = await _daily(connection, decisions.c.decided_at, decisions.c.action, within)
    standing, others = await _by_people(connection, site, since, until)
    machine = {
        (day, Action(name)): count - others.get((day, Action(name)), 0) for (day, name), count in everything.items()
    }
    return Counts({key: count for key, count in machine.items() if count}, standing, await _waiting(connection, site))


async def read_opinions(
    connection: AsyncConnection, site: str, since: datetime, until: datetime, most: int
) -> Opinions:
    """Of the reviews made from ``since`` on and before ``until``."""
    inside = (reviews.c.site == site, reviews.c.reviewed_at >= since, reviews.c.reviewed_at < until)
    mine = (*inside, reviews.c.undone_at.is_(None))
    columns = (reviews, revisions.c.received_at, decisions.c.reasons.label("machine_reasons"))
    wanted = select(*columns).join(revisions, _TEXT).join(decisions, BY_MACHINE).where(*mine)
    found = await connection.execute(wanted.order_by(reviews.c.reviewed_at.desc(), reviews.c.number.desc()).limit(most))
    return Opinions(found.all(), await _pairs(connection, mine), await _golden(connection, mine))


_TEXT: Final = and_(
    revisions.c.site == reviews.c.site,
    revisions.c.comment_id == reviews.c.comment_id,
    revisions.c.revision == reviews.c.revision,
)


async def _pairs(connection: AsyncConnection, mine: Sequence[Any]) -> Sequence[Any]:
    first = reviews.alias()
    same = and_(
        first.c.site == reviews.c.site,
        first.c.comment_id == reviews.c.comment_id,
        first.c.revision == reviews.c.revision,
        first.c.role == Role.DECIDING.value,
        first.c.action != ReviewAction.ESCALATE.value,
        first.c.undone_at.is_(None),
        first.c.wants_second,
    )
    columns = (
        first.c.action.label("first_action"),
        first.c.labels.label("first_labels"),
        reviews.c.action.label("second_action"),
        reviews.c.labels.label("second_labels"),
    )
    is_second = (reviews.c.cause == Cause.SECOND.value, reviews.c.action != ReviewAction.ESCALATE.value)
    found = await connection.execute(select(*columns).join(first, same).where(*mine, *is_second))
    return found.all()


async def _golden(connection: AsyncConnection, mine: Sequence[Any]) -> Sequence[Any]:
    same = and_(
        golden.c.site == reviews.c.site,
        golden.c.comment_id == reviews.c.comment_id,
        golden.c.revision == reviews.c.revision,
    )
    columns = (
        reviews.c.reviewer,
        reviews.c.action,
        reviews.c.labels,
        golden.c.action.label("right_action"),
        golden.c.labels.label("right_labels"),
    )
    is_answer = reviews.c.action != ReviewAction.ESCALATE.value
    checking = (reviews.c.role == Role.CHECKING.value, reviews.c.cause.is_(None), is_answer)
    return (await connection.execute(select(*columns).join(golden, same).where(*mine, *checking))).all()


async def _by_people(
    connection: AsyncConnection, site: str, since: datetime, until: datetime
) -> tuple[dict[tuple[date, Action], int], dict[tuple[date, Action], int]]:
    """Decisions of people that stand; and all rows of decisions that are none of the machine's: those of people,
    undone ones too, and those that an undoing put back."""
    decided = (reviews.c.role == Role.DECIDING.value, reviews.c.action != ReviewAction.ESCALATE.value)
    made = (*_within(reviews.c.reviewed_at, since, until), reviews.c.site == site, *decided)
    own = await _daily(connection, reviews.c.reviewed_at, reviews.c.action, made)
    standing = await _daily(connection, reviews.c.reviewed_at, reviews.c.action, (*made, reviews.c.undone_at.is_(None)))
    undone = (*_within(reviews.c.undone_at, since, until), reviews.c.site == site, *decided)
    day = _day(reviews.c.undone_at)
    put_back = select(day, decisions.c.action, func.count()).join(decisions, decisions.c.number == reviews.c.replaced)
    rest = {(day, ACTION_AFTER[ReviewAction(action)]): count for (day, action), count in own.items()}
    for number, action, count in await connection.execute(put_back.where(*undone).group_by(day, decisions.c.action)):
        key = (_date(number), Action(action))
        rest[key] = rest.get(key, 0) + count
    return {(day, ACTION_AFTER[ReviewAction(action)]): count for (day, action), count in standing.items()}, rest


async def _waiting(connection: AsyncConnection, site: str) -> list[Waiting]:
    counted = select(queue.c.cause, func.count(), func.min(queue.c.entered_at)).where(queue.c.site == site)
    found = (await connection.execute(counted.group_by(queue.c.cause))).all()
    waiting = {}
    for cause, count, oldest in found:
        mine = select(queue.c.entered_at).where(queue.c.site == site, queue.c.cause == cause)
        middle = mine.order_by(queue.c.entered_at).offset((count - 1) // 2).limit(1)
        waiting[cause] = Waiting(Cause(cause), count, (await connection.execute(middle)).scalar_one(), oldest)
    return [waiting[cause.value] for cause in Cause if cause.value in waiting]


async def _daily(
    connection: AsyncConnection, at: Any, action: Any, which: Sequence[Any]
) -> dict[tuple[date, Any], int]:
    day = _day(at)
    found = await connection.execute(select(day, action, func.count()).where(*which).group_by(day, action))
    return {(_date(number), name): count for number, name, count in found}


def _within(at: Any, since: datetime, until: datetime) -> Sequence[Any]:
    return (at >= since, at < until)


def _day(at: Any) -> Any:
    # Written out: PostgreSQL takes two parameters of the same value for two expressions.
    return type_coerce(at, BigInteger) // literal_column(str(_DAY))


def _date(number: int) -> date:
    return _FIRST_DAY + timedelta(days=int(number))
