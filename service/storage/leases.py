"""Leases: what only one process may do at a time. Who holds one and goes away is followed once it has run out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.webhook_tables import leases


@dataclass(frozen=True, slots=True)
class HoldLease:
    """Take it, keep it, or (``until`` is ``now``) let go of it. Its outcome: whether it is the holder's until then."""

    name: str
    holder: str
    now: datetime
    until: datetime


async def hold_leases(connection: AsyncConnection, changes: Sequence[HoldLease]) -> list[bool]:
    """For each, whether it is its holder's. Who comes second with a new one meets the key of the one that is there."""
    return [await _hold(connection, change) for change in changes]


async def _hold(connection: AsyncConnection, change: HoldLease) -> bool:
    values = {"holder": change.holder, "until": change.until}
    is_free = or_(leases.c.holder == change.holder, leases.c.until <= change.now)
    taken = await connection.execute(update(leases).where(leases.c.name == change.name, is_free).values(values))
    if taken.rowcount == 1:
        return True
    if (await connection.execute(select(leases.c.name).where(leases.c.name == change.name))).first() is not None:
        return False
    await connection.execute(insert(leases), [{"name": change.name, **values}])
    return True
