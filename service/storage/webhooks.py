"""Statements about webhooks and their deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.audit import record
from service.storage.outbox import DeliveryState, Event, Notice, append
from service.storage.webhook_tables import outbox, webhooks

MOST_WEBHOOKS: Final = 20
"""Of one site."""
RESEND: Final = "resend"
"""The audit's word for sending again."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a site is told of its events. The secret is for signing alone: no answer and no log ever holds it."""

    id: str
    site: str
    url: str
    secret: str = field(repr=False)
    events: tuple[Event, ...]
    created_at: datetime
    disabled_at: datetime | None = None
    disabled_why: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Telling one webhook of one event: how far it has come, and what the last attempt was answered."""

    number: int
    message_id: str
    webhook_id: str
    type: str
    comment_id: str | None
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class AddWebhook:
    """Its outcome: whether there was room for one more on its site."""

    webhook: Webhook
    actor: str


@dataclass(frozen=True, slots=True)
class DropWebhook:
    """Forget it and all its deliveries. Its outcome: whether there was one."""

    site: str
    id: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class AddPing:
    """Its outcome: whether there is such a webhook, and it is not disabled."""

    site: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Resend:
    """Send one delivery anew, from its first attempt on; its webhook is enabled. Its outcome: whether there is one."""

    site: str
    number: int
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class ResendDead:
    """The same for all that were given up. Its outcome: whether there is such a webhook."""

    site: str
    id: str
    at: datetime
    actor: str


async def read_webhooks(connection: AsyncConnection, *where: ColumnElement[bool]) -> list[Webhook]:
    """Those, the oldest first."""
    wanted = select(*(webhooks.c[name] for name in Webhook.__slots__)).where(*where)
    found = await connection.execute(wanted.order_by(webhooks.c.created_at, webhooks.c.id))
    return [Webhook(**{**row, "events": tuple(map(Event, row["events"]))}) for row in found.mappings()]


async def read_deliveries(
    connection: AsyncConnection, webhook_id: str, state: DeliveryState | None, before: int | None, most: int
) -> list[Delivery]:
    """The newest first, from those before that number on."""
    wanted = select(*_SHOWN).where(outbox.c.webhook_id == webhook_id)
    if state is not None:
        wanted = wanted.where(outbox.c.state == state.value)
    if before is not None:
        wanted = wanted.where(outbox.c.number < before)
    found = await connection.execute(wanted.order_by(outbox.c.number.desc()).limit(most))
    return [_delivery(row) for row in found.mappings()]


async def read_delivery(connection: AsyncConnection, site: str, number: int) -> Delivery | None:
    """That one."""
    wanted = select(*_SHOWN).where(outbox.c.number == number, outbox.c.site == site)
    row = (await connection.execute(wanted)).mappings().first()
    return None if row is None else _delivery(row)


async def add_webhook(connection: AsyncConnection, change: AddWebhook) -> bool:
    """As ``AddWebhook`` says."""
    one = change.webhook
    counted = select(func.count()).select_from(webhooks).where(webhooks.c.site == one.site)
    if (await connection.execute(counted)).scalar_one() >= MOST_WEBHOOKS:
        return False
    row = {name: getattr(one, name) for name in Webhook.__slots__}
    events = [event.value for event in one.events]
    await connection.execute(insert(webhooks), [{**row, "events": events}])
    # Not the whole address: with some receivers it is as good as a password.
    said = {"webhook": one.id, "host": urlsplit(one.url).hostname, "events": events}
    await record(connection, change.actor, "add_webhook", one.created_at, said, one.site)
    return True


async def drop_webhook(connection: AsyncConnection, change: DropWebhook) -> bool:
    """As ``DropWebhook`` says."""
    if not await _is_there(connection, change.site, change.id):
        return False
    await connection.execute(delete(outbox).where(outbox.c.webhook_id == change.id))
    await connection.execute(delete(webhooks).where(webhooks.c.id == change.id))
    await record(connection, change.actor, "drop_webhook", change.at, {"webhook": change.id}, change.site)
    return True


async def add_ping(connection: AsyncConnection, change: AddPing) -> bool:
    """As ``AddPing`` says. A webhook is told of it whatever other events it asked for."""
    if not await _is_there(connection, change.site, change.id, webhooks.c.disabled_at.is_(None)):
        return False
    ping = Notice(Event.PING, change.site, change.at, {"site": change.site, "webhook_id": change.id})
    await append(connection, [ping], {change.site: [change.id]})
    return True


async def resend(connection: AsyncConnection, change: Resend) -> bool:
    """As ``Resend`` says. A delivery that is pending is due at once."""
    found = await read_delivery(connection, change.site, change.number)
    if found is None:
        return False
    await _anew(connection, found.webhook_id, change, outbox.c.number == change.number)
    said = {"webhook": found.webhook_id, "delivery": change.number}
    await record(connection, change.actor, RESEND, change.at, said, change.site)
    return True


async def resend_dead(connection: AsyncConnection, change: ResendDead) -> bool:
    """As ``ResendDead`` says."""
    if not await _is_there(connection, change.site, change.id):
        return False
    count = await _anew(connection, change.id, change, outbox.c.state == DeliveryState.DEAD.value)
    said = {"webhook": change.id, "deliveries": count}
    await record(connection, change.actor, RESEND, change.at, said, change.site)
    return True


_SHOWN: Final = tuple(outbox.c[name] for name in Delivery.__slots__)


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row, "state": DeliveryState(row["state"])})


async def _is_there(connection: AsyncConnection, site: str, identity: str, *where: ColumnElement[bool]) -> bool:
    wanted = select(webhooks.c.id).where(webhooks.c.site == site, webhooks.c.id == identity, *where)
    return (await connection.execute(wanted)).first() is not None


async def _anew(
    connection: AsyncConnection, webhook_id: str, change: Resend | ResendDead, which: ColumnElement[bool]
) -> int:
    """Enable the webhook and have those deliveries sent; how many there are."""
    disabled = (webhooks.c.id == webhook_id, webhooks.c.disabled_at.is_not(None))
    enabling = update(webhooks).where(*disabled).values(disabled_at=None, disabled_why=None)
    if (await connection.execute(enabling)).rowcount:
        await record(connection, change.actor, "enable_webhook", change.at, {"webhook": webhook_id}, change.site)
    pending = {"state": DeliveryState.PENDING.value, "attempts": 0, "due_at": change.at, "settled_at": None}
    again = update(outbox).where(outbox.c.webhook_id == webhook_id, which).values(pending)
    return (await connection.execute(again)).rowcount
