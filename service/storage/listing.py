"""Statements that list the queue: filtered, in an order, a page at a time, and how much there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, String, UnaryExpression, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import Action
from service.review_domain import Cause, Entry
from service.storage.queue import entry_of
from service.storage.review_tables import queue
from service.storage.tables import Moment

COUNTED: Final = 1_000
"""Up to so many are counted; beyond, it is enough to know that there are more."""


class Order(StrEnum):
    """What comes first."""

    PRIORITY = "priority"
    OLDEST = "oldest"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are wanted; null for any. Ages are since they began to wait."""

    head: str | None = None
    cause: Cause | None = None
    action: Action | None = None
    min_score: float | None = None
    max_score: float | None = None
    min_age: timedelta | None = None
    max_age: timedelta | None = None
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True)
class _Sorting:
    column: ColumnElement[Any]
    kind: Any
    descending: bool

    @property
    def by(self) -> tuple[UnaryExpression[Any], UnaryExpression[Any]]:
        columns = (self.column, queue.c.comment_id)
        first, second = ((one.desc() if self.descending else one.asc()) for one in columns)
        return first, second

    def behind(self, place: tuple[Any, str]) -> ColumnElement[bool]:
        at = tuple_(*place, types=(self.kind, String))
        here = tuple_(self.column, queue.c.comment_id)
        return here < at if self.descending else here > at


ORDERS: Final[Mapping[Order, _Sorting]] = {
    Order.PRIORITY: _Sorting(queue.c.priority, Float, descending=True),
    Order.OLDEST: _Sorting(queue.c.entered_at, Moment, descending=False),
    Order.UNCERTAIN: _Sorting(queue.c.uncertainty, Float, descending=True),
}


def place_of(entry: Entry, order: Order) -> tuple[float | datetime, str]:
    """Where it stands in that order, to go on behind it."""
    first: Mapping[Order, float | datetime] = {
        Order.PRIORITY: entry.placement.priority,
        Order.OLDEST: entry.entered_at,
        Order.UNCERTAIN: entry.placement.uncertainty,
    }
    return first[order], entry.comment_id


def matching(site: str, filters: Filters, now: datetime) -> Sequence[ColumnElement[bool]]:
    """What an entry of that site has to be like."""
    given: tuple[tuple[Any, Callable[[Any], ColumnElement[bool]]], ...] = (
        (filters.head, lambda value: queue.c.head == value),
        (filters.cause, lambda value: queue.c.cause == value.value),
        (filters.action, lambda value: queue.c.action == value.value),
        (filters.min_score, lambda value: queue.c.score >= value),
        (filters.max_score, lambda value: queue.c.score <= value),
        (filters.min_age, lambda value: queue.c.entered_at <= now - value),
        (filters.max_age, lambda value: queue.c.entered_at >= now - value),
        (filters.claimed_by, lambda value: queue.c.claimed_by == value),
    )
    return (queue.c.site == site, *(condition(value) for value, condition in given if value is not None))


async def read_queue(
    connection: AsyncConnection,
    site: str,
    filters: Filters,
    order: Order,
    after: tuple[Any, str] | None,
    limit: int,
    now: datetime,
) -> list[Entry]:
    """A page in that order, from behind ``after`` on."""
    sorting = ORDERS[order]
    wanted = select(queue).where(*matching(site, filters, now))
    if after is not None:
        wanted = wanted.where(sorting.behind(after))
    found = await connection.execute(wanted.order_by(*sorting.by).limit(limit))
    return [entry_of(row) for row in found]


async def count_queue(connection: AsyncConnection, site: str, filters: Filters, now: datetime) -> int:
    """How many there are, exactly up to ``COUNTED``; one more stands for more than that."""
    found = select(queue.c.comment_id).where(*matching(site, filters, now)).limit(COUNTED + 1).subquery()
    return (await connection.execute(select(func.count()).select_from(found))).scalar_one()
