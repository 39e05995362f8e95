"""Who did what: the audit, read a page at a time or taken along as a file. For admins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.audit import AuditEntryOut, audit_pages, form_of
from service.api.body import decode_value
from service.api.callers import principal_of
from service.api.downloads import Form, download, written
from service.api.paths import cursor, number_after, query_of, site_of
from service.api.schemas import Id
from service.errors import Fault, InvalidInput
from service.review.actors import actor_meant
from service.review.audit_words import detail_words
from service.review.frame import Frame
from service.storage.audit import DEEDS
from service.storage.audit_reading import AuditFilters
from service.storage.history_store import HistoryStore

_FIELDS: Final = ("comment", "actor", "action", "from", "to")
_LISTED: Final = 100


def audit_page_routes(history: HistoryStore, frame: Frame) -> APIRouter:
    """``/review/audit`` and its file."""
    router = APIRouter(include_in_schema=False)
    pages = _Pages(history, frame)
    router.get("/review/audit")(pages.audit)
    router.get("/review/audit/export")(pages.export)
    return router


class _Pages:
    def __init__(self, history: HistoryStore, frame: Frame) -> None:
        self._history = history
        self._frame = frame

    async def audit(self, request: Request) -> Response:
        query = query_of(request, *_FIELDS, "after")
        site, given = site_of(query), _given(query)
        found = await self._history.audit(site, _filters(request, given), number_after(query), _LISTED + 1)
        rows = found[:_LISTED]
        more = urlencode({"site": site, **given, "after": cursor(rows[-1].number)}) if len(found) > _LISTED else None
        return await self._frame.show(
            request,
            "audit.html",
            site,
            "audit",
            rows=[(row, detail_words(row.entry)) for row in rows],
            deeds=DEEDS,
            sees_all=principal_of(request).site is None,
            given=given,
            more=more,
            files=[(form, urlencode({"site": site, **given, "format": form})) for form in Form],
        )

    async def export(self, request: Request) -> Response:
        """The same as a whole file."""
        query = query_of(request, *_FIELDS, "format")
        form, pages = form_of(query), audit_pages(self._history, site_of(query), _filters(request, _given(query)))
        return await download("audit", form, written(form, tuple(AuditEntryOut.__annotations__), pages))


def _given(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in _FIELDS if query.get(name)}


def _filters(request: Request, given: Mapping[str, str]) -> AuditFilters:
    """Days are the page's own time zone's, both of them included."""
    return AuditFilters(
        comment_id=decode_value(given["comment"], Id, ("comment",)) if "comment" in given else None,
        actor=decode_value(actor_meant(given["actor"]), Id, ("actor",)) if "actor" in given else None,
        action=_deed(given["action"]) if "action" in given else None,
        since=_day(request, given, "from"),
        until=_day(request, given, "to", later=1),
        general_too=principal_of(request).site is None,
    )


def _deed(given: str) -> str:
    if given not in DEEDS:
        raise InvalidInput(Fault("#/action", "nothing by that name is ever done"))
    return given


def _day(request: Request, given: Mapping[str, str], name: str, later: int = 0) -> datetime | None:
    """When that day begins, or the one so many days later."""
    if name not in given:
        return None
    try:
        day = datetime.strptime(given[name], "%Y-%m-%d") + timedelta(days=later)
        return day.replace(tzinfo=request.app.state.time_zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(Fault(f"#/{name}", "not a day such as 2026-11-23")) from None
