"""Who may open a page: only browsers that come to the right address, and only people who are signed in.

Keys open no page, and no cookie opens anything under ``/v1``: so no call of the API can be forged by a web page.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.types import Receive, Scope

from service.api import limits
from service.api.access import Access, Door
from service.api.body import content_type, read
from service.credentials import is_csrf_of
from service.errors import Fault, ForeignRequest, InvalidInput, SignInNeeded
from service.people import People, Visitor
from service.principals import NOBODY, Principal

FORM: Final = "application/x-www-form-urlencoded"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
_SAFE: Final = frozenset({"GET", "HEAD"})
_FIELDS: Final = 2_000

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Front:
    """How browsers see the service."""

    origin: str
    #: By TLS, so that the cookie can be bound to it; else plainly, and only on this machine.
    is_secure: bool

    @property
    def cookie(self) -> str:
        """What the session's cookie is called. The prefix makes browsers refuse any that did not come by TLS."""
        return "__Host-verger" if self.is_secure else "verger"


class Entered(NamedTuple):
    """What the gate found out, in a request's ``state.entered``."""

    front: Front
    #: For counting attempts: never for letting anybody in.
    address: str
    #: Null on a page for those who are not signed in.
    visitor: Visitor | None
    #: What was sent from a page; empty where nothing was.
    form: Form


def entered(request: Request) -> Entered:
    """What the gate found out about who opens this page."""
    found: Entered = request.state.entered
    return found


def visitor_of(request: Request) -> Visitor | None:
    """Who is signed in, as far as the gate came; null where it let nobody in."""
    found: Entered | None = getattr(request.state, "entered", None)
    return None if found is None else found.visitor


def field(form: Form, name: str) -> str:
    """What a field holds that is sent once; empty if it was not. Raises ``InvalidInput``."""
    values = form.get(name, [""])
    if len(values) != 1:
        raise InvalidInput(Fault(f"#/{name}", "said twice"))
    return values[0]


class PageGate:
    """Lets browsers in."""

    def __init__(self, people: People, public_url: str | None) -> None:
        self._people = people
        self._public = None if public_url is None else Front(public_url, is_secure=True)

    async def admit(self, access: Access, scope: Scope, receive: Receive, is_direct: bool) -> Principal:
        """Who is signed in.

        Raises:
            ForeignRequest: it comes to another address, or from another page than ours.
            SignInNeeded: nobody is.
            InvalidInput, UnsupportedContent: what was sent is no form.
        """
        headers = Headers(scope=scope)
        front = self._front(headers, is_direct)
        is_safe = scope["method"] in _SAFE
        if not is_safe and (
            headers.get("origin") != front.origin or headers.get("sec-fetch-site", "same-origin") != "same-origin"
        ):
            raise ForeignRequest("this was not sent from one of our own pages")
        visitor = await self._visitor(front, headers) if access.door is Door.PAGE else None
        form: Form = {} if is_safe else await _form(Request(scope, receive), visitor)
        scope["state"]["entered"] = Entered(front, address_of(scope, self._public is not None), visitor, form)
        return NOBODY if visitor is None else visitor.principal

    def _front(self, headers: Headers, is_direct: bool) -> Front:
        host = headers.get("host", "").lower()
        if self._public is not None:
            if f"https://{host.removesuffix(':443')}" != self._public.origin:
                raise ForeignRequest(f"the pages are at {self._public.origin}; a proxy has to pass the Host on")
            return self._public
        if not is_direct:
            raise ForeignRequest("the pages are for this machine alone until VERGER_PUBLIC_URL says where they are")
        return Front(f"http://{host}", is_secure=False)

    async def _visitor(self, front: Front, headers: Headers) -> Visitor:
        token = cookie_parser(headers.get("cookie", "")).get(front.cookie)
        visitor = await self._people.visitor(token) if token else None
        if visitor is None:
            raise SignInNeeded("sign in at /review/sign-in")
        return visitor


async def _form(request: Request, visitor: Visitor | None) -> Form:
    """What was sent, if it came from a page of this very session."""
    header = request.headers.get(CSRF_HEADER)
    form: Form = {}
    if header is None or request.headers.get("content-type", "").startswith(FORM):
        content_type(request, FORM)
        form = _parsed(await read(request, limits.ENTRANCE_BYTES if visitor is None else limits.FORM_BYTES))
    if visitor is not None and not is_csrf_of(visitor.token, header or field(form, CSRF_FIELD)):
        raise ForeignRequest("this page is from an earlier session: load it again")
    return form


def _parsed(body: bytes) -> Form:
    try:
        form = parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_FIELDS,
        )
    except ValueError:
        raise InvalidInput(Fault("#", "not a form")) from None
    if any("\0" in value for values in form.values() for value in values):
        raise InvalidInput(Fault("#", "NUL is not text"))
    return form


def address_of(scope: Scope, is_behind_proxy: bool) -> str:
    """Where a call comes from, as far as that can be told; for IPv6 the network, which is one household's.

    Behind a proxy it is what the proxy added last. Anyone who gets past the proxy can claim any.
    """
    client = scope.get("client")
    said = Headers(scope=scope).getlist("x-forwarded-for") if is_behind_proxy else []
    given = said[-1].rpartition(",")[2].strip() if said else client[0] if client else ""
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
