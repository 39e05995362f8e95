"""Covering the profane words of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from models.scores import Severity, Span
from service.api import limits
from service.api.answers import Offset
from service.api.body import JSON, content_type, read
from service.api.documents import gives, json_answer, reads
from service.api.schemas import MaskIn
from service.api.submissions import read_mask
from service.scoring.engine import Engine


class MaskedOut(TypedDict):
    """A stretch that was covered; ``end`` is exclusive. The text keeps its length, so offsets hold in both."""

    start: Offset
    end: Offset
    severity: NotRequired[Severity]


class MaskOut(TypedDict):
    """The text with its profane words covered, and where they stood."""

    text: str
    masked: list[MaskedOut]


def masking_routes(engine: Engine) -> APIRouter:
    """``/v1/mask``."""
    router = APIRouter(tags=["scoring"])

    @router.post(
        "/v1/mask",
        responses=gives(MaskOut, 400, 401, 403, 413, 415, 422, 503),
        response_class=Response,
        openapi_extra=reads(MaskIn),
    )
    async def mask(request: Request) -> Response:
        """Cover every profane word, mild ones too. White space inside a spaced-out word stays."""
        content_type(request, JSON)
        asked = read_mask(await read(request, limits.BODY_BYTES))
        spans = engine.live.profane_words(asked.text)
        covered = masked_text(asked.text, spans, asked.mask, kept=1 if asked.keep_first else 0)
        answer: MaskOut = {"text": covered, "masked": [_masked(span) for span in spans]}
        return json_answer(answer)

    return router


def masked_text(text: str, spans: Sequence[Span], mask: str, *, kept: int) -> str:
    """``text`` at its own length, each span's characters after the first ``kept`` covered, white space left."""
    characters = list(text)
    for span in spans:
        for position in range(span.start + kept, span.end):
            if not characters[position].isspace():
                characters[position] = mask
    return "".join(characters)


def _masked(span: Span) -> MaskedOut:
    answer: MaskedOut = {"start": span.start, "end": span.end}
    if span.severity is not None:
        answer["severity"] = span.severity
    return answer
