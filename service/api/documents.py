"""The OpenAPI document, made of the same models that check requests."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from service.api import limits
from service.api.access import ROUTES, Access, Door, who_may
from service.api.downloads import Form
from service.api.errors import MEDIA_TYPE, ProblemOut
from service.api.schemas import SCHEMA_REF, Id, Site
from service.principals import Scope
from service.storage.listing import Order
from service.storage.outbox import DeliveryState

_MEANINGS: Final = {
    400: "Not JSON",
    401: "A key is needed",
    403: "The key may not do this or is for another site; with no key made yet, the call came from elsewhere",
    404: "Nothing by that id on that site",
    409: "It contradicts what is stored, is older than that, or comes after another's; `errors` says where",
    410: "It was erased, and is not taken in again",
    413: "Over a size limit",
    415: "Content type or encoding not read here",
    429: "More calls than the key may make; `Retry-After` says when to come back",
    422: "Does not fit its description; `errors` says which fields",
    503: "Too much is waiting, or bundle or store is out of reach; `Retry-After` says when to come back",
}


class _Json(Response):
    """Whose headers are known beforehand."""

    def init_headers(self, headers: object = None) -> None:
        self.raw_headers = [(b"content-length", b"%d" % len(self.body)), (b"content-type", b"application/json")]


def json_answer(value: object, status: int = 200) -> Response:
    """An answer with plain JSON types in it."""
    return _Json(msgspec.json.encode(value), status)


def reference(named: type) -> dict[str, str]:
    """Where the document describes that type."""
    return {"$ref": SCHEMA_REF.format(name=named.__name__)}


def gives(answer: type, *refusals: int, first: int | None = None) -> dict[int | str, dict[str, Any]]:
    """What a route may answer, for its ``responses=``; ``first`` is the status where it made something new."""
    whole = _whole(answer)
    new: dict[int | str, dict[str, Any]] = (
        {} if first is None else {first: {**whole, "description": "It is new. " + _in_short(answer)}}
    )
    return {200: whole, **new, **refused(*refusals)}


def accepted(answer: type, *refusals: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer that sets something going."""
    return {202: _whole(answer), **refused(*refusals)}


def made(answer: type, *refusals: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer that makes something new each time."""
    return {201: _whole(answer), **refused(*refusals)}


def _whole(answer: type) -> dict[str, Any]:
    return {"description": _in_short(answer), "content": {"application/json": {"schema": reference(answer)}}}


def gone(*refusals: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer that takes something away."""
    return {204: {"description": "It is gone"}, **refused(*refusals)}


def id_in_path(what: str, *others: str) -> dict[str, Any]:
    """A path's id and what may stand in the query, for ``openapi_extra=``."""
    named = {"name": "id", "in": "path", "required": True, "description": f"The {what}'s id, percent-encoded."}
    return {"parameters": [{**named, "schema": _ID}, *_query("site", *others)]}


def number_in_path(what: str) -> dict[str, Any]:
    """A path's number and the site in the query, for ``openapi_extra=``."""
    named = {"name": "id", "in": "path", "required": True, "description": f"The {what}'s number."}
    schema = {"type": "integer", "minimum": 1, "maximum": limits.NUMBER}
    return {"parameters": [{**named, "schema": schema}, *_query("site")]}


def asks(*names: str, within: type | None = None) -> dict[str, Any]:
    """What may stand in the query, also every field of ``within``, for ``openapi_extra=``."""
    fields: dict[str, Any] = {}
    if within is not None:
        _, described = msgspec.json.schema_components((within,), ref_template=SCHEMA_REF)
        fields = described[within.__name__]["properties"]
    return {"parameters": [*_query(*names), *map(_parameter, fields, fields.values())]}


def site_in_path(*others: str) -> dict[str, Any]:
    """A path's site and what may stand in the query, for ``openapi_extra=``."""
    named = {"name": "site", "in": "path", "required": True, "schema": _SITE}
    return {"parameters": [named, *_query(*others)]}


def _query(*names: str) -> list[dict[str, Any]]:
    return [_parameter(name, _QUERY[name]) for name in names]


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _schema(kind: Any) -> dict[str, Any]:
    return msgspec.json.schema(kind)


_ID: Final = _schema(Id)
_SITE: Final = _schema(Site)
_QUERY: Final[dict[str, dict[str, Any]]] = {
    "site": _SITE,
    "sort": {"type": "string", "enum": [order.value for order in Order], "default": Order.PRIORITY.value},
    "after": {"type": "string", "description": "The `next` of the page before."},
    "limit": {"type": "integer", "minimum": 1, "maximum": limits.PAGE_ROWS},
    "state": {"enum": [*DeliveryState], "description": "Those in this state; all if left out."},
    "wait": {
        "type": "integer",
        "minimum": 1,
        "maximum": limits.WAIT_SECONDS,
        "description": "Seconds to wait for something to tell, where there is nothing yet.",
    },
    "version": {"type": "integer", "minimum": 1, "maximum": limits.VERSIONS},
    "comment": {**_ID, "description": "The comment that it was done to."},
    "actor": {**_ID, "description": "Who did it: `key:ID`, `reviewer:NAME`, `api`, …"},
    "action": {**_ID, "description": "What was done: `review`, `erase`, `put_policy`, …"},
    "from": {"type": "string", "format": "date-time", "description": "The first moment."},
    "to": {"type": "string", "format": "date-time", "description": "The first moment that is no longer meant."},
    "newest": {"type": "integer", "minimum": 1, "maximum": limits.TRIED_COMMENTS, "default": 20_000},
    "since": {"type": "string", "format": "date-time", "description": "The first moment."},
    "format": {"type": "string", "enum": [form.value for form in Form], "default": Form.JSONL.value},
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
    for (method, path), access in ROUTES.items():
        if path in document["paths"]:
            _say_who(document["paths"][path][method.lower()], access)
    return document


def _say_who(operation: dict[str, Any], access: Access) -> None:
    """What ``access.py`` says of a route."""
    if access.door is Door.PUBLIC:
        operation["security"] = []
        return
    scopes = sorted(access.scopes)
    keys = [{"key": [scope]} for scope in scopes] if 0 < len(scopes) < len(Scope) else [{"key": []}]
    # Or nothing: in open mode, and for some directly from this machine.
    operation["security"] = [*keys, {}]
    operation["responses"] |= {str(status): whole for status, whole in refused(401, 403, 429).items()}
    operation["responses"] = dict(sorted(operation["responses"].items()))
    operation["description"] += f"\n\nNeeds {who_may(access)}."


def _in_short(named: type) -> str:
    return (named.__doc__ or "").partition("\n")[0]
