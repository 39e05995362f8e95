"""Statements that find the readers who report most, or are agreed with least."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.review_tables import reporters, reports


class Ranking(StrEnum):
    """Who comes first: whoever sent the most reports, or was most often not agreed with."""

    REPORTS = "reports"
    DISAGREED = "disagreed"


async def read_ranked(connection: AsyncConnection, site: str, ranking: Ranking, limit: int) -> list[str]:
    """Their ids, as far as ``limit``. Whoever was never disagreed with has no place among those who were."""
    if ranking is Ranking.REPORTS:
        # The index by reporter has all of it.
        counted = select(reports.c.reporter, func.count().label("much")).where(reports.c.site == site)
        ranked = counted.group_by(reports.c.reporter)
    else:
        much = func.sum(reporters.c.disagreed).label("much")
        mine = (reporters.c.site == site, reporters.c.reporter != "")
        ranked = select(reporters.c.reporter, much).where(*mine).group_by(reporters.c.reporter).having(much > 0)
    names = ranked.subquery()
    first = select(names.c.reporter).order_by(names.c.much.desc(), names.c.reporter).limit(limit)
    return list((await connection.execute(first)).scalars())
