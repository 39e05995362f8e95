"""Erasing comments: text, author and notes go, for good and from everywhere; what is needed for counts stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import State
from service.review_domain import ReportState
from service.storage import audit
from service.storage.among import among
from service.storage.articles import Key
from service.storage.outbox import Event, Notice, append, listening
from service.storage.review_tables import appeals, golden, queue, reports, reviews
from service.storage.tables import audit as audit_rows
from service.storage.tables import comments, decisions, revisions, scores

ERASE: Final = "erase"
"""The audit's word for it."""


class Actor(StrEnum):
    """Who had a comment erased."""

    API = "api"
    RETENTION = "retention"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class EraseComment:
    """Its outcome: whether there is such a comment, erased now or before."""

    key: Key
    at: datetime
    actor: Actor


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure as others are told it; ``number`` is that of its row in the audit."""

    number: int
    site: str
    comment_id: str
    #: The newest that there was.
    revision: int
    erased_at: datetime


async def erase_comments(connection: AsyncConnection, changes: Sequence[EraseComment]) -> list[bool]:
    """For each, whether there is such a comment. One that was erased before is not recorded twice."""
    wanted = {change.key: change for change in reversed(changes)}
    found = await _known(connection, wanted)
    erased = [change for key, change in wanted.items() if key in found and found[key].state != State.ERASED]
    if erased:
        hashes = await _hashes(connection, [change.key for change in erased])
        rows = [{"key_site": one.key[0], "key_id": one.key[1], "erased_at": one.at} for one in erased]
        for statement in _STATEMENTS:
            await connection.execute(statement, rows)
        await _forget_terms(connection, [change.key for change in erased])
        await audit.append(connection, [_entry(one, hashes[one.key]) for one in erased])
        to = await listening(connection, Event.ERASED, (one.key[0] for one in erased))
        await append(connection, [_notice(one, found[one.key].revision) for one in erased], to)
    return [change.key in found for change in changes]


async def unchanged_since(connection: AsyncConnection, before: datetime, limit: int) -> list[Key]:
    """Comments whose text is older than ``before`` and still there, the oldest first."""
    wanted = select(comments.c.site, comments.c.id).where(
        comments.c.erased_at.is_(None), comments.c.changed_at < before
    )
    found = await connection.execute(wanted.order_by(comments.c.changed_at).limit(limit))
    return [(row.site, row.id) for row in found]


async def erased_keys(connection: AsyncConnection) -> list[Key]:
    """Every comment whose erasure is on record."""
    wanted = select(audit_rows.c.site, audit_rows.c.comment_id).where(audit_rows.c.action == ERASE)
    return [(row.site, row.comment_id) for row in await connection.execute(wanted.order_by(audit_rows.c.number))]


async def read_erased_since(connection: AsyncConnection, site: str, since: datetime) -> list[Key]:
    """The site's comments whose erasure was recorded from then on."""
    mine = (audit_rows.c.site == site, audit_rows.c.action == ERASE, audit_rows.c.at >= since)
    found = await connection.execute(select(audit_rows.c.comment_id).where(*mine))
    return [(site, comment_id) for comment_id in found.scalars()]


async def read_erasures(connection: AsyncConnection, site: str, after: int, most: int) -> list[Erasure]:
    """The site's erasures behind that number, in order."""
    behind = (audit_rows.c.site == site, audit_rows.c.action == ERASE, audit_rows.c.number > after)
    its = (comments.c.site == audit_rows.c.site) & (comments.c.id == audit_rows.c.comment_id)
    columns = (audit_rows.c.number, audit_rows.c.site, audit_rows.c.comment_id, comments.c.revision, audit_rows.c.at)
    wanted = select(*columns).join_from(audit_rows, comments, its).where(*behind)
    return [Erasure(*row) for row in await connection.execute(wanted.order_by(audit_rows.c.number).limit(most))]


def erasure_data(erased: Erasure) -> dict[str, Any]:
    """As plain JSON: the same in the feed and in what webhooks are sent."""
    told = {"site": erased.site, "comment_id": erased.comment_id, "revision": erased.revision}
    return {**told, "state": State.ERASED.value, "erased_at": erased.erased_at}


def _of(table: Any, identity: Any, **values: Any) -> Any:
    return update(table).where(table.c.site == bindparam("key_site"), identity == bindparam("key_id")).values(values)


def _from(table: Any, identity: Any) -> Any:
    return delete(table).where(table.c.site == bindparam("key_site"), identity == bindparam("key_id"))


_STATEMENTS: Final = (
    _of(
        comments,
        comments.c.id,
        author_id=None,
        author_name=None,
        state=State.ERASED.value,
        erased_at=bindparam("erased_at"),
    ),
    _of(revisions, revisions.c.comment_id, text=None, salt=None),
    _of(scores, scores.c.comment_id, detail=None),
    # Nobody can say any more whether they were right; what was answered stays in its reporter's record.
    _of(
        reports, reports.c.comment_id, state=ReportState.ERASED.value, closed_at=bindparam("erased_at"), set_aside=None
    ).where(reports.c.state.in_([ReportState.OPEN.value, ReportState.SET_ASIDE.value])),
    *(_of(noted, noted.c.comment_id, note=None) for noted in (reports, appeals, reviews)),
    *(_from(left, left.c.comment_id) for left in (queue, golden)),
)


async def _forget_terms(connection: AsyncConnection, keys: Sequence[Key]) -> None:
    """Why it was decided so stays, but not which words of a site's lists the texts held."""
    of_them = among(decisions.c.site, decisions.c.comment_id, keys)
    found = await connection.execute(select(decisions.c.number, decisions.c.reasons).where(of_them))
    rows = [
        {"key_number": row.number, "left": [{**why, "term": None} if "term" in why else why for why in row.reasons]}
        for row in found
        if any(why.get("term") is not None for why in row.reasons)
    ]
    if rows:
        await connection.execute(_LEAVE_REASONS, rows)


_LEAVE_REASONS: Final = (
    update(decisions).where(decisions.c.number == bindparam("key_number")).values(reasons=bindparam("left"))
)


async def _known(connection: AsyncConnection, keys: Iterable[Key]) -> dict[Key, Any]:
    """Each one's state and revision."""
    wanted = select(comments.c.site, comments.c.id, comments.c.state, comments.c.revision)
    found = await connection.execute(wanted.where(among(comments.c.site, comments.c.id, keys)))
    return {(row.site, row.id): row for row in found}


async def _hashes(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, list[str]]:
    """What stood for each one's texts, in their order."""
    wanted = select(revisions.c.site, revisions.c.comment_id, revisions.c.text_hash)
    mine = wanted.where(among(revisions.c.site, revisions.c.comment_id, keys)).order_by(revisions.c.revision)
    found: dict[Key, list[str]] = {key: [] for key in keys}
    for row in await connection.execute(mine):
        found[row.site, row.comment_id].append(row.text_hash)
    return found


def _entry(change: EraseComment, hashes: list[str]) -> audit.Entry:
    site, comment_id = change.key
    return audit.Entry(site, change.at, change.actor.value, ERASE, comment_id, {"text_hashes": hashes})


def _notice(change: EraseComment, revision: int) -> Notice:
    site, comment_id = change.key
    data = erasure_data(Erasure(0, site, comment_id, revision, change.at))
    return Notice(Event.ERASED, site, change.at, data, comment_id)
