"""The queue: one comment at a time or a list, deciding, and taking back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.alike import made
from service.api.callers import principal_of
from service.api.page_gate import entered, field
from service.api.paths import cursor
from service.desk import Desk, Waiting
from service.errors import Claimed, CountChanged, Decided, Erased, InvalidInput, NotFound, ServiceError, StaleRevision
from service.review.asked import Asked, View, asked_of, misread
from service.review.contexts import excerpt
from service.review.frame import Frame, leads_to, path_of
from service.review.hearing import Hearing
from service.review.opinions import SKIP, alike_of, bulk_in, comment_id_of, opinion_in, review_number_of
from service.review.pages import page
from service.review_domain import REPORT_REASONS, Cause, Opinion
from service.storage.deciding import Reviewed
from service.storage.listing import COUNTED, Order, place_of

AHEAD: Final = 2
"""How many are held for a person at once: the one that is read, and the one after it."""
_LISTED: Final = 50
FRAGMENT: Final = "x-fragment"
"""The script sends it where it wants no whole page."""
_NOTICES: Final[tuple[tuple[type[ServiceError], str], ...]] = (
    (Claimed, "claimed"),
    (StaleRevision, "stale"),
    (Decided, "decided"),
    (Erased, "erased"),
    (NotFound, "gone"),
)
_REFUSED: Final = tuple(kind for kind, _ in _NOTICES)


def queue_page_routes(desk: Desk, hearing: Hearing, frame: Frame) -> APIRouter:
    """``/review`` and what its buttons do."""
    router = APIRouter(include_in_schema=False)
    pages = _Pages(desk, hearing, frame)
    router.get("/review")(pages.queue)
    router.post("/review/decide")(pages.decide)
    router.post("/review/undo")(pages.undo)
    router.post("/review/bulk")(pages.bulk)
    router.post("/review/bulk/undo")(pages.undo_bulk)
    return router


def notice_of(error: ServiceError) -> str:
    """The name of the notice that says why nothing was done."""
    if isinstance(error, Decided) and error.fault.pointer == "#/action":
        return "decided_by_you"
    return next((name for kind, name in _NOTICES if isinstance(error, kind)), "gone")


class _Pages:
    def __init__(self, desk: Desk, hearing: Hearing, frame: Frame) -> None:
        self._desk = desk
        self._hearing = hearing
        self._frame = frame

    async def queue(self, request: Request) -> Response:
        try:
            asked = asked_of(request)
        except InvalidInput as error:
            return await self._ask_again(request, misread(request, error))
        return await (self._list(request, asked) if asked.view is View.LIST else self._one(request, asked))

    async def _one(self, request: Request, asked: Asked) -> Response:
        held: list[Waiting] = []
        if asked.first is not None:
            try:
                held.append(await self._desk.claim_one((asked.site, asked.first), principal_of(request).name))
            except (Claimed, NotFound) as error:
                asked = replace(asked, notice=asked.notice or notice_of(error))
        held += await self._next(request, asked, AHEAD - len(held), [one.comment.id for one in held])
        views = await self._hearing.views(held)
        count = await self._desk.count(asked.site, principal_of(request).name, asked.filters)
        return await self._frame.show(
            request, "one.html", asked.site, "queue", asked=asked, entries=views, count=count, **_CHOICES
        )

    async def _ask_again(self, request: Request, asked: Asked) -> Response:
        rest: dict[str, Any] = {"rows": [], "more": None, "count": 0, **_CHOICES}
        return await self._frame.show(request, "list.html", asked.site, "queue", 422, asked=asked, **rest)

    async def _list(self, request: Request, asked: Asked) -> Response:
        found, count = await self._desk.queue(asked.site, asked.filters, asked.order, asked.place(), _LISTED + 1)
        shown = found[:_LISTED]
        more = asked.query(after=cursor(place_of(shown[-1].entry, asked.order))) if len(found) > _LISTED else None
        rows = [(view, excerpt(view.comment)) for view in await self._hearing.views(shown)]
        return await self._frame.show(
            request,
            "list.html",
            asked.site,
            "queue",
            asked=asked,
            rows=rows,
            more=more,
            count=count,
            now=datetime.now(UTC),
            **_CHOICES,
        )

    async def decide(self, request: Request) -> Response:
        """Do what a button says. Whoever decided first is right: then the next comes, with a word about it."""
        # What the address says of the decision before is over.
        asked = replace(asked_of(request), done=None, did=None, notice=None, alike=None)
        form = entered(request).form
        comment_id = comment_id_of(form)
        reviewer = principal_of(request).name
        if field(form, "action") == SKIP:
            await self._desk.release((asked.site, comment_id), reviewer)
            asked = asked.passing(comment_id)
        else:
            opinion = opinion_in(form, asked.site, reviewer)
            try:
                done = (await self._desk.review(opinion)).review
                asked = replace(asked, done=str(done.number), did=opinion.action.value)
            except _REFUSED as error:
                asked = replace(asked, notice=notice_of(error))
        asked = replace(asked, first=None, after=None)
        if FRAGMENT in request.headers:
            return await self._after(request, asked, [comment_id, *form.get("there", ())])
        happened = {"done": asked.done, "did": asked.did, "notice": asked.notice}
        if field(form, "back") == "comment":
            return leads_to(path_of("comments", comment_id), asked.site, **happened)
        return leads_to(f"/review?{asked.query(**happened)}")

    async def undo(self, request: Request) -> Response:
        """The comment is shown again, to be decided anew."""
        asked, form = asked_of(request), entered(request).form
        try:
            undone = await self._desk.undo(asked.site, review_number_of(form), principal_of(request).name)
        except _REFUSED as error:
            return leads_to(f"/review?{asked.query(notice=notice_of(error))}")
        first = undone.review.opinion.comment_id
        if field(form, "back") == "comment":
            return leads_to(path_of("comments", first), asked.site, notice="undone")
        asked = replace(asked, skipped=tuple(one for one in asked.skipped if one != first))
        return leads_to(f"/review?{asked.query(first=first, notice='undone')}")

    async def bulk(self, request: Request) -> Response:
        """The same about everything that matches, if there is as much of it as was said."""
        asked, form = asked_of(request), entered(request).form
        action, count = bulk_in(form)
        opinion = Opinion(asked.site, "", 0, principal_of(request).name, action, {})
        try:
            found = await self._desk.review_all(opinion, asked.filters, count)
        except CountChanged:
            return leads_to(f"/review?{asked.query(notice='count')}")
        done = sum(isinstance(one, Reviewed) for one in found)
        left = len(found) - done
        notice, alike = "bulk_left" if left else "bulk", made(found)
        happened = {"notice": notice, "done": str(done), "did": str(left), "alike": alike and cursor(alike)}
        return leads_to(f"/review?{asked.query(**happened)}")

    async def undo_bulk(self, request: Request) -> Response:
        """All of them, if just they are left of it."""
        asked, form = asked_of(request), entered(request).form
        try:
            found = await self._desk.undo_all(asked.site, alike_of(field(form, "alike")), principal_of(request).name)
        except CountChanged:
            return leads_to(f"/review?{asked.query(notice='bulk_changed')}")
        done = sum(isinstance(one, Reviewed) for one in found)
        left = len(found) - done
        notice = "bulk_undone_left" if left else "bulk_undone"
        return leads_to(f"/review?{asked.query(notice=notice, done=str(done), did=str(left))}")

    async def _after(self, request: Request, asked: Asked, there: Iterable[str]) -> Response:
        """What the script puts into the page: what happened, and the comment behind those that are there."""
        views = await self._hearing.views(await self._next(request, asked, 1, there))
        count = await self._desk.count(asked.site, principal_of(request).name, asked.filters)
        return page(request, "after.html", asked=asked, site=asked.site, entries=views, count=count, counted_to=COUNTED)

    async def _next(self, request: Request, asked: Asked, count: int, there: Iterable[str]) -> list[Waiting]:
        return await self._desk.claim(
            asked.site,
            principal_of(request).name,
            count=count,
            filters=asked.filters,
            order=asked.order,
            but=frozenset(there) | frozenset(asked.skipped),
        )


_CHOICES: Final[dict[str, Any]] = {
    "causes": list(Cause),
    "reasons": REPORT_REASONS,
    "actions": ("hold", "label", "allow", "reject"),
    "orders": list(Order),
    "counted_to": COUNTED,
}
