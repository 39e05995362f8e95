"""What a person reads where a page was refused, whoever refused it: the gate, a page or the framework."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.errors import detail_of, headers_for, kind_of
from service.errors import Fault, InvalidInput, SignInNeeded
from service.review.pages import HEADERS, page
from service.review.texts import TEXTS

SIGN_IN: Final = "/review/sign-in"


def refusal_page(request: Request, error: Exception) -> Response:
    """The whole answer. A browser that opens a page is led to where one signs in."""
    opens_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if isinstance(error, SignInNeeded) and opens_page:
        return RedirectResponse(SIGN_IN, 303, HEADERS)
    kind = kind_of(error)
    detail = _fault_words(error.fault) if isinstance(error, InvalidInput) else detail_of(error)
    known = {"detail": detail, "request_id": request.state.request_id}
    words = getattr(TEXTS.refused, kind.slug.replace("-", "_"), TEXTS.refused.internal)
    answer = page(request, "problem.html", kind.status, words=words, **known)
    answer.headers.update(headers_for(error))
    return answer


def _fault_words(fault: Fault) -> str:
    """What is wrong, at a field by the words that people have for it; programs are told where by a pointer."""
    step = fault.pointer.removeprefix("#").removeprefix("/").partition("/")[0]
    name = unquote(step).replace("~1", "/").replace("~0", "~")
    if not name:
        return fault.detail
    field = getattr(TEXTS.field, name, None) or TEXTS.problem.field.format(name=name)
    return f"{field}: {fault.detail}"
