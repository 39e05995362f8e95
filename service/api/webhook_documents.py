"""What answers hold of webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, TypedDict

from msgspec import Meta

from service.storage.outbox import DeliveryState, Event
from service.storage.webhooks import Delivery, Webhook

_WHY: Final = ["timeout", "connection", "tls", "no_http", "refused_address", "gone"]


class WebhookOut(TypedDict):
    """Where a site is told of its events."""

    id: str
    site: str
    url: str
    events: list[Event]
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: Annotated[str | None, Meta(description="`gone`: it answered 410.")]


class MadeWebhookOut(WebhookOut):
    """A new webhook, with the secret to verify its deliveries with. No later answer shows that again."""

    secret: str


class WebhooksOut(TypedDict):
    """A site's webhooks, the oldest first."""

    webhooks: list[WebhookOut]


class DeliveryOut(TypedDict):
    """Telling a webhook of one event: how far it has come."""

    id: int
    message_id: Annotated[str, Meta(description="The header `webhook-id`.")]
    type: str
    comment_id: str | None
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: Annotated[datetime, Meta(description="While pending: not before then.")]
    settled_at: datetime | None
    status: Annotated[int | None, Meta(description="That the last attempt was answered with.")]
    error: Annotated[
        str | None, Meta(description="Why the last attempt has no status.", extra_json_schema={"examples": _WHY})
    ]


class DeliveriesOut(TypedDict):
    """Deliveries, the newest first; ``next`` is where to go on (``?after=``), null at the end."""

    deliveries: list[DeliveryOut]
    next: str | None


def webhook_answer(webhook: Webhook) -> WebhookOut:
    """Without its secret."""
    return {
        "id": webhook.id,
        "site": webhook.site,
        "url": webhook.url,
        "events": list(webhook.events),
        "created_at": webhook.created_at,
        "disabled_at": webhook.disabled_at,
        "disabled_why": webhook.disabled_why,
    }


def delivery_answer(delivery: Delivery) -> DeliveryOut:
    """Without its payload."""
    return {
        "id": delivery.number,
        "message_id": delivery.message_id,
        "type": delivery.type,
        "comment_id": delivery.comment_id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "due_at": delivery.due_at,
        "settled_at": delivery.settled_at,
        "status": delivery.status,
        "error": delivery.error,
    }
