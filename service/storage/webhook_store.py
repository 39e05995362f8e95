"""Webhooks, their deliveries and the lease on sending them: the store as the outbox's sender and its owners see it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from service.storage.leases import HoldLease
from service.storage.outbox import DeliveryState, DropSettled, Due, Settle, count_pending, read_due
from service.storage.store import Store
from service.storage.webhook_tables import webhooks
from service.storage.webhooks import (
    AddPing,
    AddWebhook,
    Delivery,
    DropWebhook,
    Resend,
    ResendDead,
    Webhook,
    read_deliveries,
    read_delivery,
    read_webhooks,
)

LEASE: Final = "outbox"


class WebhookStore:
    """Every method may raise ``StoreUnavailable``: nothing was changed. What a method returned is durable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, webhook: Webhook, actor: str) -> bool:
        """Whether there was room for it on its site."""
        return await self._store.changed(AddWebhook(webhook, actor))

    async def drop(self, site: str, identity: str, at: datetime, actor: str) -> bool:
        """Forget it and all its deliveries; whether there was one."""
        return await self._store.changed(DropWebhook(site, identity, at, actor))

    async def of_site(self, site: str) -> list[Webhook]:
        """The oldest first."""
        async with self._store.reading() as connection:
            return await read_webhooks(connection, webhooks.c.site == site)

    async def one(self, site: str, identity: str) -> Webhook | None:
        """That one."""
        async with self._store.reading() as connection:
            found = await read_webhooks(connection, webhooks.c.site == site, webhooks.c.id == identity)
        return found[0] if found else None

    async def enabled(self) -> list[Webhook]:
        """Those of every site that are to be told."""
        async with self._store.reading() as connection:
            return await read_webhooks(connection, webhooks.c.disabled_at.is_(None))

    async def ping(self, site: str, identity: str, at: datetime) -> bool:
        """Put a ping into the outbox; whether there is such a webhook that is not disabled."""
        return await self._store.changed(AddPing(site, identity, at))

    async def deliveries(
        self, webhook_id: str, state: DeliveryState | None, before: int | None, most: int
    ) -> list[Delivery]:
        """The newest first, from those before that number on."""
        async with self._store.reading() as connection:
            return await read_deliveries(connection, webhook_id, state, before, most)

    async def delivery(self, site: str, number: int) -> Delivery | None:
        """That one."""
        async with self._store.reading() as connection:
            return await read_delivery(connection, site, number)

    async def resend(self, site: str, number: int, at: datetime, actor: str) -> bool:
        """Send it anew; whether there is such a delivery. Its webhook is enabled."""
        return await self._store.changed(Resend(site, number, at, actor))

    async def resend_dead(self, site: str, identity: str, at: datetime, actor: str) -> bool:
        """Send anew what was given up; whether there is such a webhook. It is enabled."""
        return await self._store.changed(ResendDead(site, identity, at, actor))

    async def due(self, webhook_id: str, now: datetime, most: int) -> list[Due]:
        """What is to be sent to it now, the longest due first; of each comment only what comes first."""
        async with self._store.reading() as connection:
            return await read_due(connection, webhook_id, now, most)

    async def pending(self) -> int:
        """How many deliveries wait, of webhooks that are not disabled."""
        async with self._store.reading() as connection:
            return await count_pending(connection)

    async def settle(self, change: Settle) -> bool:
        """Note what an attempt came to; whether it was still pending."""
        return await self._store.changed(change)

    async def drop_settled(self, before: datetime) -> None:
        """Forget deliveries that were settled before then."""
        while await self._store.change(DropSettled(before)):
            pass

    async def hold_lease(self, holder: str, now: datetime, until: datetime) -> bool:
        """Whether sending is the holder's until then."""
        return await self._store.changed(HoldLease(LEASE, holder, now, until))
