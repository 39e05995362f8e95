"""Signing in and out, and setting one's password."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.page_gate import entered, field
from service.errors import InvalidInput, LinkRefused, SignInRefused, TooMany
from service.people import LONGEST, People
from service.principals import Scope
from service.review.pages import HEADERS, STATIC, page, static_file
from service.review.refusals import SIGN_IN
from service.review.texts import TEXTS

HOME: Final = "/review"
"""Where one is after signing in."""


def sign_in_routes(people: People) -> APIRouter:
    """``/review/sign-in``, ``/review/sign-out``, ``/review/welcome``, ``/review/account``, and what they load."""
    router = APIRouter(include_in_schema=False)
    router.get("/review/static/{name}")(_static)
    pages = _Pages(people)
    router.get("/review/sign-in")(pages.sign_in_page)
    router.post("/review/sign-in")(pages.sign_in)
    router.post("/review/sign-out")(pages.sign_out)
    router.get("/review/welcome")(pages.welcome_page)
    router.post("/review/welcome")(pages.welcome)
    router.get("/review/account")(pages.account_page)
    router.post("/review/account")(pages.change_password)
    return router


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    return Response(static_file(name), headers={"Cache-Control": "no-cache"}, media_type=STATIC[name])


class _Pages:
    def __init__(self, people: People) -> None:
        self._people = people

    async def sign_in_page(self, request: Request) -> Response:
        return page(request, "sign_in.html", is_new=await self._people.is_new(), name="", message=None)

    async def sign_in(self, request: Request) -> Response:
        there = entered(request)
        name, password = field(there.form, "name"), field(there.form, "password")
        try:
            return _signed_in(request, await self._people.sign_in(name, password, there.address))
        except SignInRefused:
            return page(request, "sign_in.html", 403, is_new=False, name=name, message=TEXTS.sign_in.refused)
        except TooMany as refusal:
            message = TEXTS.sign_in.many.format(seconds=refusal.retry_after)
            answer = page(request, "sign_in.html", 429, is_new=False, name=name, message=message)
            answer.headers["Retry-After"] = str(refusal.retry_after)
            return answer

    async def sign_out(self, request: Request) -> Response:
        there = entered(request)
        assert there.visitor is not None
        await self._people.sign_out(there.visitor.token)
        answer = RedirectResponse(SIGN_IN, 303, HEADERS)
        answer.delete_cookie(there.front.cookie, secure=there.front.is_secure, httponly=True, samesite="strict")
        return answer

    async def welcome_page(self, request: Request) -> Response:
        return page(request, "welcome.html", is_new=await self._people.is_new(), code="", name="", message=None)

    async def welcome(self, request: Request) -> Response:
        form = entered(request).form
        code, name = field(form, "code"), field(form, "name")
        try:
            return _signed_in(request, await self._people.welcome(code, name, field(form, "password")))
        except LinkRefused:
            status, message = 403, TEXTS.welcome.refused
        except InvalidInput as error:
            status, message = 422, _fault(error)
        is_new = await self._people.is_new()
        return page(request, "welcome.html", status, is_new=is_new, code=code, name=name, message=message)

    async def account_page(self, request: Request) -> Response:
        return _account(request, 200, None)

    async def change_password(self, request: Request) -> Response:
        there = entered(request)
        assert there.visitor is not None
        before, password = field(there.form, "before"), field(there.form, "password")
        try:
            token = await self._people.change_password(there.visitor, before, password, there.address)
        except SignInRefused:
            return _account(request, 403, TEXTS.account.refused)
        except InvalidInput as error:
            return _account(request, 422, _fault(error))
        return _signed_in(request, token)


def _signed_in(request: Request, token: str) -> Response:
    """On to the first page, with the session's cookie."""
    front = entered(request).front
    answer = RedirectResponse(HOME, 303, HEADERS)
    answer.set_cookie(
        front.cookie,
        token,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=front.is_secure,
        httponly=True,
        samesite="strict",
    )
    return answer


def _account(request: Request, status: int, message: str | None) -> Response:
    visitor = entered(request).visitor
    assert visitor is not None
    is_admin = Scope.ADMIN in visitor.principal.scopes
    return page(request, "account.html", status, is_admin=is_admin, message=message)


def _fault(error: InvalidInput) -> str:
    message: str = TEXTS.fault.name if error.fault.pointer == "#/name" else TEXTS.fault.password
    return message
