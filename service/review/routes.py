"""Every route of the review page."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from service.desk import Desk
from service.numbers import Numbers
from service.policies import Policies
from service.review.audit_page import audit_page_routes
from service.review.comment_page import comment_page_routes
from service.review.frame import Frame
from service.review.hearing import Hearing
from service.review.number_page import number_page_routes
from service.review.policy_page import policy_page_routes
from service.review.queue import queue_page_routes
from service.review.reporters import reporter_page_routes
from service.scoring.engine import Engine
from service.storage.history_store import HistoryStore
from service.storage.review_store import ReviewStore
from service.storage.store import Store
from service.what_if import WhatIf


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the pages are made from."""

    desk: Desk
    reviews: ReviewStore
    store: Store
    policies: Policies
    engine: Engine
    history: HistoryStore
    numbers: Numbers
    what_if: WhatIf


def review_page_routes(rooms: Rooms) -> APIRouter:
    """``/review`` and below, but for signing in."""
    router = APIRouter()
    frame, hearing = Frame(rooms.reviews), Hearing(rooms.store, rooms.reviews)
    router.include_router(queue_page_routes(rooms.desk, hearing, frame))
    router.include_router(comment_page_routes(rooms.desk, rooms.reviews, rooms.store, hearing, frame))
    router.include_router(reporter_page_routes(rooms.reviews, frame))
    router.include_router(policy_page_routes(rooms.store, rooms.policies, rooms.engine, rooms.what_if, frame))
    router.include_router(audit_page_routes(rooms.history, frame))
    router.include_router(number_page_routes(rooms.numbers, frame))
    return router
