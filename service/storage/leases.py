"""Leases: what only one process may do at a time. Who holds one and goes away is followed once it has run out."""

from __future__ import annotations

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


async def hold_lease(connection: AsyncConnection, change: HoldLease) -> bool:
    """As ``HoldLease`` says."""
    values = {"holder": change.holder, "until": change.until}
    is_free = or_(leases.c.holder == change.holder, leases.c.until <= change.now)
    taken = await connection.execute(update(leases).where(leases.c.name == change.name, is_free).values(values))
    if taken.rowcount == 1:
        return True
    if (await connection.execute(select(leases.c.name).where(leases.c.name == change.name))).first() is not None:
        return False
    await connection.execute(insert(leases), [{"name": change.name, **values}])
    return True
