"""Labelled comments, for training."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.documents import asks, refused
from service.api.downloads import Form, download, offered, written
from service.api.paths import query_of, site_of, time_of
from service.labels import Labels

_READING: Final = (401, 403, 422, 503)


def label_routes(labels: Labels) -> APIRouter:
    """``/v1/labels``."""
    router = APIRouter(tags=["labels"])

    @router.get(
        "/v1/labels",
        responses={**offered(Form.JSONL), **refused(*_READING)},
        response_class=Response,
        openapi_extra=asks("site", "since"),
    )
    async def get_labels(request: Request) -> Response:
        """A labelled comment for every review that stands and holds labels, the first one first: the text it was about,
        its context, and how it came before a person. Reviewers stand there by a pseudonym."""
        query = query_of(request, "since")
        rows = labels.rows(site_of(query), time_of(query, "since"))
        return await download("labels", Form.JSONL, written(Form.JSONL, (), rows))

    return router
