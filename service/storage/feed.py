"""The feed: a site's decisions and erasures, for whoever pulls; read on from a place, nothing is missed.

Erasures are read from the audit, which has them all, numbered in the order in which they come to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.decisions import MadeDecision, read_decisions
from service.storage.erasure import Erasure, read_erasures

Told = MadeDecision | Erasure


class Place(NamedTuple):
    """How far somebody has read: the number of the last decision, and of the audit's row of the last erasure."""

    decision: int
    erasure: int


START: Final = Place(0, 0)


async def read_feed(connection: AsyncConnection, site: str, after: Place, most: int) -> tuple[Sequence[Told], Place]:
    """What happened behind that place, as it followed each other in time, and where to go on.

    Each kind comes in the order of its numbers, whatever the clocks of replicas say.
    """
    decided: Sequence[Told] = await read_decisions(connection, site, after.decision, most)
    erased: Sequence[Told] = await read_erasures(connection, site, after.erasure, most)
    page = list(islice(merge(decided, erased, key=_moment), most))
    for one in page:
        after = after._replace(**{"decision" if isinstance(one, MadeDecision) else "erasure": one.number})
    return page, after


def _moment(one: Told) -> datetime:
    return one.decided_at if isinstance(one, MadeDecision) else one.erased_at
