"""How much comes, how people agree, how good the heads are; and what a draft policy would have done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, read
from service.api.documents import asks, gives, json_answer, reads, site_in_path
from service.api.paths import newest_of, period_of, query_of, site_in, site_of, time_of
from service.api.policy_documents import PolicyIn, read_policy
from service.errors import Fault, InvalidInput
from service.numbers import DAYS, Numbers, SiteNumbers
from service.scoring.engine import Engine
from service.what_if import NEWEST, Tried, WhatIf

_TRYING: Final = (400, 401, 403, 409, 413, 415, 422, 503)
_DRAFT: Final[dict[str, Any]] = site_in_path("newest", "since")


def number_routes(numbers: Numbers, what_if: WhatIf, engine: Engine) -> APIRouter:
    """``/v1/numbers``, ``/v1/policies/{site}/backtest``."""
    router = APIRouter(tags=["numbers"])

    @router.get(
        "/v1/numbers",
        responses=gives(SiteNumbers, 401, 403, 422, 503),
        response_class=Response,
        openapi_extra=asks("site", "from", "to"),
    )
    async def get_numbers(request: Request) -> Response:
        """Volumes, decisions, the queue's age, agreement between reviewers, and the heads' precision, recall and
        calibration on this site's comments, with 95 % intervals. The last 30 days, unless told otherwise."""
        query = query_of(request, "from", "to")
        return json_answer(await numbers.of(site_of(query), *_period(query)))

    @router.post(
        "/v1/policies/{site}/backtest",
        responses=gives(Tried, *_TRYING),
        response_class=Response,
        openapi_extra={**reads(PolicyIn), **_DRAFT},
    )
    async def try_policy(request: Request) -> Response:
        """What a draft would make of the newest comments that are stored, against the policy in force, and what people
        said of those it changes. Nothing is changed. One draft a site is tried at a time (409)."""
        content_type(request, JSON)
        query = query_of(request, "newest", "since", site=False)
        site, newest, since = site_in(request), newest_of(query, NEWEST), time_of(query, "since")
        draft, _ = read_policy(await read(request, limits.POLICY_BYTES), engine.live.operating_points)
        return json_answer(await what_if.tried(site, draft, newest, since))

    return router


def _period(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    """From when to when; at most ``limits.NUMBER_DAYS``. Raises ``InvalidInput``."""
    since, until = period_of(query)
    until = until or datetime.now(UTC)
    if since is None:
        try:
            since = until - timedelta(days=DAYS)
        except OverflowError:
            raise InvalidInput(Fault("#/to", f"less than {DAYS} days after the beginning of all times")) from None
    if until <= since or until - since > timedelta(days=limits.NUMBER_DAYS):
        raise InvalidInput(Fault("#/from", f"at most {limits.NUMBER_DAYS} days before to, and before it"))
    return since, until
