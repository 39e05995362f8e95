"""What a path and a query name: an id, a site, a place in a list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import limits
from service.api.body import decode_value, pointer
from service.api.callers import principal_of, site_for
from service.api.schemas import Id, Site, Time
from service.errors import Fault, InvalidInput
from service.principals import Principal

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_Number = Annotated[int, Meta(ge=1, le=limits.NUMBER)]
_WITH_IDS: Final = (
    b"/v1/articles/",
    b"/v1/comments/",
    b"/v1/policies/",
    b"/v1/reporters/",
    b"/v1/webhooks/",
    b"/review/comments/",
    b"/review/reporters/",
)


class RawPaths:
    """Leaves paths with an id in them percent-encoded, as sent: an id may hold a slash, and that parts nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        raw = scope.get("raw_path") or b""
        if scope["type"] == "http" and raw.startswith(_WITH_IDS):
            scope["path"] = raw.partition(b"?")[0].decode("ascii", "replace")
        return self._app(scope, receive, send)


def id_of(request: Request) -> str:
    """The id that the path names. Raises ``InvalidInput``."""
    return decode_value(_in_path(request, "id"), Id, ("id",))


def site_in(request: Request) -> str:
    """The site that the path names. Raises ``InvalidInput``, ``OtherSite``."""
    return site_for(principal_of(request), decode_value(_in_path(request, "site"), Site, ("site",)))


def _in_path(request: Request, what: str) -> str:
    try:
        return unquote_to_bytes(request.path_params[what]).decode()
    except UnicodeDecodeError:
        raise InvalidInput(Fault(pointer((what,)), f"the {what} in the path is not UTF-8")) from None


def number_of(request: Request) -> int:
    """The number that the path names. Raises ``InvalidInput``."""
    return _number(_in_path(request, "id"), "id", limits.NUMBER)


class Query(dict[str, str]):
    """What was asked for, by name, and the one site that the caller belongs to, if there is one."""

    def __init__(self, principal: Principal) -> None:
        super().__init__()
        self.principal = principal


def query_of(request: Request, *known: str, site: bool = True) -> Query:
    """The query, none of whose names is unknown (``site`` is one of them) or said twice. Raises ``InvalidInput``."""
    found = Query(principal_of(request))
    for name, value in request.query_params.multi_items():
        if name not in known and not (site and name == "site"):
            raise InvalidInput(Fault(pointer((name,)), "no such query parameter"))
        if name in found:
            raise InvalidInput(Fault(pointer((name,)), "said twice"))
        found[name] = value
    return found


def site_of(query: Query, in_body: str | None = None) -> str:
    """The site that the query or the body names; both may, if they agree. The caller's own, if neither does.

    Raises:
        InvalidInput: it is no site's name, or they do not agree.
        OtherSite: it is not the caller's.
    """
    in_query = decode_value(query["site"], Site, ("site",)) if "site" in query else None
    if in_query is not None and in_body is not None and in_query != in_body:
        raise InvalidInput(Fault("#/site", "not the site in the query"))
    return site_for(query.principal, in_query or in_body)


def cursor_of(query: Mapping[str, str], kind: type[T]) -> T | None:
    """The place in a list that ``after`` stands for; null for its beginning. Raises ``InvalidInput``."""
    if "after" not in query:
        return None
    try:
        padded = query["after"] + "=" * (-len(query["after"]) % 4)
        return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise InvalidInput(Fault("#/after", "not a cursor from an earlier answer")) from None


def cursor(place: object) -> str:
    """What to send as ``after`` to go on behind that place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def number_after(query: Mapping[str, str]) -> int | None:
    """The same where a list goes by numbers. Raises ``InvalidInput``."""
    return cursor_of(query, _Number)


def limit_of(query: Mapping[str, str], default: int, most: int) -> int:
    """How many are asked for. Raises ``InvalidInput``."""
    return _number(query.get("limit", str(default)), "limit", most)


def wait_of(query: Mapping[str, str]) -> int:
    """Seconds that an answer may wait for something to say; 0 if left out. Raises ``InvalidInput``."""
    return _number(query["wait"], "wait", limits.WAIT_SECONDS) if "wait" in query else 0


def word_of(query: Mapping[str, str], name: str, kind: type[E]) -> E | None:
    """Which of a few words the query says there; null where it says none. Raises ``InvalidInput``."""
    return decode_value(query[name], kind, (name,)) if name in query else None


def version_of(query: Mapping[str, str]) -> int | None:
    """Which version is asked for; null for the newest. Raises ``InvalidInput``."""
    return _number(query["version"], "version", limits.VERSIONS) if "version" in query else None


def newest_of(query: Mapping[str, str], default: int) -> int:
    """How many of the newest are asked for. Raises ``InvalidInput``."""
    return _number(query.get("newest", str(default)), "newest", limits.TRIED_COMMENTS)


def time_of(query: Mapping[str, str], name: str) -> datetime | None:
    """The time of that name; null where there is none. Raises ``InvalidInput``."""
    return decode_value(query[name], Time, (name,)) if name in query else None


def period_of(query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """What ``from`` and ``to`` name. Raises ``InvalidInput``."""
    since, until = time_of(query, "from"), time_of(query, "to")
    if since is not None and until is not None and since >= until:
        raise InvalidInput(Fault("#/to", "not after from"))
    return since, until


def _number(given: str, name: str, most: int) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) <= len(str(most)) and 1 <= int(given) <= most):
        raise InvalidInput(Fault(pointer((name,)), f"not a number from 1 to {most}"))
    return int(given)
