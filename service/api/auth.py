"""Who may call: with a key, whoever sends it; without one (open mode), this machine and nobody through it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import errors as answers
from service.errors import KeyRequired, OpenModeRefused, ServiceError, Unauthenticated
from service.settings import Settings, is_loopback
from service.telemetry import Metrics

_ALWAYS: Final = frozenset({"/healthz", "/readyz"})
_LOCAL: Final = ("/metrics", "/docs", "/openapi.json")
_PROXIES: Final = frozenset({"forwarded", "via", "x-real-ip"})


def require_key_beyond_loopback(settings: Settings) -> None:
    """Raise ``KeyRequired`` rather than let strangers in."""
    if settings.api_key is None and not settings.is_loopback:
        raise KeyRequired(
            f"listening on {settings.host!r} lets other machines in, so a key is needed: set VERGER_API_KEY to at least"
            " 16 characters (python -c 'import secrets; print(secrets.token_urlsafe(32))'), or listen on 127.0.0.1"
        )


class Gate:
    """Lets a request through or answers 401 or 403. Keeps the key's digest only."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        key = settings.api_key
        self._digest = None if key is None else hashlib.sha256(key.get_secret_value().encode()).digest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        self._metrics.count_refused(answers.kind_of(refusal).slug)
        await answers.response(refusal, scope["state"]["request_id"])(scope, receive, send)

    def _refusal(self, scope: Scope) -> ServiceError | None:
        if scope["path"] in _ALWAYS:
            return None
        headers = Headers(scope=scope)
        if self._digest is None:
            return None if _is_direct(scope, headers) else OpenModeRefused(_HOW_TO_KEY)
        if scope["path"].startswith(_LOCAL) and _is_direct(scope, headers):
            return None
        return None if self._holds_key(headers) else Unauthenticated("send the key as 'Authorization: Bearer KEY'")

    def _holds_key(self, headers: Headers) -> bool:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        sent = hashlib.sha256(key.strip().encode()).digest()
        return self._digest is not None and scheme.lower() == "bearer" and hmac.compare_digest(sent, self._digest)


_HOW_TO_KEY: Final = (
    "no key is set, so only direct calls from this machine are answered (a loopback Host, no Forwarded or"
    " X-Forwarded-* header); to be reached otherwise, set VERGER_API_KEY and start again"
)


def _is_direct(scope: Scope, headers: Headers) -> bool:
    """From this machine, to a loopback name (no web page's rebound name), and through no proxy that says so."""
    client = scope.get("client")
    if client is None or not is_loopback(client[0]) or not is_loopback(_without_port(headers.get("host", ""))):
        return False
    return not any(name in _PROXIES or name.startswith("x-forwarded-") for name in headers)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
