"""What people decide about comments, one at a time or many alike, and taking it back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, decode, read
from service.api.callers import principal_of, reviewer_of
from service.api.documents import gives, gone, id_in_path, json_answer, number_in_path, reads
from service.api.paths import id_of, number_of, query_of, site_of
from service.api.review_answers import BulkReviewOut, ReviewOut, bulk_answer, reviewed_answer
from service.api.review_schemas import (
    BULK,
    GOLDEN,
    BulkReviewIn,
    GoldenIn,
    ReviewIn,
    filters_of,
    labels_of,
    opinion_of,
    read_review,
)
from service.api.schemas import NothingIn
from service.api.submissions import check_words, read_nothing
from service.desk import Desk
from service.errors import NotFound
from service.review_domain import ReviewAction
from service.storage.golden import MakeGolden
from service.storage.review_store import ReviewStore

_ACTING: Final = (400, 401, 403, 404, 409, 410, 413, 415, 422, 503)
_UNDOING: Final = (400, 401, 403, 404, 409, 410, 413, 415, 422, 503)
_NAMED: Final[dict[str, Any]] = id_in_path("comment")


def review_routes(desk: Desk, reviews: ReviewStore) -> APIRouter:
    """``/v1/reviews`` and below, and which comments are golden."""
    router = APIRouter(tags=["review"])

    @router.post(
        "/v1/reviews",
        responses=gives(ReviewOut, *_ACTING, first=201),
        response_class=Response,
        openapi_extra=reads(ReviewIn),
    )
    async def post_review(request: Request) -> Response:
        """Decide about one revision of a comment. Saying the same again changes nothing."""
        content_type(request, JSON)
        query = query_of(request)
        asked = read_review(await read(request, limits.BODY_BYTES))
        site, reviewer = site_of(query, asked.site), reviewer_of(request, asked.reviewer)
        reviewed = await desk.review(opinion_of(asked, site, reviewer, asked.comment_id, asked.revision))
        return json_answer(reviewed_answer(reviewed), 201 if reviewed.is_new else 200)

    @router.post(
        "/v1/reviews/bulk",
        responses=gives(BulkReviewOut, *_ACTING),
        response_class=Response,
        openapi_extra=reads(BulkReviewIn),
    )
    async def post_reviews(request: Request) -> Response:
        """Decide the same about every entry of the queue that matches, if there are exactly as many as ``count``."""
        content_type(request, JSON)
        query = query_of(request)
        asked = decode(BULK, await read(request, limits.BODY_BYTES))
        check_words(asked.note, ("note",))
        site, reviewer = site_of(query, asked.site), reviewer_of(request, asked.reviewer)
        opinion = opinion_of(asked, site, reviewer)
        return json_answer(bulk_answer(await desk.review_all(opinion, filters_of(asked.filters), asked.count)))

    @router.post(
        "/v1/reviews/{id}/undo",
        responses=gives(ReviewOut, *_UNDOING),
        response_class=Response,
        openapi_extra={**reads(NothingIn), **number_in_path("review")},
    )
    async def undo_review(request: Request) -> Response:
        """Take a review back: the comment stands as before it, and what it answered is open again."""
        site, number = site_of(query_of(request)), number_of(request)
        await read_nothing(request)
        reviewed = await desk.undo(site, number, principal_of(request).name)
        return json_answer(reviewed_answer(reviewed))

    @router.put(
        "/v1/comments/{id}/golden",
        responses=gone(*_ACTING),
        response_class=Response,
        openapi_extra={**reads(GoldenIn), **_NAMED},
    )
    async def put_golden(request: Request) -> Response:
        """Say what the right answer about a comment is: reviewers are shown it now and then, to see how they do."""
        content_type(request, JSON)
        site, name = site_of(query_of(request)), id_of(request)
        asked = decode(GOLDEN, await read(request, limits.BODY_BYTES))
        answer = (ReviewAction(asked.action), labels_of(asked.labels))
        by = principal_of(request).name
        made = MakeGolden(site, name, asked.revision, *answer, by, datetime.now(UTC))
        if not await reviews.make_golden(made):
            raise NotFound("no comment with this id and revision is stored on this site")
        return Response(status_code=204)

    @router.delete("/v1/comments/{id}/golden", responses=gone(*_UNDOING), response_class=Response, openapi_extra=_NAMED)
    async def delete_golden(request: Request) -> Response:
        """Show it no more."""
        site, name = site_of(query_of(request)), id_of(request)
        if not await reviews.drop_golden(site, name, principal_of(request).name):
            raise NotFound("this comment is not a golden one")
        return Response(status_code=204)

    return router
