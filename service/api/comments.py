"""Comments that are stored: scored and decided when they come in, and each time their text changes."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, read
from service.api.documents import gives, gone, id_in_path, json_answer, reads
from service.api.paths import cursor, cursor_of, id_of, limit_of, query_of, site_of
from service.api.registrations import read_stored_comment, sent_comment
from service.api.review_answers import CommentHistoryOut, history_answer
from service.api.schemas import Id, StoredCommentIn, Time
from service.api.stored import RepliesOut, StoredCommentOut, comment_answer
from service.errors import NotFound
from service.moderation import Moderation
from service.storage.review_store import ReviewStore
from service.storage.store import Store

_WRITING: Final = (400, 401, 403, 409, 410, 413, 415, 422, 503)
_READING: Final = (401, 403, 404, 413, 422, 503)
_NAMED: Final[dict[str, Any]] = id_in_path("comment")
_PAGED: Final[dict[str, Any]] = id_in_path("comment", "after", "limit")
_REPLIES: Final = 50


def comment_routes(moderation: Moderation, store: Store, reviews: ReviewStore) -> APIRouter:
    """``/v1/comments/{id}`` and below."""
    router = APIRouter(tags=["comments"])

    @router.put(
        "/v1/comments/{id}",
        responses=gives(StoredCommentOut, *_WRITING, first=201),
        response_class=Response,
        openapi_extra={**reads(StoredCommentIn), **_NAMED},
    )
    async def put_comment(request: Request) -> Response:
        """Score, decide and store a comment. The same text again changes nothing; another text is an edit."""
        content_type(request, JSON)
        query, name = query_of(request), id_of(request)
        asked = read_stored_comment(await read(request, limits.BODY_BYTES))
        sent = sent_comment(asked, site_of(query, asked.site), name)
        comment, is_new = await moderation.take(sent)
        return json_answer(comment_answer(comment), 201 if is_new else 200)

    @router.get(
        "/v1/comments/{id}",
        responses=gives(CommentHistoryOut, *_READING),
        response_class=Response,
        openapi_extra=_NAMED,
    )
    async def get_comment(request: Request) -> Response:
        """The comment as it stands, with everything that happened to it."""
        found = await reviews.history((site_of(query_of(request)), id_of(request)))
        if found is None:
            raise _no_comment()
        return json_answer(history_answer(found))

    @router.delete("/v1/comments/{id}", responses=gone(*_READING), response_class=Response, openapi_extra=_NAMED)
    async def delete_comment(request: Request) -> Response:
        """Erase text and author for good, of every revision. That there was such a comment, and its scores, stay."""
        if not await store.erase_comment((site_of(query_of(request)), id_of(request))):
            raise _no_comment()
        return Response(status_code=204)

    @router.get(
        "/v1/comments/{id}/replies",
        responses=gives(RepliesOut, *_READING),
        response_class=Response,
        openapi_extra=_PAGED,
    )
    async def get_replies(request: Request) -> Response:
        """The comments that answer this one, oldest first, a page at a time. It need not have been stored itself."""
        query = query_of(request, "after", "limit")
        most = limit_of(query, _REPLIES, limits.PAGE_ROWS)
        after = cursor_of(query, tuple[Time, Id])
        found = await store.replies((site_of(query), id_of(request)), after, most + 1)
        page = found[:most]
        more = cursor((page[-1].received_at, page[-1].id)) if len(found) > most else None
        answer: RepliesOut = {"replies": [comment_answer(one) for one in page], "next": more}
        return json_answer(answer)

    return router


def _no_comment() -> NotFound:
    return NotFound("no comment with this id is stored on this site")
