"""Is it alive, is it ready, what has it done."""

from __future__ import annotations

from typing import Literal, TypedDict

from fastapi import APIRouter
from starlette.responses import Response

from service.api.documents import gives, json_answer, refused
from service.scoring.engine import Engine
from service.storage.store import Store
from service.telemetry import EXPOSITION_TYPE, Metrics


class AliveOut(TypedDict):
    """The process answers."""

    status: Literal["alive"]


class ReadyOut(TypedDict):
    """It can score. The store's state is told, and not needed for that."""

    status: Literal["ready"]
    bundle: str
    store: Literal["ready", "unavailable"]


def health_routes(engine: Engine, store: Store, metrics: Metrics) -> APIRouter:
    """``/healthz``, ``/readyz``, ``/metrics``."""
    router = APIRouter(tags=["around it"])

    @router.get("/healthz", responses=gives(AliveOut), response_class=Response)
    async def alive() -> Response:
        """The process answers."""
        answer: AliveOut = {"status": "alive"}
        return json_answer(answer)

    @router.get("/readyz", responses=gives(ReadyOut, 503), response_class=Response)
    async def ready() -> Response:
        """A bundle is loaded and the service is not shutting down."""
        version = engine.live.version
        is_reachable = await store.is_reachable()
        answer: ReadyOut = {
            "status": "ready",
            "bundle": version,
            "store": "ready" if is_reachable else "unavailable",
        }
        return json_answer(answer)

    @router.get(
        "/metrics", responses={200: {"content": {"text/plain": {}}}, **refused(401, 403)}, response_class=Response
    )
    async def metric_page() -> Response:
        """Counters and histograms for Prometheus."""
        return Response(metrics.exposition(), headers={"Content-Type": EXPOSITION_TYPE})

    return router
