"""The audit: append-only, each row's digest over what it says and over the digest before it.

A changed, missing or exchanged row breaks the chain at that place. Only rows cut off at the end leave no trace here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.tables import audit

START: Final = "0" * 64
"""What stands before the first row."""
ANY_SITE: Final = ""
"""Where what is not about one site stands."""
NO_COMMENT: Final = ""

# What can be done that stands here; the pages have words for each.
Deed = Literal[
    "review",
    "undo_review",
    "erase",
    "set_aside",
    "undo_set_aside",
    "make_golden",
    "drop_golden",
    "put_policy",
    "sign_in",
    "sign_out",
    "sign_in_failed",
    "make_key",
    "revoke_key",
    "add_account",
    "change_role",
    "disable_account",
    "enable_account",
    "make_link",
    "set_password",
    "add_webhook",
    "drop_webhook",
    "disable_webhook",
    "enable_webhook",
    "resend",
]
DEEDS: Final[tuple[Deed, ...]] = get_args(Deed)


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what, when, to which comment. ``detail`` never holds a text, a name or an author."""

    site: str
    at: datetime
    actor: str
    action: Deed
    comment_id: str
    detail: Mapping[str, Any]


async def append(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Add to the end of the chain, in the transaction that does what the entries say."""
    newest = select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    found = (await connection.execute(newest)).first()
    number, previous = (found.number, found.digest) if found else (0, START)
    rows = []
    for entry in entries:
        number += 1
        digest = _digest(number, entry, previous)
        fields = {name: getattr(entry, name) for name in ("site", "at", "actor", "action", "comment_id", "detail")}
        rows.append({**fields, "number": number, "previous": previous, "digest": digest})
        previous = digest
    await connection.execute(insert(audit), rows)


async def record(
    connection: AsyncConnection,
    actor: str,
    action: Deed,
    at: datetime,
    said: Mapping[str, Any],
    site: str | None = None,
) -> None:
    """Add one entry that is about no comment."""
    await append(connection, [Entry(site or ANY_SITE, at, actor, action, NO_COMMENT, said)])


async def read_audit_of(connection: AsyncConnection, key: tuple[str, str]) -> list[Entry]:
    """What was done to one comment, the first first."""
    mine = select(audit).where(audit.c.site == key[0], audit.c.comment_id == key[1])
    return [entry_of(row) for row in await connection.execute(mine.order_by(audit.c.number))]


async def broken_links(connection: AsyncConnection) -> list[str]:
    """Every place where the chain does not hold, in words."""
    found, expected, previous = [], 1, START
    async for row in await connection.stream(select(audit).order_by(audit.c.number)):
        if row.number != expected:
            found.append(f"audit: row {expected} is missing")
        elif row.previous != previous or row.digest != _digest(row.number, entry_of(row), row.previous):
            found.append(f"audit: row {row.number} was changed")
        expected, previous = row.number + 1, row.digest
    return found


def entry_of(row: Row[Any]) -> Entry:
    """What a row of the table says."""
    return Entry(row.site, row.at, row.actor, row.action, row.comment_id, row.detail)


def _digest(number: int, entry: Entry, previous: str) -> str:
    said = [
        number,
        entry.site,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.comment_id,
        entry.detail,
        previous,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
