"""What every page of the review page has around it: whose site it is, and which others there are."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.callers import principal_of
from service.principals import Scope
from service.review.pages import HEADERS, page
from service.storage.review_store import ReviewStore

_SITES: Final = 200


class Frame:
    """Shows pages of one site."""

    def __init__(self, reviews: ReviewStore) -> None:
        self._reviews = reviews

    async def show(
        self, request: Request, template: str, site: str, section: str, status: int = 200, **values: Any
    ) -> Response:
        """The whole answer. ``section`` is the page's name in the navigation."""
        caller = principal_of(request)
        sites = [site] if caller.site is not None else await self._reviews.sites(_SITES)
        return page(
            request,
            template,
            status,
            site=site,
            sites=sites if site in sites else [site, *sites],
            section=section,
            is_admin=Scope.ADMIN in caller.scopes,
            **values,
        )


def path_of(kind: str, name: str) -> str:
    """The page of one of a kind (``comments``, ``reporters``); a slash in its name parts nothing."""
    return f"/review/{kind}/{quote(name, safe='')}"


def leads_to(path: str, site: str | None = None, **query: str | None) -> Response:
    """To another page, by GET. A ``path`` that has a query already takes no site."""
    given = [(name, value) for name, value in {"site": site, **query}.items() if value]
    return RedirectResponse(f"{path}?{urlencode(given)}" if given else path, 303, HEADERS)
