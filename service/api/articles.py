"""Articles: registered once, named by comments and by calls that score."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, read
from service.api.documents import gives, gone, id_in_path, json_answer, reads
from service.api.paths import id_of, query_of, site_of
from service.api.registrations import read_article
from service.api.schemas import RegisteredArticleIn
from service.api.stored import ArticleOut, article_answer
from service.errors import NotFound
from service.scoring.articles import Articles
from service.storage.store import Store

_WRITING: Final = (400, 401, 403, 413, 415, 422, 503)
_READING: Final = (401, 403, 404, 413, 422, 503)
_NAMED: Final[dict[str, Any]] = id_in_path("article")


def article_routes(store: Store, articles: Articles) -> APIRouter:
    """``/v1/articles/{id}``."""
    router = APIRouter(tags=["articles"])

    @router.put(
        "/v1/articles/{id}",
        responses=gives(ArticleOut, *_WRITING, first=201),
        response_class=Response,
        openapi_extra={**reads(RegisteredArticleIn), **_NAMED},
    )
    async def put_article(request: Request) -> Response:
        """Register an article, or put it in place of the one with this id. Comments scored before keep their scores."""
        content_type(request, JSON)
        site, name = site_of(query_of(request)), id_of(request)
        article = read_article(await read(request, limits.ARTICLE_BYTES), site, name)
        is_new = await store.save_article(article)
        articles.forget((site, name))
        return json_answer(article_answer(article), 201 if is_new else 200)

    @router.get(
        "/v1/articles/{id}", responses=gives(ArticleOut, *_READING), response_class=Response, openapi_extra=_NAMED
    )
    async def get_article(request: Request) -> Response:
        """The article as it was registered."""
        key = (site_of(query_of(request)), id_of(request))
        found = (await store.articles([key])).get(key)
        if found is None:
            raise _no_article()
        return json_answer(article_answer(found))

    @router.delete("/v1/articles/{id}", responses=gone(*_READING), response_class=Response, openapi_extra=_NAMED)
    async def delete_article(request: Request) -> Response:
        """Forget the article. The comments under it stay, with its id and their scores."""
        key = (site_of(query_of(request)), id_of(request))
        was_there = await store.drop_article(key)
        articles.forget(key)
        if not was_there:
            raise _no_article()
        return Response(status_code=204)

    return router


def _no_article() -> NotFound:
    return NotFound("no article with this id is registered on this site")
