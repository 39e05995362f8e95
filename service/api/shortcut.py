"""The short way to the routes that are asked most: what FastAPI does between a request and us costs more than we do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import ServiceError

Refuse = Callable[[Request, Exception], Awaitable[Response]]


class ShortWay:
    """Calls a route's own endpoint at once; every other request, and every other method, goes on to FastAPI.

    The routes stay declared there, and ``refuse`` is the very handler that named errors have there, so an answer is the
    same either way. What FastAPI could do before an endpoint (dependencies, parameters) is not done here.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[APIRoute], refuse: Refuse) -> None:
        self._app = app
        self._routes = [(route.path_regex.match, method, route) for route in routes for method in route.methods or ()]
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for match, method, route in self._routes:
                if method == scope["method"] and (found := match(scope["path"])):
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    response = await self._answer(route, Request(scope, receive, send))
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _answer(self, route: APIRoute, request: Request) -> Response:
        try:
            response: Response = await route.endpoint(request)
        except ServiceError as error:
            return await self._refuse(request, error)
        return response
