"""Statements about who holds what of the queue, and for how long. Nobody else is given what somebody holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.review_domain import Entry
from service.storage.among import among
from service.storage.listing import ORDERS, Filters, Order, matching
from service.storage.queue import entry_of
from service.storage.review_tables import queue


@dataclass(frozen=True, slots=True)
class Claim:
    """Up to ``count`` entries for one reviewer: first those held already, then the next that nobody holds.

    Its outcome: the entries. One asked for by its id comes alone, or nothing does.
    """

    site: str
    reviewer: str
    at: datetime
    until: datetime
    count: int = 1
    comment_id: str | None = None
    filters: Filters = field(default_factory=Filters)
    order: Order = Order.PRIORITY
    #: Ids that are not wanted now.
    but: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Release:
    """Its outcome: whether the reviewer held it."""

    site: str
    reviewer: str
    comment_id: str


async def release(connection: AsyncConnection, change: Release) -> bool:
    """As ``Release`` says."""
    mine = (queue.c.site == change.site, queue.c.comment_id == change.comment_id)
    let_go = update(queue).where(*mine, queue.c.claimed_by == change.reviewer)
    return (await connection.execute(let_go.values(claimed_by=None, claimed_until=None))).rowcount > 0


async def claim(connection: AsyncConnection, change: Claim) -> list[Entry]:
    """As ``Claim`` says."""
    own = (queue.c.claimed_by == change.reviewer) & (queue.c.claimed_until > change.at)
    free = or_(queue.c.claimed_until.is_(None), queue.c.claimed_until <= change.at)
    wanted = [*matching(change.site, change.filters, change.at)]
    if change.but:
        wanted.append(queue.c.comment_id.not_in(sorted(change.but)))
    if change.comment_id is not None:
        wanted = [queue.c.site == change.site, queue.c.comment_id == change.comment_id]
        keys = await _taken(connection, change, (*wanted, or_(own, free)), 1)
    else:
        keys = await _held(connection, change, (*wanted, own))
        for_others = or_(queue.c.not_for.is_(None), queue.c.not_for != change.reviewer)
        if len(keys) < change.count:
            keys += await _taken(connection, change, (*wanted, free, for_others), change.count - len(keys))
    if not keys:
        return []
    mine = among(queue.c.site, queue.c.comment_id, keys)
    held = {"claimed_by": change.reviewer, "claimed_until": change.until}
    await connection.execute(update(queue).where(mine).values(held))
    found = {(row.site, row.comment_id): row for row in await connection.execute(select(queue).where(mine))}
    return [entry_of(found[key]) for key in keys]


async def _held(
    connection: AsyncConnection, change: Claim, which: Sequence[ColumnElement[bool]]
) -> list[tuple[str, str]]:
    """The first of what the reviewer holds. It is little: put in order here, it is found by who holds it."""
    sorting = ORDERS[change.order]
    wanted = select(queue.c.site, queue.c.comment_id, sorting.column.label("place")).where(*which)
    found = (await connection.execute(wanted)).all()
    in_order = sorted(found, key=lambda row: (row.place, row.comment_id), reverse=sorting.descending)
    return [(row.site, row.comment_id) for row in in_order[: change.count]]


async def _taken(
    connection: AsyncConnection, change: Claim, which: Sequence[ColumnElement[bool]], count: int
) -> list[tuple[str, str]]:
    """The first of them in order."""
    wanted = select(queue.c.site, queue.c.comment_id).where(*which).order_by(*ORDERS[change.order].by)
    found = await connection.execute(wanted.limit(count))
    return [(row.site, row.comment_id) for row in found]
