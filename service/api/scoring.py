"""Scoring with nothing stored: one comment, or up to 1,000, or a stream."""

from __future__ import annotations

from typing import TypedDict

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.answers import ScoreOut, score_answer
from service.api.body import JSON, NDJSON, content_type, read
from service.api.callers import principal_of
from service.api.documents import gives, json_answer, reads, reference, refused
from service.api.results import ErrorOut, Results
from service.api.schemas import BatchIn, CommentIn
from service.api.streams import StreamedScores, StreamLimits
from service.api.submissions import read_batch, read_comment
from service.moderation import Moderation

_REFUSALS = (400, 401, 403, 413, 415, 422, 503)
_LINES = {NDJSON: {"schema": {"type": "string", "description": "One CommentIn a line."}}}
# By hand, since msgspec describes no union of typed dictionaries.
_RESULT = {"anyOf": [reference(ScoreOut), reference(ErrorOut)]}
_RESULTS = {
    "description": "One result for each comment, in order.",
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "properties": {"results": {"type": "array", "items": _RESULT}},
                "required": ["results"],
            }
        },
        NDJSON: {"schema": {"type": "string", "description": "One ScoreOut or ErrorOut a line, in order."}},
    },
}


class BatchOut(TypedDict):
    """One result for each comment, in order."""

    results: list[ScoreOut | ErrorOut]


def scoring_routes(moderation: Moderation, results: Results, stream_limits: StreamLimits) -> APIRouter:
    """``/v1/score`` and ``/v1/score/batch``."""
    router = APIRouter(tags=["scoring"])

    @router.post(
        "/v1/score", responses=gives(ScoreOut, *_REFUSALS), response_class=Response, openapi_extra=reads(CommentIn)
    )
    async def score(request: Request) -> Response:
        """Score one comment and say what the policy makes of it. Nothing is stored or logged."""
        content_type(request, JSON)
        submission = read_comment(await read(request, limits.BODY_BYTES), principal_of(request))
        return json_answer(score_answer(submission, await moderation.assess(submission)))

    @router.post(
        "/v1/score/batch",
        responses={200: _RESULTS, **refused(*_REFUSALS)},
        response_class=Response,
        openapi_extra=reads(BatchIn, **_LINES),
    )
    async def score_batch(request: Request) -> Response:
        """Score up to 1,000 comments at once, or as NDJSON any number of them, one a line, each answered in order."""
        kind = content_type(request, JSON, NDJSON)
        results.refuse_if_full()
        request_id: str = request.state.request_id
        principal = principal_of(request)
        if kind == NDJSON:
            return StreamedScores(results, stream_limits, request_id, principal)
        comments = read_batch(await read(request, limits.BATCH_BYTES), principal)
        answer: BatchOut = {"results": await results.of(comments, request_id)}
        return json_answer(answer)

    return router
