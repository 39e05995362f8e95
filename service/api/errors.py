"""The only place where a named error becomes an HTTP answer (RFC 9457 problem details)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NotRequired, TypedDict

from fastapi import FastAPI
from msgspec.json import encode
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service import errors

MEDIA_TYPE: Final = "application/problem+json"
PAGES: Final = "/review"
"""Below here people read the answers."""

Answer = Callable[[Request, Exception], Response]
"""From an error to the whole answer."""


class FaultOut(TypedDict):
    """Which field, as a JSON pointer in a URI fragment (``#/context/parent``; ``#`` is the whole), and why."""

    pointer: str
    detail: str


class ProblemOut(TypedDict):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: NotRequired[list[FaultOut]]
    line: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a named error looks like from outside."""

    status: int
    slug: str
    title: str


KINDS: Final[dict[type[Exception], Kind]] = {
    errors.NotJson: Kind(400, "not-json", "The body is not JSON"),
    errors.InputTooLarge: Kind(413, "too-large", "Too large"),
    errors.InvalidInput: Kind(422, "invalid", "The request does not fit its description"),
    errors.StaleRevision: Kind(409, "stale-revision", "A newer text is stored"),
    errors.Claimed: Kind(409, "claimed", "Somebody else holds it"),
    errors.Decided: Kind(409, "decided", "It was decided already"),
    errors.AppealAnswered: Kind(409, "appeal-answered", "The last appeal was answered"),
    errors.NothingToAppeal: Kind(409, "nothing-to-appeal", "There is nothing to appeal against"),
    errors.CountChanged: Kind(409, "count-changed", "There are more or fewer than that"),
    errors.AlreadyTrying: Kind(409, "already-trying", "Another draft is being tried"),
    errors.Conflict: Kind(409, "conflict", "It contradicts what is stored"),
    errors.NotFound: Kind(404, "not-found", "Nothing by that id"),
    errors.Erased: Kind(410, "erased", "It was erased"),
    errors.UnsupportedContent: Kind(415, "unsupported-content", "Content type or encoding not read here"),
    errors.Unauthenticated: Kind(401, "unauthenticated", "A key is needed"),
    errors.SignInNeeded: Kind(401, "sign-in-needed", "Sign in first"),
    errors.SignInRefused: Kind(403, "sign-in-refused", "Name or password is wrong"),
    errors.LinkRefused: Kind(403, "link-refused", "The link is used up, too old or unknown"),
    errors.ScopeMissing: Kind(403, "scope-missing", "The key may not do this"),
    errors.OtherSite: Kind(403, "other-site", "The key belongs to another site"),
    errors.ForeignRequest: Kind(403, "foreign-request", "Not sent from one of our pages"),
    errors.TooMany: Kind(429, "too-many", "Too many calls"),
    errors.OpenModeRefused: Kind(403, "open-mode", "Without a key only this machine is answered"),
    errors.Overloaded: Kind(503, "overloaded", "Too much is waiting"),
    errors.NotReady: Kind(503, "not-ready", "Not ready"),
    errors.StoreUnavailable: Kind(503, "store-unavailable", "The store is out of reach"),
}
INTERNAL: Final = Kind(500, "internal", "Something went wrong on our side")


def kind_of(error: Exception) -> Kind:
    """The nearest entry of ``KINDS`` along the error's ancestry; ``INTERNAL`` for what nobody named."""
    if isinstance(error, HTTPException):
        phrase = HTTPStatus(error.status_code).phrase
        return Kind(error.status_code, phrase.lower().replace(" ", "-"), phrase)
    return next((KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS), INTERNAL)


def problem(error: Exception, request_id: str) -> ProblemOut:
    """The problem details."""
    kind = kind_of(error)
    details: ProblemOut = {
        "type": f"urn:verger:problem:{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail_of(error),
        "request_id": request_id,
    }
    if isinstance(error, errors.InvalidInput):
        details["errors"] = [{"pointer": error.fault.pointer, "detail": error.fault.detail}]
    return details


def detail_of(error: Exception) -> str:
    """What there is to say about this one. The text of an error that nobody named is never shown."""
    if isinstance(error, HTTPException):
        return kind_of(error).title
    return str(error) if isinstance(error, errors.ServiceError) else "What happened is in our log, under the request id"


def headers_for(error: Exception) -> dict[str, str]:
    """What the answer's head says about it."""
    if isinstance(error, HTTPException):
        return dict(error.headers or {})
    headers = {}
    if isinstance(error, errors.Overloaded | errors.NotReady | errors.StoreUnavailable | errors.TooMany):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Unauthenticated) and not isinstance(error, errors.SignInNeeded):
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def answering(page: Answer) -> Answer:
    """Answers with ``page`` to what belongs to the pages, and to everything else with problem details."""

    def answer(request: Request, error: Exception) -> Response:
        path: str = request.scope["path"]
        if path == PAGES or path.startswith(f"{PAGES}/"):
            return page(request, error)
        details = problem(error, request.state.request_id)
        return Response(encode(details), details["status"], headers_for(error), MEDIA_TYPE)

    return answer


def install(
    app: FastAPI, answer: Answer, on_refused: Callable[[str], None]
) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answer every named error, and the framework's own (no such route, wrong method).

    What it returns is the handler of named errors, for whoever calls endpoints without FastAPI.
    """

    async def named(request: Request, error: Exception) -> Response:
        on_refused(kind_of(error).slug)
        return answer(request, error)

    async def framework(request: Request, error: Exception) -> Response:
        return answer(request, error)

    app.add_exception_handler(errors.ServiceError, named)
    app.add_exception_handler(HTTPException, framework)
    return named
