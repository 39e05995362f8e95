"""Who may call what: one line for each route. The gate, OpenAPI, ``docs/api.md`` and the tests are made of it.

A route without a line is never reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from service.principals import Scope


class Door(StrEnum):
    """How one comes in."""

    #: Anybody; nothing is asked.
    PUBLIC = "public"
    #: With a key; in open mode directly from this machine.
    KEY = "key"
    #: The same, but directly from this machine always without a key.
    LOCAL = "local"
    #: A page for people who are not signed in yet, where people sign in.
    ENTRANCE = "entrance"
    #: A page for people who are signed in.
    PAGE = "page"


class Cost(Enum):
    """How many of a minute's calls it counts as."""

    NOTHING = 0
    CALL = 1
    BULK = 20


@dataclass(frozen=True, slots=True)
class Access:
    """A line. Any one of ``scopes`` is enough; none asked for means that any key will do."""

    door: Door
    scopes: frozenset[Scope] = frozenset()
    cost: Cost = Cost.CALL


_PUBLIC: Final = Access(Door.PUBLIC, cost=Cost.NOTHING)
_LOCAL: Final = Access(Door.LOCAL)
_ENTRANCE: Final = Access(Door.ENTRANCE, cost=Cost.NOTHING)


def _key(*scopes: Scope, cost: Cost = Cost.CALL) -> Access:
    return Access(Door.KEY, frozenset(scopes), cost)


def _page(*scopes: Scope) -> Access:
    return Access(Door.PAGE, frozenset(scopes))


ROUTES: Final[Mapping[tuple[str, str], Access]] = {
    ("POST", "/v1/score"): _key(Scope.SCORE),
    ("POST", "/v1/score/batch"): _key(Scope.SCORE, cost=Cost.BULK),
    ("POST", "/v1/mask"): _key(Scope.SCORE),
    ("GET", "/v1/bundles"): _key(*Scope),
    ("PUT", "/v1/comments/{id}"): _key(Scope.SUBMIT),
    ("GET", "/v1/comments/{id}"): _key(Scope.SUBMIT, Scope.REVIEW),
    ("DELETE", "/v1/comments/{id}"): _key(Scope.SUBMIT),
    ("GET", "/v1/comments/{id}/replies"): _key(Scope.SUBMIT, Scope.REVIEW),
    ("PUT", "/v1/articles/{id}"): _key(Scope.SUBMIT),
    ("GET", "/v1/articles/{id}"): _key(Scope.SUBMIT, Scope.REVIEW),
    ("DELETE", "/v1/articles/{id}"): _key(Scope.SUBMIT),
    ("POST", "/v1/comments/{id}/reports"): _key(Scope.SUBMIT),
    ("POST", "/v1/comments/{id}/appeals"): _key(Scope.SUBMIT),
    ("PUT", "/v1/comments/{id}/golden"): _key(Scope.ADMIN),
    ("DELETE", "/v1/comments/{id}/golden"): _key(Scope.ADMIN),
    ("GET", "/v1/reporters"): _key(Scope.REVIEW),
    ("GET", "/v1/reporters/{id}/open-reports"): _key(Scope.REVIEW),
    ("POST", "/v1/reporters/{id}/set-aside"): _key(Scope.REVIEW),
    ("POST", "/v1/set-asides/{id}/undo"): _key(Scope.REVIEW),
    ("GET", "/v1/queue"): _key(Scope.REVIEW),
    ("POST", "/v1/queue/claim"): _key(Scope.REVIEW),
    ("POST", "/v1/queue/release"): _key(Scope.REVIEW),
    ("POST", "/v1/reviews"): _key(Scope.REVIEW),
    ("POST", "/v1/reviews/bulk"): _key(Scope.REVIEW),
    ("POST", "/v1/reviews/{id}/undo"): _key(Scope.REVIEW),
    ("GET", "/v1/decisions"): _key(Scope.SUBMIT),
    ("GET", "/v1/webhooks"): _key(Scope.ADMIN),
    ("POST", "/v1/webhooks"): _key(Scope.ADMIN),
    ("DELETE", "/v1/webhooks/{id}"): _key(Scope.ADMIN),
    ("POST", "/v1/webhooks/{id}/test"): _key(Scope.ADMIN),
    ("POST", "/v1/webhooks/{id}/resend"): _key(Scope.ADMIN),
    ("GET", "/v1/webhooks/{id}/deliveries"): _key(Scope.ADMIN),
    ("POST", "/v1/webhooks/deliveries/{id}/resend"): _key(Scope.ADMIN),
    ("GET", "/v1/policies/{site}"): _key(Scope.REVIEW, Scope.ADMIN),
    ("PUT", "/v1/policies/{site}"): _key(Scope.ADMIN),
    ("POST", "/v1/policies/{site}/backtest"): _key(Scope.ADMIN, cost=Cost.BULK),
    ("GET", "/v1/audit"): _key(Scope.ADMIN),
    ("GET", "/v1/audit/export"): _key(Scope.ADMIN, cost=Cost.BULK),
    ("GET", "/v1/audit/statements"): _key(Scope.ADMIN, cost=Cost.BULK),
    ("GET", "/v1/labels"): _key(Scope.ADMIN, cost=Cost.BULK),
    ("GET", "/v1/numbers"): _key(Scope.REVIEW),
    ("GET", "/healthz"): _PUBLIC,
    ("GET", "/readyz"): _PUBLIC,
    ("GET", "/metrics"): _LOCAL,
    ("GET", "/openapi.json"): _LOCAL,
    ("GET", "/docs"): _LOCAL,
    ("GET", "/docs/start.js"): _LOCAL,
    ("GET", "/docs/{asset}"): _LOCAL,
    ("GET", "/review/static/{name}"): _ENTRANCE,
    ("GET", "/review/sign-in"): _ENTRANCE,
    ("POST", "/review/sign-in"): _ENTRANCE,
    ("GET", "/review/welcome"): _ENTRANCE,
    ("POST", "/review/welcome"): _ENTRANCE,
    ("GET", "/review/account"): _page(),
    ("POST", "/review/account"): _page(),
    ("POST", "/review/sign-out"): _page(),
    ("GET", "/review"): _page(Scope.REVIEW),
    ("POST", "/review/decide"): _page(Scope.REVIEW),
    ("POST", "/review/undo"): _page(Scope.REVIEW),
    ("POST", "/review/bulk"): _page(Scope.REVIEW),
    ("POST", "/review/bulk/undo"): _page(Scope.REVIEW),
    ("GET", "/review/comments/{id}"): _page(Scope.REVIEW),
    ("POST", "/review/comments/{id}/claim"): _page(Scope.REVIEW),
    ("POST", "/review/comments/{id}/golden"): _page(Scope.ADMIN),
    ("GET", "/review/reporters"): _page(Scope.REVIEW),
    ("GET", "/review/reporters/{id}"): _page(Scope.REVIEW),
    ("POST", "/review/reporters/{id}/set-aside"): _page(Scope.REVIEW),
    ("POST", "/review/set-asides/{id}/undo"): _page(Scope.REVIEW),
    ("GET", "/review/policy"): _page(Scope.REVIEW),
    ("POST", "/review/policy"): _page(Scope.ADMIN),
    ("GET", "/review/audit"): _page(Scope.ADMIN),
    ("GET", "/review/audit/export"): _page(Scope.ADMIN),
    ("GET", "/review/numbers"): _page(Scope.REVIEW),
}


def who_may(access: Access) -> str:
    """In words, for documents."""
    if access.door in (Door.PUBLIC, Door.ENTRANCE):
        return "nothing"
    if access.door is Door.PAGE:
        return "somebody who is signed in" + "".join(f" as {scope}" for scope in sorted(access.scopes))
    scopes = sorted(access.scopes)
    key = f"a key with the scope {' or '.join(scopes)}" if 0 < len(scopes) < len(Scope) else "a key"
    return f"{key}, unless it comes directly from this machine" if access.door is Door.LOCAL else key


class Table:
    """Finds the line of a call just as the router finds its route, or none."""

    def __init__(self, routes: Mapping[tuple[str, str], Access] = ROUTES) -> None:
        self._plain = {call: access for call, access in routes.items() if "{" not in call[1]}
        self._with_parts: dict[tuple[str, int], list[tuple[list[str | None], Access]]] = {}
        for (method, template), access in routes.items():
            if "{" in template:
                parts = [None if part.startswith("{") else part for part in template.split("/")]
                self._with_parts.setdefault((method, len(parts)), []).append((parts, access))
        self._methods = sorted({method for method, _ in routes})

    def find(self, method: str, path: str) -> Access | None:
        """The line of that call; ``path`` is what the router is going to see."""
        found = self._plain.get((method, path))
        if found is not None:
            return found
        given = path.split("/")
        for parts, access in self._with_parts.get((method, len(given)), ()):
            if all(one if part is None else part == one for part, one in zip(parts, given, strict=True)):
                return access
        return None

    def methods(self, path: str) -> list[str]:
        """Those that the path has."""
        return [method for method in self._methods if self.find(method, path) is not None]
