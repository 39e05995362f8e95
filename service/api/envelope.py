"""What every answer carries, whichever route gave it: request id, security headers, one log line, one count."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Iterable
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.body import headers_of
from service.api.errors import Answer
from service.telemetry import Metrics

log = logging.getLogger("verger.http")

_ID: Final = re.compile(r"[A-Za-z0-9._~:/+=-]{1,128}")
# Any other would be a new time series for whoever likes to invent methods.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_draw: Final = random.Random()
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""What an answer carries that does not say otherwise itself."""
_NAMES: Final = frozenset({b"x-request-id", *dict(_HEADERS)})


class Envelope:
    """The outermost layer. An error that nobody named ends here: logged without its text, answered with 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics, answer: Answer) -> None:
        self._app = app
        self._answer = answer
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        try:
            await self._app(scope, receive, exchange.send)
        except ClientDisconnect:
            exchange.status = 499  # nginx's word for it: nobody is left to read an answer
        except Exception as error:
            log.error("unexpected error", extra={"request_id": exchange.request_id}, exc_info=error)
            if not exchange.status:
                await self._answer(Request(scope), error)(scope, receive, exchange.send)
        finally:
            self._tell(exchange)

    def _tell(self, exchange: _Exchange) -> None:
        seconds = time.perf_counter() - exchange.started
        self._metrics.observe_request(exchange.method, exchange.route, exchange.status, seconds)
        # The good ones are counted anyway; a line for each would cost more than scoring.
        level = logging.DEBUG if exchange.status < 400 else logging.INFO
        if not log.isEnabledFor(level):
            return
        fields = {
            "request_id": exchange.request_id,
            "method": exchange.method,
            "route": exchange.route,
            "status": exchange.status,
            "milliseconds": round(seconds * 1000, 2),
        }
        log.log(level, "answered", extra=fields)


class _Exchange:
    """One request and its answer, as far as it has come."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.started = time.perf_counter()
        self.status = 0
        self.method = scope["method"] if scope["method"] in _METHODS else "other"
        self._scope = scope
        self._send = send
        state = scope.setdefault("state", {})
        asked = headers_of(scope).get(b"x-request-id", b"").decode("latin-1")
        self.request_id = asked if _ID.fullmatch(asked) else f"{_draw.getrandbits(64):016x}"
        state["request_id"] = self.request_id

    @property
    def route(self) -> str:
        """The route's template, never the path as sent: that could hold anything."""
        return getattr(self._scope.get("route"), "path", "none")

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = message["headers"]
            own: Iterable[tuple[bytes, bytes]] = ((b"x-request-id", self.request_id.encode()), *_HEADERS)
            if not _NAMES.isdisjoint([name for name, _ in headers]):
                said = dict(headers)
                own = [header for header in own if header[0] not in said]
            message["headers"] = [*headers, *own]
        await self._send(message)
