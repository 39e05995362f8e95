"""The outbox's sender: one process at a time sends what is due, of each comment in order, until it is delivered.

Delivered at least once: whoever is killed between an answer and its note leaves the delivery to be made again, with
the same ``webhook-id``.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from service.errors import StoreUnavailable
from service.storage.outbox import DeliveryState, Due, Settle
from service.storage.webhook_store import WebhookStore
from service.storage.webhooks import Webhook
from service.telemetry import Metrics
from service.webhooks.addresses import Private, Resolve, TargetRefused, look_up
from service.webhooks.schedule import Reply, after
from service.webhooks.signing import signed

log = logging.getLogger("verger.webhooks")

LEASE: Final = timedelta(seconds=10)
_RENEWED_BEFORE: Final = timedelta(seconds=7)
ASKED_EVERY: Final = timedelta(seconds=2)
"""How often a process that does not send asks whether it may."""
COUNTED_EVERY: Final = timedelta(seconds=5)
"""How often what waits is counted."""
_GRACE_SECONDS: Final = 3
"""How long what is under way may take when the service stops."""
KEPT: Final = timedelta(days=30)
"""How long a settled delivery can be looked at and sent again."""
PAUSE_SECONDS: Final = 0.5
AT_ONCE: Final = 8
"""Deliveries to one webhook under way together."""
_SWEPT_EVERY: Final = timedelta(hours=1)


def _now() -> datetime:
    return datetime.now(UTC)


class Sender:
    """Sends from one process, if no other one does. ``chance`` draws from 0 to 1 for the jitter of retries."""

    def __init__(
        self,
        store: WebhookStore,
        metrics: Metrics,
        private: Private,
        *,
        clock: Callable[[], datetime] = _now,
        chance: Callable[[], float] = random.random,
        resolve: Resolve = look_up,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._private = private
        self._clock = clock
        self._chance = chance
        self._resolve = resolve
        self._holder = secrets.token_hex(8)
        self._until = self._asked = self._counted = self._swept = datetime.fromtimestamp(0, UTC)
        self._serving: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; then others may send at once."""
        is_told = False
        try:
            while True:
                try:
                    await self.look()
                    is_told = False
                except StoreUnavailable:
                    if not is_told:
                        log.warning("the store is out of reach; webhooks are sent once it is back")
                    is_told = True
                except Exception as error:
                    log.error("unexpected error", exc_info=error)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            await self.stop()

    async def look(self) -> None:
        """Take up what is due, without waiting for it."""
        wanted = await self._store.enabled()
        if not wanted and not self._holds:
            return
        if not await self._hold():
            self._metrics.set_backlog(0)
            return
        for webhook in wanted:
            if webhook.id not in self._serving:
                self._serving[webhook.id] = task = asyncio.create_task(self._serve(webhook))
                task.add_done_callback(partial(self._served, webhook.id))
        await self._look_after()

    async def send_due(self) -> None:
        """Take up what is due, and return when nothing is any more."""
        await self.look()
        while self._serving:
            await asyncio.wait(self._serving.values())
            await asyncio.sleep(0)

    async def stop(self) -> None:
        """What is under way may end, or else is left to be sent again; whoever asks for the lease next has it."""
        held, self._until = self._holds, self._clock()
        if tasks := list(self._serving.values()):
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if held:
            try:
                await self._store.hold_lease(self._holder, self._until, self._until)
            except StoreUnavailable:
                log.info("the lease on sending webhooks runs out by itself")

    @property
    def _holds(self) -> bool:
        return self._clock() < self._until

    async def _hold(self) -> bool:
        now = self._clock()
        is_early = now < self._until - _RENEWED_BEFORE if self._holds else now - self._asked < ASKED_EVERY
        if is_early:
            return self._holds
        self._asked = now
        if await self._store.hold_lease(self._holder, now, now + LEASE):
            self._until = now + LEASE
        return self._holds

    async def _look_after(self) -> None:
        """What whoever sends does now and then: count what waits, forget what was settled long ago."""
        now = self._clock()
        if now - self._counted >= COUNTED_EVERY:
            self._counted = now
            self._metrics.set_backlog(await self._store.pending())
        if now - self._swept >= _SWEPT_EVERY:
            self._swept = now
            await self._store.drop_settled(now - KEPT)

    def _served(self, identity: str, done: asyncio.Task[None]) -> None:
        del self._serving[identity]
        if not done.cancelled() and (error := done.exception()) is not None:
            level = logging.INFO if isinstance(error, StoreUnavailable) else logging.ERROR
            log.log(level, "sending to a webhook was broken off", extra={"webhook": identity}, exc_info=error)

    async def _serve(self, webhook: Webhook) -> None:
        """Send to one webhook until nothing is due, or sending is another's."""
        due = await self._store.due(webhook.id, self._clock(), AT_ONCE)
        if not due:
            return
        # Only here: with no webhook there is no need of an HTTP client.
        from service.webhooks.client import Client

        try:
            client = Client(webhook.url, self._private, self._resolve, AT_ONCE)
        except TargetRefused:
            while due:
                await asyncio.gather(*(self._note(webhook, one, Reply(error="refused_address")) for one in due))
                due = await self._store.due(webhook.id, self._clock(), AT_ONCE)
            return
        async with client:

            async def attempt(one: Due) -> None:
                headers = signed(webhook.secret, one.message_id, self._clock(), one.payload)
                await self._note(webhook, one, await client.post(headers, one.payload))

            while due and self._holds:
                await asyncio.gather(*map(attempt, due))
                due = await self._store.due(webhook.id, self._clock(), AT_ONCE)

    async def _note(self, webhook: Webhook, due: Due, reply: Reply) -> None:
        """Until it is noted: what was answered is not asked again because the store could not take it in."""
        change = after(due, reply, self._clock(), self._chance())
        while True:
            try:
                await self._store.settle(change)
                break
            except StoreUnavailable:
                await asyncio.sleep(PAUSE_SECONDS)
        self._tell(webhook, change)

    def _tell(self, webhook: Webhook, change: Settle) -> None:
        failed = "failed" if change.state is DeliveryState.PENDING else change.state.value
        self._metrics.count_delivery(failed)
        if change.state is DeliveryState.DELIVERED:
            return
        fields = {"webhook": webhook.id, "delivery": change.number, "status": change.status, "error": change.error}
        level = logging.WARNING if change.state is DeliveryState.DEAD else logging.INFO
        log.log(level, "a webhook was not delivered", extra={**fields, "outcome": failed})
