"""Who may call: with a key, whoever sends it; without one (open mode), this machine and nobody through it."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.access import Access, Door, Table
from service.api.errors import Answer, kind_of
from service.api.page_gate import PageGate, address_of
from service.buckets import Buckets
from service.errors import (
    KeyRequired,
    OpenModeRefused,
    ScopeMissing,
    ServiceError,
    StoreUnavailable,
    TooMany,
    Unauthenticated,
)
from service.keys import Keys
from service.people import People
from service.principals import NOBODY, OPEN, OPEN_UNSURE, Principal
from service.settings import Settings, is_loopback
from service.telemetry import Metrics

_PROXIES: Final = frozenset({b"forwarded", b"via", b"x-real-ip"})


def require_key_beyond_loopback(settings: Settings, has_stored_key: bool) -> None:
    """Raise ``KeyRequired`` rather than let strangers in."""
    if settings.api_key is None and not has_stored_key and not settings.is_loopback:
        raise KeyRequired(
            f"listening on {settings.host!r} lets other machines in, so a key is needed: make one"
            " (python -m service keys create --name NAME --scopes score,submit), or set VERGER_API_KEY to at least"
            " 16 characters (python -c 'import secrets; print(secrets.token_urlsafe(32))'), or listen on 127.0.0.1"
        )


class Gate:
    """Lets a request through, or answers 401, 403, 404, 405 or 429. What calls may do is in ``access.py``."""

    def __init__(
        self, app: ASGIApp, settings: Settings, metrics: Metrics, keys: Keys, people: People, answer: Answer
    ) -> None:
        self._app = app
        self._answer = answer
        self._metrics = metrics
        self._keys = keys
        self._pages = PageGate(people, settings.public_url)
        self._is_behind_proxy = settings.public_url is not None
        self._table = Table()
        self._calls: dict[int, Buckets] = {}
        self._wrong_keys = Buckets(*_WRONG_KEYS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            try:
                state["principal"] = await self._admitted(scope, receive)
            except (HTTPException, ServiceError) as refusal:
                if isinstance(refusal, ServiceError):
                    self._metrics.count_refused(kind_of(refusal).slug)
                await self._answer(Request(scope), refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _admitted(self, scope: Scope, receive: Receive) -> Principal:
        """Who calls, if they may. Raises ``HTTPException`` (no such route), or the ``ServiceError`` to answer with."""
        access = self._table.find(scope["method"], scope["path"])
        if access is None:
            methods = self._table.methods(scope["path"])
            raise HTTPException(405, headers={"Allow": ", ".join(methods)}) if methods else HTTPException(404)
        if access.door is Door.PUBLIC:
            return NOBODY
        if access.door in _PAGES:
            caller = await self._pages.admit(access, scope, receive, _is_direct(scope))
        elif access.door is Door.LOCAL and _is_direct(scope):
            caller = OPEN
        else:
            if not self._keys.is_settled:
                await self._keys.settle()
            caller = self._caller(scope)
        if access.scopes and not access.scopes & caller.scopes:
            raise _missing(access, caller)
        if caller.per_minute is not None:
            self._count(caller, access)
        return caller

    def _caller(self, scope: Scope) -> Principal:
        """The key's holder, or in open mode whoever sits at this machine."""
        has_any = self._keys.has_any
        key = _bearer(scope) if has_any is not False else ""
        if not has_any and not key:
            if not _is_direct(scope):
                raise OpenModeRefused(_HOW_TO_KEY)
            return OPEN if has_any is False else OPEN_UNSURE
        holder = self._keys.holder(key) if key else None
        if holder is None:
            if key and (wait := self._wrong_keys.take(address_of(scope, self._is_behind_proxy))):
                raise TooMany("too many wrong keys came from your address", retry_after=int(wait) + 1)
            raise Unauthenticated("send the key as 'Authorization: Bearer KEY'")
        return holder

    def _count(self, caller: Principal, access: Access) -> None:
        assert caller.per_minute is not None
        buckets = self._calls.get(caller.per_minute)
        if buckets is None:
            buckets = self._calls[caller.per_minute] = Buckets(caller.per_minute, caller.per_minute / 60)
        if wait := buckets.take(caller.name, access.cost.value):
            raise TooMany(f"this key may make {caller.per_minute} calls a minute", retry_after=int(wait) + 1)


_PAGES: Final = frozenset({Door.ENTRANCE, Door.PAGE})
_WRONG_KEYS: Final = (30, 0.5)
"""How many wrong keys from one address are looked at, at once and then a second."""

_HOW_TO_KEY: Final = (
    "there is no key yet, so only direct calls from this machine are answered (a loopback Host, no Forwarded or"
    " X-Forwarded-* header); to be reached otherwise, make one (python -m service keys create) or set VERGER_API_KEY"
)


def _missing(access: Access, caller: Principal) -> ServiceError:
    if caller is OPEN_UNSURE:
        return StoreUnavailable("the store is out of reach, so whether keys are needed cannot be found out")
    needed = " or ".join(sorted(access.scopes))
    who = "you may" if caller.is_person else "this key may"
    return ScopeMissing(f"this needs the scope {needed}, and {who} only: {', '.join(sorted(caller.scopes))}")


def _is_direct(scope: Scope) -> bool:
    """From this machine, to a loopback name (no web page's rebound name), and through no proxy that says so."""
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        return False
    hosts = []
    for name, value in scope["headers"]:
        if name == b"host":
            hosts.append(value.decode("latin-1"))
        elif name in _PROXIES or name.startswith(b"x-forwarded-"):
            return False
    return len(hosts) == 1 and is_loopback(_without_port(hosts[0]))


def _bearer(scope: Scope) -> str:
    """The key that was sent; empty if none was, or something else in its place."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, key = value.partition(b" ")
            return key.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
    return ""


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
