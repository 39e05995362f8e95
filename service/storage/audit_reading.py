"""Statements that read the audit: filtered, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.audit import ANY_SITE, Entry, entry_of
from service.storage.tables import audit


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """Which rows are wanted; null for any. ``since`` is the first moment, ``until`` the first one no longer."""

    comment_id: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    #: With what is about no one site: sign-ins and keys of people and systems who may see them all, for instance.
    general_too: bool = False


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry at its place in the chain."""

    number: int
    entry: Entry
    previous: str
    digest: str


_CONDITIONS: Final[dict[str, Callable[[Any], ColumnElement[bool]]]] = {
    "comment_id": lambda value: audit.c.comment_id == value,
    "actor": lambda value: audit.c.actor == value,
    "action": lambda value: audit.c.action == value,
    "since": lambda value: audit.c.at >= value,
    "until": lambda value: audit.c.at < value,
}


async def read_audit(
    connection: AsyncConnection, site: str, filters: AuditFilters, before: int | None, limit: int
) -> list[AuditRow]:
    """A page, the newest first, from behind the number ``before`` on."""
    given = {name: value for name in _CONDITIONS if (value := getattr(filters, name)) is not None}
    wanted = select(audit).where(*(_CONDITIONS[name](value) for name, value in given.items()))
    if before is not None:
        wanted = wanted.where(audit.c.number < before)
    wanted = wanted.order_by(audit.c.number.desc()).limit(limit)
    # One after the other: each is the end of an index, both together would have to be sorted.
    rows = [
        AuditRow(row.number, entry_of(row), row.previous, row.digest)
        for one in ((site, ANY_SITE) if filters.general_too else (site,))
        for row in await connection.execute(wanted.where(audit.c.site == one))
    ]
    return sorted(rows, key=lambda row: -row.number)[:limit]
