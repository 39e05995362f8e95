"""What a path and a query name: an id, a site, a place in a list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api import limits
from service.api.body import decode_value, pointer
from service.api.schemas import Id, Site
from service.domain import DEFAULT_SITE
from service.errors import Fault, InvalidInput

T = TypeVar("T")

_WITH_IDS: Final = (b"/v1/articles/", b"/v1/comments/", b"/v1/policies/")


class RawPaths:
    """Leaves paths with an id in them percent-encoded, as sent: an id may hold a slash, and that parts nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path") or b""
        if scope["type"] == "http" and raw.startswith(_WITH_IDS):
            scope["path"] = raw.partition(b"?")[0].decode("ascii", "replace")
        await self._app(scope, receive, send)


def id_of(request: Request) -> str:
    """The id that the path names. Raises ``InvalidInput``."""
    return decode_value(_in_path(request, "id"), Id, ("id",))


def site_in(request: Request) -> str:
    """The site that the path names. Raises ``InvalidInput``."""
    return decode_value(_in_path(request, "site"), Site, ("site",))


def _in_path(request: Request, what: str) -> str:
    try:
        return unquote_to_bytes(request.path_params[what]).decode()
    except UnicodeDecodeError:
        raise InvalidInput(Fault(pointer((what,)), f"the {what} in the path is not UTF-8")) from None


def query_of(request: Request, *known: str, site: bool = True) -> Mapping[str, str]:
    """The query, none of whose names is unknown (``site`` is one of them) or said twice. Raises ``InvalidInput``."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known and not (site and name == "site"):
            raise InvalidInput(Fault(pointer((name,)), "no such query parameter"))
        if name in found:
            raise InvalidInput(Fault(pointer((name,)), "said twice"))
        found[name] = value
    return found


def site_of(query: Mapping[str, str], in_body: str | None = None) -> str:
    """The site that the query or the body names; both may, if they agree. Raises ``InvalidInput``."""
    in_query = decode_value(query["site"], Site, ("site",)) if "site" in query else None
    if in_query is not None and in_body is not None and in_query != in_body:
        raise InvalidInput(Fault("#/site", "not the site in the query"))
    return in_query or in_body or DEFAULT_SITE


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


def limit_of(query: Mapping[str, str], default: int, most: int) -> int:
    """How many are asked for. Raises ``InvalidInput``."""
    return _number(query.get("limit", str(default)), "limit", most)


def version_of(query: Mapping[str, str]) -> int | None:
    """Which version is asked for; null for the newest. Raises ``InvalidInput``."""
    return _number(query["version"], "version", limits.VERSIONS) if "version" in query else None


def _number(given: str, name: str, most: int) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) <= 9 and 1 <= int(given) <= most):
        raise InvalidInput(Fault(pointer((name,)), f"not a number from 1 to {most}"))
    return int(given)
