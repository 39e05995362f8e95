"""The outbox: what is to be told, written in the transaction that it tells of, and what became of telling it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, delete, func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.audit import record
from service.storage.webhook_tables import outbox, webhooks


class Event(StrEnum):
    """What a webhook may be told."""

    DECIDED = "comment.decided"
    ERASED = "comment.erased"
    #: Asked for by whoever wants to see a delivery arrive.
    PING = "ping"


class DeliveryState(StrEnum):
    """How far telling one webhook of one event has come."""

    PENDING = "pending"
    DELIVERED = "delivered"
    #: Given up; it may be sent again when somebody asks for it.
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Notice:
    """An event as it is told; ``data`` is plain JSON without any text, author or term."""

    event: Event
    site: str
    at: datetime
    data: Mapping[str, Any]
    comment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery to attempt now; ``attempts`` is how many there were."""

    number: int
    message_id: str
    payload: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Settle:
    """What an attempt came to. Its outcome: whether that delivery was still pending.

    With ``again_at`` it stays pending until then. ``is_gone``: its webhook wants nothing any more, and is disabled.
    """

    number: int
    at: datetime
    state: DeliveryState
    status: int | None = None
    error: str | None = None
    again_at: datetime | None = None
    is_gone: bool = field(default=False)


GONE: Final = "gone"
"""Why a webhook is disabled: its receiver answered 410."""
RECEIVER: Final = "receiver"
"""The audit's name for whoever answers at a webhook's address."""


@dataclass(frozen=True, slots=True)
class DropSettled:
    """Forget deliveries that were settled before then, some at a time. Its outcome: whether there were any."""

    before: datetime
    most: int = 1_000


async def listening(connection: AsyncConnection, event: Event, sites: Iterable[str]) -> dict[str, list[str]]:
    """Site → the ids of its webhooks that are to be told of such an event; sites without any are left out."""
    wanted = select(webhooks.c.id, webhooks.c.site, webhooks.c.events).where(
        webhooks.c.site.in_(sorted(set(sites))), webhooks.c.disabled_at.is_(None)
    )
    found: dict[str, list[str]] = {}
    for row in await connection.execute(wanted.order_by(webhooks.c.created_at, webhooks.c.id)):
        if event.value in row.events:
            found.setdefault(row.site, []).append(row.id)
    return found


async def append(connection: AsyncConnection, notices: Sequence[Notice], to: Mapping[str, Sequence[str]]) -> None:
    """Hand each notice to the webhooks of its site, in order; ``to`` is what ``listening`` said, or chosen ones."""
    rows = [row for notice in notices if notice.site in to for row in _rows(notice, to[notice.site], _new_id())]
    if rows:
        await connection.execute(insert(outbox), rows)


def _rows(notice: Notice, webhook_ids: Sequence[str], message_id: str) -> list[dict[str, Any]]:
    told = {"type": notice.event.value, "timestamp": notice.at, "data": notice.data}
    whole = {
        "site": notice.site,
        "message_id": message_id,
        "type": notice.event.value,
        "comment_id": notice.comment_id,
        "payload": msgspec.json.encode(told).decode(),
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "due_at": notice.at,
        "created_at": notice.at,
    }
    return [{**whole, "webhook_id": webhook_id} for webhook_id in webhook_ids]


def _new_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


async def read_due(connection: AsyncConnection, webhook_id: str, now: datetime, most: int) -> list[Due]:
    """What is to be sent to that webhook by now, the longest due first; of each comment only what comes first."""
    before = outbox.alias("before")
    comes_first = ~(
        select(before.c.number)
        .where(
            before.c.webhook_id == outbox.c.webhook_id,
            before.c.comment_id == outbox.c.comment_id,
            before.c.state == _PENDING,
            before.c.number < outbox.c.number,
        )
        .exists()
    )
    wanted = select(outbox.c.number, outbox.c.message_id, outbox.c.payload, outbox.c.attempts).where(
        outbox.c.webhook_id == webhook_id, _IS_PENDING, outbox.c.due_at <= now, comes_first
    )
    found = await connection.execute(wanted.order_by(outbox.c.due_at, outbox.c.number).limit(most))
    return [Due(*row) for row in found]


async def count_pending(connection: AsyncConnection) -> int:
    """How many deliveries wait, of webhooks that are not disabled."""
    waiting = outbox.join(webhooks, webhooks.c.id == outbox.c.webhook_id)
    wanted = select(func.count()).select_from(waiting).where(_IS_PENDING, webhooks.c.disabled_at.is_(None))
    return (await connection.execute(wanted)).scalar_one()


async def settle(connection: AsyncConnection, change: Settle) -> bool:
    """As ``Settle`` says."""
    values: dict[str, Any] = {
        "state": change.state.value,
        "status": change.status,
        "error": change.error,
        "attempts": outbox.c.attempts + 1,
    }
    if change.again_at is None:
        values["settled_at"] = change.at
    else:
        values["due_at"] = change.again_at
    mine = and_(outbox.c.number == change.number, _IS_PENDING)
    was_pending = (await connection.execute(update(outbox).where(mine).values(values))).rowcount == 1
    if change.is_gone and was_pending:
        await _disable(connection, change)
    return was_pending


async def drop_settled(connection: AsyncConnection, change: DropSettled) -> bool:
    """As ``DropSettled`` says."""
    old = select(outbox.c.number).where(outbox.c.settled_at < change.before).limit(change.most)
    return (await connection.execute(delete(outbox).where(outbox.c.number.in_(old)))).rowcount > 0


async def _disable(connection: AsyncConnection, change: Settle) -> None:
    """The webhook of that delivery gets nothing any more, and what waits for it is given up."""
    whose = select(outbox.c.webhook_id, outbox.c.site).where(outbox.c.number == change.number)
    webhook_id, site = (await connection.execute(whose)).one()
    enabled = (webhooks.c.id == webhook_id, webhooks.c.disabled_at.is_(None))
    disabling = update(webhooks).where(*enabled).values(disabled_at=change.at, disabled_why=GONE)
    if (await connection.execute(disabling)).rowcount:
        said = {"webhook": webhook_id, "delivery": change.number}
        await record(connection, RECEIVER, "disable_webhook", change.at, said, site)
    given_up = {"state": DeliveryState.DEAD.value, "settled_at": change.at, "error": GONE}
    waiting = update(outbox).where(outbox.c.webhook_id == webhook_id, _IS_PENDING)
    await connection.execute(waiting.values(given_up))


# Written out: whether a partial index may be used is settled before parameters are seen.
_PENDING: Final[ColumnElement[str]] = literal_column(f"'{DeliveryState.PENDING.value}'")
_IS_PENDING: Final = outbox.c.state == _PENDING
