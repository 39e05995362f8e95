"""``create_app``: the only place where objects are wired together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

import models
import service
from service.api import errors
from service.api.answers import ScoreOut
from service.api.articles import article_routes
from service.api.audit import AuditOut, audit_routes
from service.api.auth import Gate
from service.api.bundles import BundlesOut, bundle_routes
from service.api.comments import comment_routes
from service.api.decisions import DecisionsOut, decision_routes
from service.api.documents import describe
from service.api.envelope import Envelope
from service.api.health import AliveOut, ReadyOut, health_routes
from service.api.labels import label_routes
from service.api.masking import MaskOut, masking_routes
from service.api.numbers import number_routes
from service.api.pages import page_routes
from service.api.paths import RawPaths
from service.api.policies import policy_routes
from service.api.policy_documents import PolicyIn, PolicyOut
from service.api.queue import queue_routes
from service.api.reports import (
    AppealedOut,
    OpenReportsOut,
    ReportersOut,
    SetAsideOut,
    UndoneOut,
    report_routes,
)
from service.api.results import ErrorOut, Results
from service.api.review_answers import BulkReviewOut, ClaimedOut, CommentHistoryOut, QueueOut, ReportOut, ReviewOut
from service.api.review_schemas import AppealIn, BulkReviewIn, ClaimIn, GoldenIn, ReleaseIn, ReportIn, ReviewIn
from service.api.reviews import review_routes
from service.api.schemas import BatchIn, CommentIn, MaskIn, NothingIn, RegisteredArticleIn, StoredCommentIn, WebhookIn
from service.api.scoring import scoring_routes
from service.api.shortcut import ShortWay
from service.api.stored import ArticleOut, RepliesOut, StoredCommentOut
from service.api.streams import StreamLimits
from service.api.webhook_documents import DeliveriesOut, MadeWebhookOut, WebhooksOut
from service.api.webhooks import webhook_routes
from service.desk import Desk
from service.domain import Question, Scored
from service.errors import ForeignPackage
from service.keys import Keys
from service.labels import Labels
from service.moderation import Moderation
from service.numbers import Numbers, SiteNumbers
from service.people import People
from service.policies import Policies
from service.retention import keep_erasing
from service.review.refusals import refusal_page
from service.review.routes import Rooms, review_page_routes
from service.review.sign_in import sign_in_routes
from service.scoring.articles import Articles
from service.scoring.batcher import Batcher
from service.scoring.engine import Engine
from service.scoring.second_look import SecondLook
from service.settings import Settings
from service.storage.history_store import HistoryStore
from service.storage.keys import TouchKeys
from service.storage.review_store import ReviewStore
from service.storage.store import Store
from service.storage.webhook_store import WebhookStore
from service.telemetry import Metrics
from service.webhooks.addresses import Private
from service.webhooks.sender import Sender
from service.what_if import Tried, WhatIf


@dataclass(frozen=True, slots=True)
class Parts:
    """What the app is made of."""

    metrics: Metrics
    engine: Engine
    #: Null where the second tier is off.
    second_look: SecondLook | None
    store: Store
    articles: Articles
    policies: Policies
    moderation: Moderation
    results: Results
    reviews: ReviewStore
    desk: Desk
    history: HistoryStore
    numbers: Numbers
    what_if: WhatIf
    keys: Keys
    people: People


def create_app(settings: Settings) -> FastAPI:
    """The service as an ASGI app. Nothing is read or opened before it starts.

    Raises:
        ForeignPackage: ``models`` is not the one beside ``service``.
        StoreRefused: the store is not of a kind that can be used here.
    """
    _refuse_foreign_models()
    parts = build(settings)
    app = _Layered(
        title="Verger",
        version="1",
        description="Scores comments for profanity, off-topic content and spoilers.",
        lifespan=lambda _: _running(parts, settings),
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
        # An exception's text may quote a comment, and asking whether anybody listens costs as much as a small request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.parts = parts
    app.state.time_zone = ZoneInfo(settings.time_zone)
    routers = _routers(app, parts, settings)
    for router in routers:
        app.include_router(router)
    answer = errors.answering(refusal_page)
    refuse = errors.install(app, answer, parts.metrics.count_refused)
    describe(app, *_DESCRIBED)
    # The last one added is the outermost.
    app.add_middleware(ShortWay, routes=_most_asked(routers), refuse=refuse)
    app.add_middleware(
        Gate, settings=settings, metrics=parts.metrics, keys=parts.keys, people=parts.people, answer=answer
    )
    # Outside of the gate: what it looks at is what the router is going to see.
    app.add_middleware(RawPaths)
    app.add_middleware(Envelope, metrics=parts.metrics, answer=answer)
    return app


class _Layered(FastAPI):
    """Without what FastAPI puts around our layers: the envelope answers every error, so there is nothing left to do."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        layer: Any = super().build_middleware_stack()
        while not isinstance(layer, Envelope):
            layer = layer.app
        return layer


_MOST_ASKED: Final = frozenset({"score", "score_batch", "mask", "put_comment"})
_DESCRIBED: Final = (
    *(CommentIn, BatchIn, MaskIn, ScoreOut, ErrorOut, MaskOut, BundlesOut, AliveOut, ReadyOut),
    *(PolicyIn, PolicyOut, RegisteredArticleIn, ArticleOut, StoredCommentIn, StoredCommentOut, RepliesOut),
    *(DecisionsOut, NothingIn, WebhookIn, MadeWebhookOut, WebhooksOut, DeliveriesOut),
    *(ReportIn, ReportOut, AppealIn, AppealedOut, ReportersOut, OpenReportsOut, SetAsideOut, UndoneOut),
    *(QueueOut, ClaimIn, ClaimedOut, ReleaseIn, ReviewIn, ReviewOut, BulkReviewIn, BulkReviewOut, GoldenIn),
    *(CommentHistoryOut, AuditOut, SiteNumbers, Tried),
)


def _routers(app: FastAPI, parts: Parts, settings: Settings) -> list[APIRouter]:
    stream_limits = StreamLimits(settings.spool_mib * 1024 * 1024, settings.stall_seconds)
    return [
        scoring_routes(parts.moderation, parts.results, stream_limits),
        comment_routes(parts.moderation, parts.store, parts.reviews),
        article_routes(parts.store, parts.articles),
        decision_routes(parts.store),
        webhook_routes(WebhookStore(parts.store), Private.of(settings.webhook_private)),
        report_routes(parts.desk, parts.reviews),
        queue_routes(parts.desk),
        review_routes(parts.desk, parts.reviews),
        policy_routes(parts.store, parts.policies, parts.engine),
        number_routes(parts.numbers, parts.what_if, parts.engine),
        audit_routes(parts.history),
        label_routes(Labels(parts.history)),
        masking_routes(parts.engine),
        bundle_routes(parts.engine),
        health_routes(parts.engine, parts.store, parts.metrics),
        page_routes(app),
        sign_in_routes(parts.people),
        review_page_routes(_rooms(parts)),
    ]


def _most_asked(routers: Sequence[APIRouter]) -> list[APIRoute]:
    routes = (route for router in routers for route in router.routes)
    return [route for route in routes if isinstance(route, APIRoute) and route.name in _MOST_ASKED]


def build(settings: Settings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Parts:
    """The parts, wired; nothing is read or opened. ``clock`` says when what is stored happens."""
    metrics = Metrics()
    engine = Engine(settings.bundle, metrics, second_tier=settings.second_tier)
    batcher: Batcher[Question, Scored] = Batcher(
        engine.answer, weigh=engine.weigh, max_waiting=settings.queue_comments, on_batch=metrics.observe_batch
    )
    store = Store(settings.store, metrics.observe_commit, settings.labels, clock=clock)
    metrics.watch_waiting(lambda: store.waiting)
    articles = Articles(store.articles)
    policies = Policies(store.policy, engine)
    second_look = SecondLook(batcher, metrics) if settings.second_tier else None
    moderation = Moderation(second_look or batcher, articles, policies, store)
    reviews = ReviewStore(store)
    history = HistoryStore(store)
    return Parts(
        metrics=metrics,
        engine=engine,
        second_look=second_look,
        store=store,
        articles=articles,
        policies=policies,
        moderation=moderation,
        results=Results(moderation, metrics),
        reviews=reviews,
        desk=Desk(store, reviews, policies),
        history=history,
        numbers=Numbers(history),
        what_if=WhatIf(history, policies, moderation, engine),
        keys=_keys(store, settings),
        people=People(store),
    )


def _rooms(parts: Parts) -> Rooms:
    return Rooms(
        desk=parts.desk,
        reviews=parts.reviews,
        store=parts.store,
        policies=parts.policies,
        engine=parts.engine,
        history=parts.history,
        numbers=parts.numbers,
        what_if=parts.what_if,
    )


def _keys(store: Store, settings: Settings) -> Keys:
    first = None if settings.api_key is None else settings.api_key.get_secret_value()
    return Keys(
        store.keys,
        lambda used, at: store.changed(TouchKeys(used, at)),
        first=first,
        per_minute=settings.calls_per_minute,
    )


@contextlib.asynccontextmanager
async def _running(parts: Parts, settings: Settings) -> AsyncIterator[None]:
    await asyncio.to_thread(parts.engine.load)
    await parts.store.start()
    sender = Sender(WebhookStore(parts.store), parts.metrics, Private.of(settings.webhook_private))
    tasks = [asyncio.create_task(sender.run())]
    if settings.retention_days is not None:
        tasks.append(asyncio.create_task(keep_erasing(parts.store, timedelta(days=settings.retention_days))))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        parts.engine.close()
        if parts.second_look is not None:
            parts.second_look.close()
        await parts.store.close()


def _refuse_foreign_models() -> None:
    """Another distribution's ``models`` on the path would silently replace ours."""
    ours, theirs = (Path(package.__path__[0]).resolve().parent for package in (service, models))
    if ours != theirs:
        raise ForeignPackage(f"'models' was imported from {theirs}, but 'service' lies in {ours}: start in {ours}")
