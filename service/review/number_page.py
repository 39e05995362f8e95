"""The numbers of a site, drawn and as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.body import decode_value
from service.api.paths import query_of, site_of
from service.errors import Fault, InvalidInput
from service.numbers import DAYS, Numbers
from service.review.charts import columns, points
from service.review.frame import Frame

PERIODS: Final = (7, 30, 90, 365)
"""In days."""


def number_page_routes(numbers: Numbers, frame: Frame) -> APIRouter:
    """``/review/numbers``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/review/numbers")
    async def show(request: Request) -> Response:
        query = query_of(request, "days")
        site, days = site_of(query), decode_value(query.get("days", str(DAYS)), int, ("days",), strict=False)
        if days not in PERIODS:
            raise InvalidInput(Fault("#/days", f"one of {', '.join(map(str, PERIODS))}"))
        until = datetime.now(UTC)
        found = await numbers.of(site, until - timedelta(days=days), until)
        return await frame.show(
            request,
            "numbers.html",
            site,
            "numbers",
            numbers=found,
            days=days,
            periods=PERIODS,
            columns=columns(found.days),
            points={head: points(one.calibration.bins) for head, one in found.heads.items()},
            second=timedelta(seconds=1),
        )

    return router
