"""Readers who report: how often reviewers agreed, and setting aside what somebody reports."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.callers import principal_of
from service.api.page_gate import entered, field
from service.api.paths import cursor, cursor_of, id_of, number_of, query_of, site_of
from service.api.schemas import Id
from service.errors import NotFound
from service.review.contexts import excerpt
from service.review.frame import Frame, leads_to, path_of
from service.storage.review_store import ReviewStore

_LISTED: Final = 50
_PREVIEWED: Final = 50


def reporter_page_routes(reviews: ReviewStore, frame: Frame) -> APIRouter:
    """``/review/reporters`` and below, and ``/review/set-asides/{id}/undo``."""
    router = APIRouter(include_in_schema=False)
    pages = _Pages(reviews, frame)
    router.get("/review/reporters")(pages.reporters)
    router.get("/review/reporters/{id}")(pages.reporter)
    router.post("/review/reporters/{id}/set-aside")(pages.set_aside)
    router.post("/review/set-asides/{id}/undo")(pages.undo)
    return router


class _Pages:
    def __init__(self, reviews: ReviewStore, frame: Frame) -> None:
        self._reviews = reviews
        self._frame = frame

    async def reporters(self, request: Request) -> Response:
        query = query_of(request, "after")
        site = site_of(query)
        found = await self._reviews.reporters(site, cursor_of(query, Id), _LISTED + 1)
        shown = found[:_LISTED]
        more = cursor(shown[-1].id) if len(found) > _LISTED else None
        return await self._frame.show(request, "reporters.html", site, "reporters", reporters=shown, more=more)

    async def reporter(self, request: Request) -> Response:
        """One of them, with the comments that setting their open reports aside would touch."""
        query = query_of(request, "done", "notice")
        site, name = site_of(query), id_of(request)
        found = await self._reviews.reporter(site, name)
        if found is None:
            raise NotFound("nobody with this id reported anything on this site")
        keys = await self._reviews.open_reports_of(site, name, _PREVIEWED + 1)
        comments = await self._reviews.comments(keys[:_PREVIEWED]) if keys else {}
        return await self._frame.show(
            request,
            "reporter.html",
            site,
            "reporters",
            reporter=found,
            rows=[(comment, excerpt(comment)) for comment in comments.values()],
            has_more=len(keys) > _PREVIEWED,
            done=query.get("done"),
            notice=query.get("notice"),
        )

    async def set_aside(self, request: Request) -> Response:
        site, name = site_of(query_of(request)), id_of(request)
        done = await self._reviews.set_aside(site, name, principal_of(request).name)
        if done is None:
            return leads_to(path_of("reporters", name), site)
        return leads_to(path_of("reporters", name), site, done=str(done[0]), notice="set_aside")

    async def undo(self, request: Request) -> Response:
        """What was set aside counts again."""
        site, form = site_of(query_of(request)), entered(request).form
        count = await self._reviews.undo_set_aside(site, number_of(request), principal_of(request).name)
        if count is None:
            raise NotFound("no setting aside with this number on this site")
        return leads_to(path_of("reporters", field(form, "reporter")), site, notice="counted_again")
