"""Statements that read the audit: filtered, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.audit import Entry
from service.storage.tables import audit


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """Which rows are wanted; null for any. ``since`` is the first moment, ``until`` the first one no longer."""

    comment_id: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


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
    wanted = select(audit).where(audit.c.site == site, *(_CONDITIONS[name](value) for name, value in given.items()))
    if before is not None:
        wanted = wanted.where(audit.c.number < before)
    found = await connection.execute(wanted.order_by(audit.c.number.desc()).limit(limit))
    return [
        AuditRow(
            row.number,
            Entry(row.site, row.at, row.actor, row.action, row.comment_id, row.detail),
            row.previous,
            row.digest,
        )
        for row in found
    ]
