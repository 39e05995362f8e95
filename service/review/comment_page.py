"""One comment with its history; it can be held and decided there."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.callers import principal_of
from service.api.page_gate import entered, field
from service.api.paths import id_of, query_of, site_of
from service.desk import Desk
from service.errors import Claimed, NotFound
from service.principals import Scope
from service.review.asked import Asked
from service.review.blindness import is_untold, unjudged, wants_second
from service.review.contexts import Heard, comment_view
from service.review.frame import Frame, leads_to, path_of
from service.review.happenings import happenings
from service.review.hearing import Hearing
from service.review.opinions import labels_in, revision_of
from service.review.queue import notice_of
from service.review_domain import ReviewAction
from service.storage.golden import MakeGolden
from service.storage.review_store import History, ReviewStore
from service.storage.store import Store

_DROP = "drop"


def comment_page_routes(desk: Desk, reviews: ReviewStore, store: Store, hearing: Hearing, frame: Frame) -> APIRouter:
    """``/review/comments/{id}`` and what its buttons do."""
    router = APIRouter(include_in_schema=False)
    pages = _Pages(desk, reviews, store, hearing, frame)
    router.get("/review/comments/{id}")(pages.comment)
    router.post("/review/comments/{id}/claim")(pages.claim)
    router.post("/review/comments/{id}/golden")(pages.golden)
    return router


class _Pages:
    def __init__(self, desk: Desk, reviews: ReviewStore, store: Store, hearing: Hearing, frame: Frame) -> None:
        self._desk = desk
        self._reviews = reviews
        self._store = store
        self._hearing = hearing
        self._frame = frame

    async def comment(self, request: Request) -> Response:
        query = query_of(request, "done", "did", "notice")
        key = (site_of(query), id_of(request))
        history = await self._reviews.history(key)
        if history is None:
            raise NotFound("no comment with this id is stored on this site")
        caller, golden = principal_of(request), await self._reviews.golden(key)
        is_second = wants_second(history, caller)
        if is_second or is_untold(history, golden, caller):
            history = unjudged(history)
        comment, entry = history.comment, history.entry
        heard: Heard = await self._hearing.heard(comment)
        articles = await self._store.articles({(comment.site, comment.article_id)}) if comment.article_id else {}
        parents = await self._reviews.comments([(comment.site, comment.parent_id)]) if comment.parent_id else {}
        view = comment_view(
            comment, next(iter(articles.values()), None), next(iter(parents.values()), None), entry, heard
        )
        return await self._frame.show(
            request,
            "comment.html",
            comment.site,
            "queue",
            asked=Asked(comment.site, done=query.get("done"), did=query.get("did"), notice=query.get("notice")),
            view=view,
            can_decide=_can_decide(history, caller.name, datetime.now(UTC)),
            holder=_holder(history, caller.name, datetime.now(UTC)),
            happenings=happenings(history),
            audit=history.audit,
            is_second=is_second,
            is_golden=golden is not None and Scope.ADMIN in caller.scopes,
        )

    async def claim(self, request: Request) -> Response:
        """Hold it, to decide it there."""
        key = (site_of(query_of(request)), id_of(request))
        try:
            await self._desk.claim_one(key, principal_of(request).name)
        except (Claimed, NotFound) as error:
            return leads_to(path_of("comments", key[1]), key[0], notice=notice_of(error))
        return leads_to(path_of("comments", key[1]), key[0], notice="held")

    async def golden(self, request: Request) -> Response:
        """Say what is right about it, so that reviewers are shown it now and then; or show it no more."""
        key, form = (site_of(query_of(request)), id_of(request)), entered(request).form
        by, action = principal_of(request).name, field(form, "action")
        if action == _DROP:
            await self._reviews.drop_golden(*key, by)
            return leads_to(path_of("comments", key[1]), key[0], notice="not_golden")
        answer = (_right(action), labels_in(form, action))
        if not await self._reviews.make_golden(MakeGolden(*key, revision_of(form), *answer, by, datetime.now(UTC))):
            raise NotFound("no comment with this id and revision is stored on this site")
        return leads_to(path_of("comments", key[1]), key[0], notice="golden")


def _right(action: str) -> ReviewAction:
    wanted = (ReviewAction.APPROVE, ReviewAction.LABEL, ReviewAction.REJECT)
    found = next((one for one in wanted if one.value == action), None)
    if found is None:
        raise NotFound("there is no such decision")
    return found


def _holder(history: History, reviewer: str, now: datetime) -> str | None:
    """Somebody else who holds it."""
    entry = history.entry
    if entry is None or entry.claimed_until is None or entry.claimed_until <= now:
        return None
    return None if entry.claimed_by == reviewer else entry.claimed_by


def _can_decide(history: History, reviewer: str, now: datetime) -> bool:
    """Whoever holds it; and anybody, of a comment that no person decided and that waits for none."""
    if history.comment.erased_at is not None:
        return False
    entry = history.entry
    if entry is None:
        return not any(one.undone_at is None for one in history.reviews)
    return entry.claimed_by == reviewer and entry.claimed_until is not None and entry.claimed_until > now
