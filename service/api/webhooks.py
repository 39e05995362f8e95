"""Webhooks: where a site is told of its events, what became of telling it, and telling it again."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter
from msgspec import Meta
from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, decode, read
from service.api.callers import principal_of
from service.api.documents import accepted, asks, gives, gone, id_in_path, json_answer, made, number_in_path, reads
from service.api.paths import cursor, cursor_of, id_of, limit_of, number_of, query_of, site_of, word_of
from service.api.schemas import NothingIn, WebhookIn
from service.api.submissions import fault_at, read_nothing
from service.api.webhook_documents import (
    DeliveriesOut,
    DeliveryOut,
    MadeWebhookOut,
    WebhookOut,
    WebhooksOut,
    delivery_answer,
    webhook_answer,
)
from service.errors import Conflict, Fault, NotFound
from service.storage.outbox import DeliveryState, Event
from service.storage.webhook_store import WebhookStore
from service.storage.webhooks import MOST_WEBHOOKS, Webhook
from service.webhooks.addresses import Private, Target, TargetRefused
from service.webhooks.signing import new_secret

_WRITING: Final = (400, 401, 403, 409, 413, 415, 422, 503)
_READING: Final = (401, 403, 404, 413, 422, 503)
_ASKING: Final = (400, 401, 403, 404, 413, 415, 422, 503)
_NAMED: Final[dict[str, Any]] = id_in_path("webhook")
_PAGED: Final[dict[str, Any]] = id_in_path("webhook", "state", "after", "limit")
_DELIVERIES: Final = 50
_ALL: Final = (Event.DECIDED, Event.ERASED)
_WEBHOOK: Final = Decoder(WebhookIn)
_NOTHING: Final = Decoder(NothingIn)
_Place = Annotated[int, Meta(ge=1, le=limits.NUMBER)]


def webhook_routes(store: WebhookStore, private: Private) -> APIRouter:
    """``/v1/webhooks`` and below."""
    router = APIRouter(tags=["telling"])
    _about_webhooks(router, store, private)
    _about_deliveries(router, store)
    return router


def _about_webhooks(router: APIRouter, store: WebhookStore, private: Private) -> None:
    @router.post(
        "/v1/webhooks",
        responses=made(MadeWebhookOut, *_WRITING),
        response_class=Response,
        openapi_extra={**reads(WebhookIn), **asks("site")},
    )
    async def post_webhook(request: Request) -> Response:
        """Tell this address of the site's events from now on. Only this answer holds the secret to verify them with."""
        content_type(request, JSON)
        query, sent = query_of(request), decode(_WEBHOOK, await read(request, limits.BODY_BYTES))
        webhook = _webhook(sent, site_of(query, sent.site), private)
        if not await store.add(webhook, principal_of(request).name):
            raise Conflict(Fault("#", f"this site has {MOST_WEBHOOKS} webhooks already"))
        return json_answer({**webhook_answer(webhook), "secret": webhook.secret}, 201)

    @router.get(
        "/v1/webhooks", responses=gives(WebhooksOut, *_READING), response_class=Response, openapi_extra=asks("site")
    )
    async def get_webhooks(request: Request) -> Response:
        """The site's webhooks, the oldest first."""
        found = await store.of_site(site_of(query_of(request)))
        return json_answer({"webhooks": list(map(webhook_answer, found))})

    @router.delete("/v1/webhooks/{id}", responses=gone(*_READING), response_class=Response, openapi_extra=_NAMED)
    async def delete_webhook(request: Request) -> Response:
        """Forget the webhook and its deliveries, also those that wait."""
        site, by = site_of(query_of(request)), principal_of(request).name
        if not await store.drop(site, id_of(request), datetime.now(UTC), by):
            raise _no_webhook()
        return Response(status_code=204)

    @router.post(
        "/v1/webhooks/{id}/test",
        responses=accepted(WebhookOut, *_ASKING, 409),
        response_class=Response,
        openapi_extra={**reads(NothingIn), **_NAMED},
    )
    async def test_webhook(request: Request) -> Response:
        """Send it a ``ping``. What became of it is the newest of its deliveries."""
        site, name = site_of(query_of(request)), id_of(request)
        await read_nothing(request)
        is_taken = await store.ping(site, name, datetime.now(UTC))
        webhook = await _known(store, site, name)
        if not is_taken:
            raise Conflict(Fault("#/id", "this webhook is disabled; sending its dead deliveries again enables it"))
        return json_answer(webhook_answer(webhook), 202)

    @router.post(
        "/v1/webhooks/{id}/resend",
        responses=accepted(WebhookOut, *_ASKING),
        response_class=Response,
        openapi_extra={**reads(NothingIn), **_NAMED},
    )
    async def resend_dead(request: Request) -> Response:
        """Send again whatever was given up. A webhook that was disabled is enabled."""
        site, name = site_of(query_of(request)), id_of(request)
        await read_nothing(request)
        await store.resend_dead(site, name, datetime.now(UTC), principal_of(request).name)
        return json_answer(webhook_answer(await _known(store, site, name)), 202)


def _about_deliveries(router: APIRouter, store: WebhookStore) -> None:
    @router.get(
        "/v1/webhooks/{id}/deliveries",
        responses=gives(DeliveriesOut, *_READING),
        response_class=Response,
        openapi_extra=_PAGED,
    )
    async def get_deliveries(request: Request) -> Response:
        """What became of telling it, the newest first, a page at a time. Settled ones are kept for 30 days."""
        query = query_of(request, "state", "after", "limit")
        webhook = await _known(store, site_of(query), id_of(request))
        most, state = limit_of(query, _DELIVERIES, limits.PAGE_ROWS), word_of(query, "state", DeliveryState)
        found = await store.deliveries(webhook.id, state, cursor_of(query, _Place), most + 1)
        more = cursor(found[most - 1].number) if len(found) > most else None
        answer: DeliveriesOut = {"deliveries": list(map(delivery_answer, found[:most])), "next": more}
        return json_answer(answer)

    @router.post(
        "/v1/webhooks/deliveries/{id}/resend",
        responses=accepted(DeliveryOut, *_ASKING),
        response_class=Response,
        openapi_extra={**reads(NothingIn), **number_in_path("delivery")},
    )
    async def resend(request: Request) -> Response:
        """Send it again, with its ``webhook-id``, whatever became of it. A webhook that was disabled is enabled."""
        site, number = site_of(query_of(request)), number_of(request)
        await read_nothing(request)
        await store.resend(site, number, datetime.now(UTC), principal_of(request).name)
        delivery = await store.delivery(site, number)
        if delivery is None:
            raise NotFound("no delivery with this number is known on this site")
        return json_answer(delivery_answer(delivery), 202)


def _webhook(sent: WebhookIn, site: str, private: Private) -> Webhook:
    try:
        Target.of(sent.url, private)
    except TargetRefused as refused:
        raise fault_at(("url",), str(refused)) from None
    events = _ALL if sent.events is None else tuple(map(Event, dict.fromkeys(sent.events)))
    return Webhook(f"wh_{secrets.token_hex(8)}", site, sent.url, new_secret(), events, datetime.now(UTC))


async def _known(store: WebhookStore, site: str, identity: str) -> Webhook:
    webhook = await store.one(site, identity)
    if webhook is None:
        raise _no_webhook()
    return webhook


def _no_webhook() -> NotFound:
    return NotFound("this site has no webhook with this id")
