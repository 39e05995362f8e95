"""The feed of decisions, for whoever pulls."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Annotated, Any, Final, TypedDict

from fastapi import APIRouter
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.answers import ReasonOut
from service.api.documents import asks, gives, json_answer
from service.api.paths import cursor, cursor_of, limit_of, query_of, site_of, wait_of
from service.domain import Action, State
from service.storage.decisions import By, decision_data
from service.storage.store import Store

_READING: Final = (401, 403, 422, 503)
_DECISIONS: Final = 100
_QUERY: Final[dict[str, Any]] = asks("site", "after", "limit", "wait")
_PAUSE_SECONDS: Final = 0.5
_WAITERS: Final = 64
"""Calls that may wait at a time: each asks the store twice a second. Further ones are answered at once."""
_Place = Annotated[int, Meta(ge=0, le=limits.NUMBER)]


class MadeDecisionOut(TypedDict):
    """A decision, as the feed and webhooks tell it: why, but not the words that it was found in."""

    number: Annotated[int, Meta(description="Grows with every decision of the store; of two, the larger is the newer.")]
    site: str
    comment_id: str
    revision: int
    action: Action
    state: Annotated[State, Meta(description="How the comment stood from then on.")]
    reasons: list[ReasonOut]
    policy: str
    bundle: str
    decided_at: datetime
    by: By


class DecisionsOut(TypedDict):
    """Decisions in the order they were made; ``next`` is where to go on (``?after=``), also when there are none yet."""

    decisions: list[MadeDecisionOut]
    next: str


def decision_routes(store: Store) -> APIRouter:
    """``/v1/decisions``."""
    router = APIRouter(tags=["telling"])
    room = asyncio.Semaphore(_WAITERS)

    @router.get(
        "/v1/decisions", responses=gives(DecisionsOut, *_READING), response_class=Response, openapi_extra=_QUERY
    )
    async def get_decisions(request: Request) -> Response:
        """The site's decisions behind ``after``, a page at a time. ``wait`` keeps the answer until there is one."""
        query = query_of(request, "after", "limit", "wait")
        site, after = site_of(query), cursor_of(query, _Place) or 0
        most, wait = limit_of(query, _DECISIONS, limits.PAGE_ROWS), wait_of(query)
        page = await store.decisions_after(site, after, most)
        if not page and wait and not room.locked():
            async with room:
                until = time.monotonic() + wait
                while not page and time.monotonic() < until and not await request.is_disconnected():
                    await asyncio.sleep(_PAUSE_SECONDS)
                    page = await store.decisions_after(site, after, most)
        going_on = cursor(page[-1].number if page else after)
        return json_answer({"decisions": list(map(decision_data, page)), "next": going_on})

    return router
