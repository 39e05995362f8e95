"""The sender: in order, again and again until it is taken or given up, and from one process at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import format_datetime

from sqlalchemy import select, text

from service.storage.outbox import DeliveryState
from service.storage.tables import audit
from service.webhooks.schedule import DELAYS, JITTER
from service.webhooks.sender import ASKED_EVERY, COUNTED_EVERY, KEPT, LEASE
from tests.test_service.test_storage.conftest import PostgreSQL
from tests.test_service.test_storage.sending import LONGEST, SECRET, Sending, put, with_sending
from tests.test_service.test_storage.written import save, sent


def test_tried_again_and_given_up(address: str) -> None:
    """When it is written down, with the same id and body, signed anew; then dead, and sent again on request."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        await put(sending)
        sending.receiver.answers.extend([500, 302, 404, 429] + [503] * (len(DELAYS) - 3))
        await sending.sender.send_due()
        for delay in DELAYS:
            wait = timedelta(seconds=delay * (1 + JITTER / 2))
            await sending.later(wait - timedelta(milliseconds=1))
            assert len(sending.receiver.got) == 1
            await sending.later(timedelta(milliseconds=1))
        assert len(last := sending.receiver.got) == 1
        assert not sending.receiver.answers
        (dead,) = await sending.deliveries(DeliveryState.DEAD)
        assert (dead.attempts, dead.status, dead.settled_at) == (len(DELAYS) + 1, 503, sending.clock())
        await sending.later()
        assert sending.receiver.got == []
        assert await sending.webhooks.resend("default", dead.number, sending.clock(), "admin")
        assert not await sending.webhooks.resend("news", dead.number, sending.clock(), "admin")
        await sending.sender.send_due()
        (got,) = sending.receiver.got
        assert (got.message_id, got.body) == (last[0].message_id, last[0].body)
        assert got.is_signed_with(SECRET)
        assert int(got.headers["webhook-timestamp"]) == int(sending.clock().timestamp())
        assert [one.state for one in await sending.deliveries()] == [DeliveryState.DELIVERED]
        outcomes = {"failed": len(DELAYS), "dead": 1, "delivered": 1}
        for outcome, count in outcomes.items():
            assert sending.counted(f'verger_webhook_deliveries_total{{outcome="{outcome}"}}') == count

    with_sending(address, act)


def test_whoever_asks_for_more_time_is_given_it(address: str) -> None:
    """In seconds and as a date; the next attempt comes then, not when it would have come by itself."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        await put(sending)
        busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: %b\r\n\r\n"
        date = format_datetime(sending.clock() + timedelta(seconds=500), usegmt=True).encode()
        # A date has no fraction of a second.
        sending.clock.now = sending.clock().replace(microsecond=0)
        sending.receiver.answers.extend([busy % date, busy % b"400"])
        await sending.sender.send_due()
        for asked in (500, 400):
            assert len(sending.receiver.got) == 1
            await sending.later(timedelta(seconds=asked * (1 + JITTER / 2)) - timedelta(milliseconds=1))
            assert sending.receiver.got == []
            await sending.later(timedelta(milliseconds=1))
        assert len(sending.receiver.got) == 1
        assert [one.state for one in await sending.deliveries()] == [DeliveryState.DELIVERED]

    with_sending(address, act)


def test_about_three_days() -> None:
    """That long somebody has to bring a receiver back."""
    assert timedelta(days=2.5) < timedelta(seconds=sum(DELAYS)) < timedelta(days=3.5)


def test_in_order(address: str) -> None:
    """What is told of one comment waits for what came before it; other comments do not."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        first, _ = await save(sending.store, sent())
        sending.receiver.answers.append(500)
        await sending.sender.send_due()
        second, _ = await save(sending.store, sent(text="Again"), first)
        await save(sending.store, sent(text="And again"), second)
        await save(sending.store, sent(name="c-2"))
        await sending.later(COUNTED_EVERY)
        told = [(one.told["data"]["comment_id"], one.told["data"]["revision"]) for one in sending.receiver.got]
        assert told == [("c-1", 1), ("c-2", 1)]
        assert sending.counted("verger_webhook_backlog") == 4
        await sending.later()
        assert [one.told["data"]["revision"] for one in sending.receiver.got] == [1, 2, 3]
        await sending.later()
        assert sending.counted("verger_webhook_backlog") == 0

    with_sending(address, act)


def test_gone(address: str) -> None:
    """Who answers 410 is told nothing more, until somebody sends again what was given up."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        sending.receiver.answers.append(500)
        await put(sending, "c-1")
        await sending.sender.send_due()
        sending.receiver.answers.append(410)
        await put(sending, "c-2")
        await sending.sender.send_due()
        assert len(sending.receiver.got) == 2
        (webhook,) = await sending.webhooks.of_site("default")
        assert (webhook.disabled_at, webhook.disabled_why) == (sending.clock(), "gone")
        assert not await sending.webhooks.ping("default", "wh_1", sending.clock())
        await put(sending, "c-3")
        await sending.later()
        assert sending.receiver.got == []
        assert [one.state for one in await sending.deliveries()] == [DeliveryState.DEAD] * 2
        assert await sending.webhooks.resend_dead("default", "wh_1", sending.clock(), "admin")
        assert not await sending.webhooks.resend_dead("news", "wh_1", sending.clock(), "admin")
        await put(sending, "c-4")
        await sending.sender.send_due()
        told = sorted(one.told["data"]["comment_id"] for one in sending.receiver.got)
        assert told == ["c-1", "c-2", "c-4"]
        assert (await sending.webhooks.of_site("default"))[0].disabled_at is None

    with_sending(address, act)


def test_the_audit_of_webhooks(address: str) -> None:
    """Who added, disabled, enabled and deleted them, and who had what sent again: no address, no secret, no text."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        sending.receiver.answers.append(410)
        await put(sending)
        await sending.sender.send_due()
        (dead,) = await sending.deliveries(DeliveryState.DEAD)
        for again in range(2):
            assert await sending.webhooks.resend("default", dead.number, sending.clock(), f"admin {again}")
        assert await sending.webhooks.resend_dead("default", "wh_1", sending.clock(), "admin")
        assert await sending.webhooks.drop("default", "wh_1", sending.clock(), "admin")
        async with sending.store.reading() as connection:
            rows = (await connection.execute(select(audit).order_by(audit.c.number))).all()
        number, mine = dead.number, {"webhook": "wh_1"}
        assert [(row.site, row.actor, row.action, row.detail) for row in rows] == [
            (
                *("default", "admin", "add_webhook"),
                {**mine, "host": "127.0.0.1", "events": ["comment.decided", "comment.erased"]},
            ),
            ("default", "receiver", "disable_webhook", {**mine, "delivery": number}),
            ("default", "admin 0", "enable_webhook", mine),
            ("default", "admin 0", "resend", {**mine, "delivery": number}),
            ("default", "admin 1", "resend", {**mine, "delivery": number}),
            ("default", "admin", "resend", {**mine, "deliveries": 0}),
            ("default", "admin", "drop_webhook", mine),
        ]
        assert await sending.store.findings() == []

    with_sending(address, act)


def test_one_sends(address: str) -> None:
    """Of two processes one; the other when that one stops, or when it has not been heard of."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        first, second = sending.sender, sending.another()
        await put(sending, "c-1")
        await first.look()
        await asyncio.to_thread(sending.receiver.take)
        await put(sending, "c-2")
        await second.send_due()
        await first.send_due()
        assert len(sending.receiver.got) == 1
        await put(sending, "c-3")
        await first.stop()
        sending.clock.pass_by(ASKED_EVERY)
        await second.send_due()
        assert len(sending.receiver.got) == 1
        await put(sending, "c-4")
        await first.send_due()
        assert sending.receiver.got == []
        sending.clock.pass_by(LEASE)
        await first.send_due()
        assert len(sending.receiver.got) == 1
        await second.send_due()
        states = [one.state for one in await sending.deliveries()]
        assert states == [DeliveryState.DELIVERED] * 4

    with_sending(address, act)


def test_nobody_to_be_reached(address: str) -> None:
    """A port where nobody listens, and an address that may no longer be sent to, are tried again like any failure."""

    async def act(sending: Sending) -> None:
        await sending.listen("wh_1")
        await sending.listen("wh_2")
        async with sending.store._database.writing() as connection:
            for url, name in (("http://127.0.0.1:1/", "wh_1"), ("https://10.0.0.1/", "wh_2")):
                await connection.execute(text(f"UPDATE webhooks SET url = '{url}' WHERE id = '{name}'"))
        await put(sending)
        await sending.sender.send_due()
        for name, error in (("wh_1", "connection"), ("wh_2", "refused_address")):
            (delivery,) = await sending.deliveries(webhook_id=name)
            assert (delivery.state, delivery.status, delivery.error) == (DeliveryState.PENDING, None, error)
            assert delivery.due_at > sending.clock()

    with_sending(address, act)


def test_kept_for_a_while(address: str) -> None:
    """What is settled can be looked at for a month; what waits is never forgotten."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        await put(sending, "c-1")
        await sending.sender.send_due()
        await sending.later(KEPT - timedelta(hours=2))
        assert len(await sending.deliveries()) == 1
        sending.receiver.answers.append(500)
        await put(sending, "c-2")
        await sending.later(timedelta(hours=3))
        assert [one.comment_id for one in await sending.deliveries()] == ["c-2"]
        await sending.later(LONGEST)
        assert [one.state for one in await sending.deliveries()] == [DeliveryState.DELIVERED]

    with_sending(address, act)


def test_a_store_that_goes_away(postgresql: PostgreSQL) -> None:
    """After an answer, before its note: it is noted once the store is back, and not sent again."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        await put(sending)
        sending.receiver.may_answer.clear()
        await sending.sender.look()
        await asyncio.to_thread(sending.receiver.take)
        await asyncio.to_thread(postgresql.stop, "immediate")
        sending.receiver.may_answer.set()
        while await sending.store.is_reachable():
            pass
        assert not await sending.store.is_reachable()
        await asyncio.to_thread(postgresql.start)
        sending.clock.pass_by(ASKED_EVERY)
        await sending.sender.send_due()
        assert sending.receiver.got == []
        assert [one.state for one in await sending.deliveries()] == [DeliveryState.DELIVERED]

    with_sending(postgresql.emptied(), act)
