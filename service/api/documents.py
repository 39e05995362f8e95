"""The OpenAPI document, made of the same models that check requests."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from service.api import limits
from service.api.errors import MEDIA_TYPE, ProblemOut
from service.api.schemas import SCHEMA_REF, Id, Site

_MEANINGS: Final = {
    400: "Not JSON",
    401: "A key is needed",
    403: "Without a key only this machine is answered",
    404: "Nothing by that id on that site",
    409: "It contradicts what is stored, or an edit is older than that; `errors` says where",
    410: "It was erased, and is not taken in again",
    413: "Over a size limit",
    415: "Content type or encoding not read here",
    422: "Does not fit its description; `errors` says which fields",
    503: "Too much is waiting, or bundle or store is out of reach; `Retry-After` says when to come back",
}


def json_answer(value: object, status: int = 200) -> Response:
    """An answer with plain JSON types in it."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def reference(named: type) -> dict[str, str]:
    """Where the document describes that type."""
    return {"$ref": SCHEMA_REF.format(name=named.__name__)}


def gives(answer: type, *refusals: int, first: int | None = None) -> dict[int | str, dict[str, Any]]:
    """What a route may answer, for its ``responses=``; ``first`` is the status where it made something new."""
    whole = {"description": _in_short(answer), "content": {"application/json": {"schema": reference(answer)}}}
    made: dict[int | str, dict[str, Any]] = (
        {} if first is None else {first: {**whole, "description": "It is new. " + _in_short(answer)}}
    )
    return {200: whole, **made, **refused(*refusals)}


def gone(*refusals: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer that takes something away."""
    return {204: {"description": "It is gone"}, **refused(*refusals)}


def id_in_path(what: str, *others: str) -> dict[str, Any]:
    """A path's id and what may stand in the query, for ``openapi_extra=``."""
    named = {"name": "id", "in": "path", "required": True, "description": f"The {what}'s id, percent-encoded."}
    asked = {"site": _SITE, **{name: _QUERY[name] for name in others}}
    query = [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in asked.items()]
    return {"parameters": [{**named, "schema": _ID}, *query]}


def site_in_path(*others: str) -> dict[str, Any]:
    """A path's site and what may stand in the query, for ``openapi_extra=``."""
    named = {"name": "site", "in": "path", "required": True, "schema": _SITE}
    query = [{"name": name, "in": "query", "required": False, "schema": _QUERY[name]} for name in others]
    return {"parameters": [named, *query]}


def _schema(kind: Any) -> dict[str, Any]:
    return msgspec.json.schema(kind)


_ID: Final = _schema(Id)
_SITE: Final = _schema(Site)
_QUERY: Final = {
    "after": {"type": "string", "description": "The `next` of the page before."},
    "limit": {"type": "integer", "minimum": 1, "maximum": limits.PAGE_ROWS},
    "version": {"type": "integer", "minimum": 1, "maximum": limits.VERSIONS},
}


def refused(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer instead."""
    problem = {MEDIA_TYPE: {"schema": reference(ProblemOut)}}
    return {status: {"description": _MEANINGS[status], "content": problem} for status in statuses}


def reads(asked: type, **other: dict[str, Any]) -> dict[str, Any]:
    """What a route reads, for its ``openapi_extra=``; ``other`` are further media types."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference(asked)}, **other}}}


def describe(app: FastAPI, *types: type) -> None:
    """Make ``app.openapi()`` whole: bodies are read and written without FastAPI, so it does not know their types."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, types)
        return app.openapi_schema

    # FastAPI's documented way to replace its document is to replace the method.
    app.openapi = openapi  # type: ignore[method-assign]


def _document(app: FastAPI, types: tuple[type, ...]) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    _, schemas = msgspec.json.schema_components((*types, ProblemOut), ref_template=SCHEMA_REF)
    document["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
    }
    # Either the key, or nothing (open mode).
    document["security"] = [{"key": []}, {}]
    return document


def _in_short(named: type) -> str:
    return (named.__doc__ or "").partition("\n")[0]
