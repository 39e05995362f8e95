"""A store, a receiver and a sender whose clock stands still until a test moves it on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from service.domain import Action, Decision, Ground, Reason, SiteReason
from service.revisions import revised
from service.storage.outbox import DeliveryState, Event
from service.storage.store import Store
from service.storage.webhook_store import WebhookStore
from service.storage.webhooks import Delivery, Webhook
from service.telemetry import Metrics
from service.webhooks.addresses import Private
from service.webhooks.schedule import DELAYS, JITTER
from service.webhooks.sender import Sender
from service.webhooks.signing import new_secret
from tests.test_service.receiving import Receiver, receiving
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW, assessment, sent

T = TypeVar("T")
SECRET = new_secret()
HEAD = Reason("profanity", 0.5, 0.25, "explicit")
LONGEST = timedelta(seconds=max(DELAYS) * (1 + JITTER))
LOOPBACK = Private.of("127.0.0.1")


class Clock:
    """Stands still."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


class Sending:
    """All that such a test handles."""

    def __init__(self, store: Store, receiver: Receiver) -> None:
        self.store = store
        self.webhooks = WebhookStore(store)
        self.receiver = receiver
        self.clock = Clock()
        self.metrics = Metrics()
        self.sender = self.another()

    def another(self) -> Sender:
        """A sender as another process would have it."""
        return Sender(self.webhooks, self.metrics, LOOPBACK, clock=self.clock, chance=lambda: 0.5)

    async def listen(
        self, identity: str = "wh_1", site: str = "default", events: tuple[Event, ...] = (Event.DECIDED, Event.ERASED)
    ) -> None:
        """Have the receiver told."""
        webhook = Webhook(identity, site, f"{self.receiver.url}/{identity}", SECRET, events, self.clock())
        assert await self.webhooks.add(webhook, "admin")

    async def deliveries(self, state: DeliveryState | None = None, webhook_id: str = "wh_1") -> list[Delivery]:
        """The oldest first."""
        return (await self.webhooks.deliveries(webhook_id, state, None, 1_000))[::-1]

    async def later(self, time: timedelta = LONGEST) -> None:
        """Let time pass, and send what is due then."""
        self.clock.pass_by(time)
        await self.sender.send_due()

    def counted(self, sample: str) -> float:
        """What a metric says."""
        lines = self.metrics.exposition().decode().splitlines()
        return float(next(line for line in lines if line.startswith(f"{sample} ")).rpartition(" ")[2])


def with_sending(address: str, act: Callable[[Sending], Awaitable[T]]) -> T:
    """What comes of ``act`` on a fresh store with a receiver beside it."""

    async def run(store: Store) -> T:
        sending = Sending(store, receiver)
        try:
            return await act(sending)
        finally:
            await sending.sender.stop()

    with receiving() as receiver:
        return with_store(address, run)


async def put(sending: Sending, name: str = "c-1", *, site: str = "default") -> None:
    """A comment whose decision has reasons of each kind."""
    reasons = (HEAD, SiteReason(Ground.BLOCKED_TERM, "friggin", 9, 16), SiteReason(Ground.NEW_AUTHOR))
    assessed = replace(assessment(), decision=Decision(Action.HOLD, reasons, "blog@2"))
    comment = revised(None, replace(sent(name), site=site), assessed, "salt", NOW)
    assert await sending.store.save_comment(comment, "salt")
