"""Which statements stand for which change of what tells others: webhooks, their deliveries, the lease on sending."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from service.storage.leases import HoldLease, hold_leases
from service.storage.outbox import DropSettled, Settle, drop_settled, settle
from service.storage.webhooks import (
    AddPing,
    AddWebhook,
    DropWebhook,
    Resend,
    ResendDead,
    add_pings,
    add_webhooks,
    drop_webhooks,
    resend,
    resend_dead,
)

APPLY_TELLING: Final[dict[type, Callable[..., Awaitable[list[bool]]]]] = {
    AddWebhook: add_webhooks,
    DropWebhook: drop_webhooks,
    AddPing: add_pings,
    Resend: resend,
    ResendDead: resend_dead,
    Settle: settle,
    DropSettled: drop_settled,
    HoldLease: hold_leases,
}
