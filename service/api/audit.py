"""Who did what, when: read, exported, and as statements of reasons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, TypedDict

from fastapi import APIRouter
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import decode_value
from service.api.documents import asks, gives, json_answer, refused
from service.api.downloads import ROWS_AT_ONCE, Form, download, offered, written
from service.api.paths import Query, cursor, limit_of, number_after, period_of, query_of, site_of
from service.api.schemas import Id
from service.statements import STATEMENT_FIELDS, statement_of
from service.storage.audit_reading import AuditFilters, AuditRow
from service.storage.history_store import HistoryStore
from service.storage.past_decisions import Place

_READING: Final = (401, 403, 422, 503)
FILTERS: Final = ("comment", "actor", "action", "from", "to")
_PAGE: Final = 50


class AuditEntryOut(TypedDict):
    """Who did what. ``detail`` says from what to what; no text, no author."""

    number: int
    at: datetime
    site: Annotated[str | None, Meta(description="Null for what is about no one site.")]
    actor: str
    action: str
    comment_id: str | None
    detail: dict[str, Any]
    previous: str
    digest: Annotated[str, Meta(description="Over the whole row and over the digest of the row before it, `previous`.")]


class AuditOut(TypedDict):
    """A page of the audit, the newest first; ``next`` is where to go on (``?after=``), null at the end."""

    entries: list[AuditEntryOut]
    next: str | None


def audit_routes(history: HistoryStore) -> APIRouter:
    """``/v1/audit`` and below."""
    router = APIRouter(tags=["audit"])

    @router.get(
        "/v1/audit",
        responses=gives(AuditOut, *_READING),
        response_class=Response,
        openapi_extra=asks("site", *FILTERS, "after", "limit"),
    )
    async def get_audit(request: Request) -> Response:
        """Who did what, the newest first, a page at a time. Rows are added and never changed. Whoever may see every
        site is also told of what is about no one site."""
        query = query_of(request, *FILTERS, "after", "limit")
        most = limit_of(query, _PAGE, limits.PAGE_ROWS)
        found = await history.audit(site_of(query), audit_filters(query), number_after(query), most + 1)
        page = found[:most]
        more = cursor(page[-1].number) if len(found) > most else None
        answer: AuditOut = {"entries": [entry_answer(row) for row in page], "next": more}
        return json_answer(answer)

    @router.get(
        "/v1/audit/export",
        responses={**offered(*Form), **refused(*_READING)},
        response_class=Response,
        openapi_extra=asks("site", *FILTERS, "format"),
    )
    async def export_audit(request: Request) -> Response:
        """The same as a whole file: JSON lines or CSV."""
        query = query_of(request, *FILTERS, "format")
        form, site, filters = form_of(query), site_of(query), audit_filters(query)
        columns = tuple(AuditEntryOut.__annotations__)
        return await download("audit", form, written(form, columns, audit_pages(history, site, filters)))

    @router.get(
        "/v1/audit/statements",
        responses={**offered(*Form), **refused(*_READING)},
        response_class=Response,
        openapi_extra=asks("site", "from", "to", "format"),
    )
    async def export_statements(request: Request) -> Response:
        """A statement of reasons for every decision that restricts a comment, the oldest first, with the fields of the
        EU's DSA Transparency Database; no text of a comment, and no author."""
        query = query_of(request, "from", "to", "format")
        form, site, period = form_of(query), site_of(query), period_of(query)
        return await download("statements", form, written(form, STATEMENT_FIELDS, _statements(history, site, *period)))

    return router


def form_of(query: Mapping[str, str]) -> Form:
    """What ``format`` names. Raises ``InvalidInput``."""
    return decode_value(query.get("format", Form.JSONL.value), Form, ("format",))


def entry_answer(row: AuditRow) -> AuditEntryOut:
    """As it is kept."""
    entry = row.entry
    return {
        "number": row.number,
        "at": entry.at,
        "site": entry.site or None,
        "actor": entry.actor,
        "action": entry.action,
        "comment_id": entry.comment_id or None,
        "detail": dict(entry.detail),
        "previous": row.previous,
        "digest": row.digest,
    }


def audit_filters(query: Query) -> AuditFilters:
    """What to look for. Raises ``InvalidInput``."""
    named = {name: decode_value(query[name], Id, (name,)) if name in query else None for name in FILTERS[:3]}
    since, until = period_of(query)
    return AuditFilters(
        named["comment"], named["actor"], named["action"], since, until, general_too=query.principal.site is None
    )


async def audit_pages(
    history: HistoryStore, site: str, filters: AuditFilters
) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """The whole audit that matches, the newest first."""
    before: int | None = None
    while page := await history.audit(site, filters, before, ROWS_AT_ONCE):
        yield [entry_answer(row) for row in page]
        before = page[-1].number


async def _statements(
    history: HistoryStore, site: str, since: datetime | None, until: datetime | None
) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    after: Place | None = None
    while page := await history.restrictions(site, since, until, after, ROWS_AT_ONCE):
        yield [statement_of(one) for one in page]
        after = page[-1].place
