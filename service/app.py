"""``create_app``: the only place where objects are wired together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from fastapi import FastAPI

import models
import service
from service.api import errors
from service.api.answers import ScoreOut
from service.api.articles import article_routes
from service.api.auth import Gate, require_key_beyond_loopback
from service.api.bundles import BundlesOut, bundle_routes
from service.api.comments import comment_routes
from service.api.documents import describe
from service.api.envelope import Envelope
from service.api.health import AliveOut, ReadyOut, health_routes
from service.api.masking import MaskOut, masking_routes
from service.api.pages import page_routes
from service.api.paths import RawPaths
from service.api.policies import policy_routes
from service.api.policy_documents import PolicyIn, PolicyOut
from service.api.results import ErrorOut, Results
from service.api.schemas import BatchIn, CommentIn, MaskIn, RegisteredArticleIn, StoredCommentIn
from service.api.scoring import scoring_routes
from service.api.stored import ArticleOut, RepliesOut, StoredCommentOut
from service.api.streams import StreamLimits
from service.domain import Question, Scored
from service.errors import ForeignPackage
from service.moderation import Moderation
from service.policies import Policies
from service.retention import keep_erasing
from service.scoring.articles import Articles
from service.scoring.batcher import Batcher
from service.scoring.engine import Engine, characters
from service.settings import Settings
from service.storage.store import Store
from service.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Parts:
    """What the app is made of."""

    metrics: Metrics
    engine: Engine
    store: Store
    articles: Articles
    policies: Policies
    moderation: Moderation
    results: Results


def create_app(settings: Settings) -> FastAPI:
    """The service as an ASGI app. Nothing is read or opened before it starts.

    Raises:
        ForeignPackage: ``models`` is not the one beside ``service``.
        KeyRequired: other machines could connect, and there is no key.
        StoreRefused: the store is not of a kind that can be used here.
    """
    _refuse_foreign_models()
    require_key_beyond_loopback(settings)
    parts = _build(settings)
    app = FastAPI(
        title="Verger",
        version="1",
        description="Scores comments for profanity, off-topic content and spoilers.",
        lifespan=lambda _: _running(parts, settings),
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.parts = parts
    limits = StreamLimits(settings.spool_mib * 1024 * 1024, settings.stall_seconds)
    app.include_router(scoring_routes(parts.moderation, parts.results, limits))
    app.include_router(comment_routes(parts.moderation, parts.store))
    app.include_router(article_routes(parts.store, parts.articles))
    app.include_router(policy_routes(parts.store, parts.policies, parts.engine))
    app.include_router(masking_routes(parts.engine))
    app.include_router(bundle_routes(parts.engine))
    app.include_router(health_routes(parts.engine, parts.store, parts.metrics))
    app.include_router(page_routes(app))
    errors.install(app, parts.metrics.count_refused)
    describe(app, *_DESCRIBED)
    # The last one added is the outermost.
    app.add_middleware(RawPaths)
    app.add_middleware(Gate, settings=settings, metrics=parts.metrics)
    app.add_middleware(Envelope, metrics=parts.metrics)
    return app


_DESCRIBED: Final = (
    *(CommentIn, BatchIn, MaskIn, ScoreOut, ErrorOut, MaskOut, BundlesOut, AliveOut, ReadyOut),
    *(PolicyIn, PolicyOut, RegisteredArticleIn, ArticleOut, StoredCommentIn, StoredCommentOut, RepliesOut),
)


def _build(settings: Settings) -> Parts:
    metrics = Metrics()
    engine = Engine(settings.bundle, metrics)
    batcher: Batcher[Question, Scored] = Batcher(
        engine.answer, weigh=characters, max_waiting=settings.queue_comments, on_batch=metrics.observe_batch
    )
    store = Store(settings.store)
    articles = Articles(store.articles)
    policies = Policies(store.policy, engine)
    moderation = Moderation(batcher, articles, policies, store)
    return Parts(metrics, engine, store, articles, policies, moderation, Results(moderation, metrics))


@contextlib.asynccontextmanager
async def _running(parts: Parts, settings: Settings) -> AsyncIterator[None]:
    await asyncio.to_thread(parts.engine.load)
    await parts.store.start()
    erasing = None
    if settings.retention_days is not None:
        erasing = asyncio.create_task(keep_erasing(parts.store, timedelta(days=settings.retention_days)))
    try:
        yield
    finally:
        if erasing is not None:
            erasing.cancel()
            await asyncio.wait([erasing])
        parts.engine.close()
        await parts.store.close()


def _refuse_foreign_models() -> None:
    """Another distribution's ``models`` on the path would silently replace ours."""
    ours, theirs = (Path(package.__path__[0]).resolve().parent for package in (service, models))
    if ours != theirs:
        raise ForeignPackage(f"'models' was imported from {theirs}, but 'service' lies in {ours}: start in {ours}")
