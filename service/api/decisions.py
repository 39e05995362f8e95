"""The feed of decisions and erasures, for whoever pulls."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Annotated, Any, Final, NotRequired, TypedDict

from fastapi import APIRouter
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.answers import ReasonOut
from service.api.documents import asks, gives, json_answer
from service.api.paths import Query, cursor, cursor_of, limit_of, query_of, site_of, wait_of
from service.domain import Action, State
from service.errors import InvalidInput
from service.storage.decisions import By, MadeDecision, decision_data
from service.storage.erasure import erasure_data
from service.storage.feed import START, Place, Told
from service.storage.store import Store

_READING: Final = (401, 403, 422, 503)
_DECISIONS: Final = 100
_QUERY: Final[dict[str, Any]] = asks("site", "after", "limit", "wait")
_PAUSE_SECONDS: Final = 0.5
_WAITERS: Final = 64
"""Calls that may wait at a time: each asks the store twice a second. Further ones are answered at once."""
_Number = Annotated[int, Meta(ge=0, le=limits.NUMBER)]
_OF_ERASURES: Final = "An erasure has this, and of the others those that are always there."


class ToldOut(TypedDict):
    """A decision or an erasure, as the feed and webhooks tell it: why, but not the words that it was found in."""

    site: str
    comment_id: str
    revision: int
    state: Annotated[State, Meta(description="How the comment stood from then on. `erased`: text and author are gone.")]
    number: NotRequired[
        Annotated[int, Meta(description="Grows with every decision of the store; of two, the larger is the newer.")]
    ]
    action: NotRequired[Action]
    reasons: NotRequired[list[ReasonOut]]
    policy: NotRequired[str]
    bundle: NotRequired[str]
    decided_at: NotRequired[datetime]
    by: NotRequired[By]
    erased_at: NotRequired[Annotated[datetime, Meta(description=_OF_ERASURES)]]


class DecisionsOut(TypedDict):
    """Decisions and erasures in order; ``next`` is where to go on (``?after=``), also when there is nothing yet."""

    decisions: list[ToldOut]
    next: str


def decision_routes(store: Store) -> APIRouter:
    """``/v1/decisions``."""
    router = APIRouter(tags=["telling"])
    room = asyncio.Semaphore(_WAITERS)

    @router.get(
        "/v1/decisions", responses=gives(DecisionsOut, *_READING), response_class=Response, openapi_extra=_QUERY
    )
    async def get_decisions(request: Request) -> Response:
        """The site's decisions and erasures behind ``after``, a page at a time. ``wait`` keeps the answer until there
        is one."""
        query = query_of(request, "after", "limit", "wait")
        site, after = site_of(query), _place(query)
        most, wait = limit_of(query, _DECISIONS, limits.PAGE_ROWS), wait_of(query)
        page, going_on = await store.feed(site, after, most)
        if not page and wait and not room.locked():
            async with room:
                until = time.monotonic() + wait
                while not page and time.monotonic() < until and not await request.is_disconnected():
                    await asyncio.sleep(_PAUSE_SECONDS)
                    page, going_on = await store.feed(site, after, most)
        return json_answer({"decisions": list(map(_told, page)), "next": cursor(going_on)})

    return router


def _place(query: Query) -> Place:
    """Cursors from before erasures were in the feed are the number of a decision alone."""
    # One after the other: msgspec 0.22 crashes on a union of the two.
    try:
        found = cursor_of(query, tuple[_Number, _Number])
    except InvalidInput:
        return Place(cursor_of(query, _Number) or 0, 0)
    return START if found is None else Place(*found)


def _told(one: Told) -> dict[str, Any]:
    return decision_data(one) if isinstance(one, MadeDecision) else erasure_data(one)
