"""Readers' reports and authors' appeals, and the readers who report."""

from __future__ import annotations

from typing import Any, Final, TypedDict

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, read
from service.api.callers import principal_of
from service.api.documents import asks, gives, id_in_path, json_answer, number_in_path, reads
from service.api.paths import cursor, cursor_of, id_of, limit_of, number_of, query_of, site_of
from service.api.review_answers import ReportOut, report_answer
from service.api.review_schemas import AppealIn, ReportIn, read_appeal, read_report
from service.api.schemas import Id, NothingIn
from service.api.submissions import read_nothing
from service.desk import Desk
from service.errors import NotFound
from service.storage.records import Reporter
from service.storage.review_store import ReviewStore

_WRITING: Final = (400, 401, 403, 404, 409, 413, 415, 422, 503)
_READING: Final = (401, 403, 404, 413, 422, 503)
_OF_COMMENT: Final[dict[str, Any]] = id_in_path("comment")
_OF_REPORTER: Final[dict[str, Any]] = id_in_path("reporter")
_PAGE: Final = 50


class AppealedOut(TypedDict):
    """The appeal is in the queue."""

    comment_id: str


class ReporterOut(TypedDict):
    """A reader who reported something, and how often reviewers agreed."""

    id: str
    reports: int
    open: int
    agreed: int
    disagreed: int


class ReportersOut(TypedDict):
    """In the order of their ids; ``next`` is where to go on (``?after=``), null at the end."""

    reporters: list[ReporterOut]
    next: str | None


class OpenReportsOut(TypedDict):
    """Which comments a reporter's open reports are about: what setting them aside would touch."""

    comments: list[str]
    more: bool


class SetAsideOut(TypedDict):
    """So many reports do not count any more; ``id`` is what to undo it by."""

    id: int
    reports: int


class UndoneOut(TypedDict):
    """So many reports count again."""

    reports: int


def report_routes(desk: Desk, reviews: ReviewStore) -> APIRouter:
    """Reports and appeals below ``/v1/comments/{id}``, ``/v1/reporters`` and ``/v1/set-asides``."""
    router = APIRouter(tags=["reports"])
    _add_reporting(router, desk)
    _add_reporters(router, reviews)
    return router


def _add_reporting(router: APIRouter, desk: Desk) -> None:
    @router.post(
        "/v1/comments/{id}/reports",
        responses=gives(ReportOut, *_WRITING, first=201),
        response_class=Response,
        openapi_extra={**reads(ReportIn), **_OF_COMMENT},
    )
    async def post_report(request: Request) -> Response:
        """A reader's report: evidence that is weighed. It hides nothing by itself; a person looks."""
        key = (site_of(query_of(request)), id_of(request))
        content_type(request, JSON)
        asked = read_report(await read(request, limits.BODY_BYTES))
        report, is_new = await desk.report(key, asked.reporter, asked.reason, asked.note)
        return json_answer(report_answer(report), 201 if is_new else 200)

    @router.post(
        "/v1/comments/{id}/appeals",
        responses=gives(AppealedOut, *_WRITING, first=201),
        response_class=Response,
        openapi_extra={**reads(AppealIn), **_OF_COMMENT},
    )
    async def post_appeal(request: Request) -> Response:
        """The author asks that a person looks: once at what the machine decided, once at what a person did."""
        key = (site_of(query_of(request)), id_of(request))
        content_type(request, JSON)
        asked = read_appeal(await read(request, limits.BODY_BYTES))
        is_new = await desk.appeal(key, asked.note)
        answer: AppealedOut = {"comment_id": key[1]}
        return json_answer(answer, 201 if is_new else 200)


def _add_reporters(router: APIRouter, reviews: ReviewStore) -> None:
    @router.get(
        "/v1/reporters",
        responses=gives(ReportersOut, *_READING),
        response_class=Response,
        openapi_extra=asks("site", "after", "limit"),
    )
    async def get_reporters(request: Request) -> Response:
        """Who reports, and how often reviewers agreed."""
        query = query_of(request, "after", "limit")
        most = limit_of(query, _PAGE, limits.PAGE_ROWS)
        found = await reviews.reporters(site_of(query), cursor_of(query, Id), most + 1)
        page = found[:most]
        answer: ReportersOut = {
            "reporters": [_reporter(one) for one in page],
            "next": cursor(page[-1].id) if len(found) > most else None,
        }
        return json_answer(answer)

    @router.get(
        "/v1/reporters/{id}/open-reports",
        responses=gives(OpenReportsOut, *_READING),
        response_class=Response,
        openapi_extra=_OF_REPORTER,
    )
    async def get_open_reports(request: Request) -> Response:
        """What setting the reporter's open reports aside would touch."""
        site, name = site_of(query_of(request)), id_of(request)
        found = await reviews.open_reports_of(site, name, limits.PAGE_ROWS + 1)
        ids = [comment_id for _, comment_id in found]
        answer: OpenReportsOut = {"comments": ids[: limits.PAGE_ROWS], "more": len(ids) > limits.PAGE_ROWS}
        return json_answer(answer)

    @router.post(
        "/v1/reporters/{id}/set-aside",
        responses=gives(SetAsideOut, *_WRITING),
        response_class=Response,
        openapi_extra={**reads(NothingIn), **_OF_REPORTER},
    )
    async def post_set_aside(request: Request) -> Response:
        """Let none of the reporter's open reports count. Their record stays as it is."""
        site, name = site_of(query_of(request)), id_of(request)
        await read_nothing(request)
        done = await reviews.set_aside(site, name, principal_of(request).name)
        if done is None:
            raise NotFound("this reporter has no open reports on this site")
        answer: SetAsideOut = {"id": done[0], "reports": done[1]}
        return json_answer(answer)

    @router.post(
        "/v1/set-asides/{id}/undo",
        responses=gives(UndoneOut, *_WRITING),
        response_class=Response,
        openapi_extra={**reads(NothingIn), **number_in_path("setting aside")},
    )
    async def undo_set_aside(request: Request) -> Response:
        """Let them count again. Doing it twice does nothing more."""
        site, number = site_of(query_of(request)), number_of(request)
        await read_nothing(request)
        count = await reviews.undo_set_aside(site, number, principal_of(request).name)
        if count is None:
            raise NotFound("no setting aside with this number on this site")
        answer: UndoneOut = {"reports": count}
        return json_answer(answer)


def _reporter(one: Reporter) -> ReporterOut:
    return {"id": one.id, "reports": one.reports, "open": one.open, "agreed": one.agreed, "disagreed": one.disagreed}
