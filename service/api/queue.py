"""What waits for a person: listed, and held by one reviewer at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, decode, decode_value, read
from service.api.callers import reviewer_of
from service.api.documents import asks, gives, gone, json_answer, reads
from service.api.paths import cursor, cursor_of, limit_of, query_of, site_of
from service.api.review_answers import ClaimedOut, QueueOut, waiting_answer
from service.api.review_schemas import CLAIM, RELEASE, ClaimIn, FiltersIn, ReleaseIn, filters_of
from service.api.schemas import Id, Time
from service.desk import Desk
from service.errors import NotFound
from service.storage.listing import COUNTED, Order, place_of

_READING: Final = (401, 403, 413, 422, 503)
_ACTING: Final = (400, 401, 403, 404, 409, 413, 415, 422, 503)
_FILTERS: Final = tuple(field.name for field in msgspec.structs.fields(FiltersIn))
_PAGE: Final = 25


def queue_routes(desk: Desk) -> APIRouter:
    """``/v1/queue`` and below."""
    router = APIRouter(tags=["review"])

    @router.get(
        "/v1/queue",
        responses=gives(QueueOut, *_READING),
        response_class=Response,
        openapi_extra=asks("site", "sort", "after", "limit", within=FiltersIn),
    )
    async def get_queue(request: Request) -> Response:
        """What waits for a person, filtered and in an order, a page at a time, with how much there is."""
        query = query_of(request, *_FILTERS, "sort", "after", "limit")
        order = decode_value(query.get("sort", Order.PRIORITY.value), Order, ("sort",))
        most = limit_of(query, _PAGE, limits.PAGE_ROWS)
        after = cursor_of(query, tuple[Time, Id]) if order is Order.OLDEST else cursor_of(query, tuple[float, Id])
        found, count = await desk.queue(site_of(query), _filters(query), order, after, most + 1)
        page = found[:most]
        answer: QueueOut = {
            "entries": [waiting_answer(one) for one in page],
            "next": cursor(place_of(page[-1].entry, order)) if len(found) > most else None,
            "count": min(count, COUNTED),
            "more": count > COUNTED,
        }
        return json_answer(answer)

    @router.post(
        "/v1/queue/claim", responses=gives(ClaimedOut, *_ACTING), response_class=Response, openapi_extra=reads(ClaimIn)
    )
    async def claim(request: Request) -> Response:
        """Hold a comment, or the next that wait, so that nobody else is given them until the lease ends."""
        content_type(request, JSON)
        query = query_of(request)
        asked = decode(CLAIM, await read(request, limits.BODY_BYTES))
        site, reviewer = site_of(query, asked.site), reviewer_of(request, asked.reviewer)
        lease = timedelta(seconds=asked.lease_seconds)
        if asked.comment_id is not None:
            found = [await desk.claim_one((site, asked.comment_id), reviewer, lease)]
        else:
            filters = filters_of(asked.filters)
            found = await desk.claim(site, reviewer, count=asked.count, lease=lease, filters=filters, order=asked.sort)
        answer: ClaimedOut = {"entries": [waiting_answer(one) for one in found]}
        return json_answer(answer)

    @router.post("/v1/queue/release", responses=gone(*_ACTING), response_class=Response, openapi_extra=reads(ReleaseIn))
    async def release(request: Request) -> Response:
        """Let a comment go that was claimed."""
        content_type(request, JSON)
        query = query_of(request)
        asked = decode(RELEASE, await read(request, limits.BODY_BYTES))
        reviewer = reviewer_of(request, asked.reviewer)
        if not await desk.release((site_of(query, asked.site), asked.comment_id), reviewer):
            raise NotFound("this reviewer holds no such comment")
        return Response(status_code=204)

    return router


def _filters(query: Mapping[str, str]) -> Any:
    given: dict[str, Any] = {name: query[name] for name in _FILTERS if name in query}
    return filters_of(decode_value(given, FiltersIn, (), strict=False), ())
