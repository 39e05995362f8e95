"""The outbox: whatever is decided is told, with all that belongs to it, and nothing else is."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import event, text

from service.domain import Action
from service.review_domain import ReviewAction
from service.storage.deciding import Reviewed
from service.storage.decisions import add_decisions, read_decisions
from service.storage.erasure import Erasure
from service.storage.feed import START, Place, read_feed
from service.storage.outbox import DeliveryState, Event, count_pending, read_due
from service.storage.store import Store
from service.storage.webhooks import read_deliveries
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.sending import SECRET, Sending, put, with_sending
from tests.test_service.test_storage.working import Work
from tests.test_service.test_storage.written import NOW, TEXT, save, sent


def test_a_decision_is_told(address: str) -> None:
    """Once, signed, with its reasons, and without a word of the text, its author or a site's terms."""

    async def act(sending: Sending) -> None:
        await put(sending, "before")
        await sending.listen()
        await put(sending)
        await sending.sender.send_due()
        (got,) = sending.receiver.got
        assert got.is_signed_with(SECRET)
        assert got.headers["content-type"] == "application/json"
        assert got.told == {
            "type": "comment.decided",
            "timestamp": "2026-03-04T05:06:07.890123Z",
            "data": {
                "number": 2,
                "site": "default",
                "comment_id": "c-1",
                "revision": 1,
                "action": "hold",
                "state": "held",
                "reasons": [
                    {"head": "profanity", "score": 0.5, "threshold": 0.25, "operating_point": "explicit"},
                    {"rule": "blocked_term", "start": 9, "end": 16},
                    {"rule": "new_author"},
                ],
                "policy": "blog@2",
                "bundle": "2026.11.1",
                "decided_at": "2026-03-04T05:06:07.890123Z",
                "by": "machine",
            },
        }
        await sending.later()
        assert sending.receiver.got == []
        (delivery,) = await sending.deliveries()
        assert (delivery.state, delivery.status, delivery.attempts) == (DeliveryState.DELIVERED, 204, 1)
        assert delivery.message_id == got.message_id

    with_sending(address, act)


def test_whom_to_tell(address: str) -> None:
    """Webhooks of the comment's site that asked for it; each of them, with one and the same id."""

    async def act(sending: Sending) -> None:
        await sending.listen("wh_1")
        await sending.listen("wh_2")
        await sending.listen("wh_3", events=(Event.ERASED,))
        await sending.listen("wh_4", site="news")
        await put(sending)
        await sending.sender.send_due()
        got = sending.receiver.got
        assert {one.path for one in got} == {"/hook/wh_1", "/hook/wh_2"}
        assert len({one.message_id for one in got}) == 1
        assert await sending.webhooks.drop("default", "wh_1", sending.clock(), "admin")
        assert not await sending.webhooks.drop("news", "wh_2", sending.clock(), "admin")
        await put(sending, "c-2")
        await put(sending, "c-3", site="news")
        await sending.sender.send_due()
        assert sorted(one.path for one in sending.receiver.got) == ["/hook/wh_2", "/hook/wh_4"]

    with_sending(address, act)


def test_what_a_person_decided(address: str) -> None:
    """Is told like what the machine decided; taken back, the machine's decision is told again, as the newest."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        work = Work(sending.store)
        await work.put(action=Action.HOLD)
        done = await work.done("ann", ReviewAction.APPROVE, note="Friendly enough", labels={"profanity": 0})
        assert isinstance(await work.desk.undo("default", done.review.number, "ann"), Reviewed)
        await sending.later()
        told = [one.told["data"] for one in sending.receiver.got]
        assert [(one["by"], one["state"]) for one in told] == [
            ("machine", "held"),
            ("person", "allowed"),
            ("machine", "held"),
        ]
        assert told[1]["reasons"] == [{"rule": "review"}]
        assert [one["number"] for one in told] == [1, 2, 3]
        async with sending.store.reading() as connection:
            feed = await read_decisions(connection, "default", 0, 9)
        assert [one.by for one in feed] == [one["by"] for one in told]

    with_sending(address, act)


def test_all_or_nothing(address: str) -> None:
    """Where a decision is not stored after all, it is not told either."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        await put(sending)
        row = {"site": "default", "comment_id": "c-1", "revision": 1, "action": "allow", "policy": "blog@2"}
        made = {**row, "reasons": [], "bundle": "2026.11.1", "decided_at": NOW}

        async def break_off() -> None:
            async with sending.store._database.writing() as connection:
                await add_decisions(connection, [made])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await break_off()
        assert not (await save(sending.store, sent()))[1]
        feed, _ = await sending.store.feed("default", START, 10)
        assert len(await sending.deliveries()) == len(feed) == 1

    with_sending(address, act)


def test_erased(address: str) -> None:
    """The erasure is told, last; what waits and what is kept of it never holds text, author or term."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        sending.receiver.answers.append(500)
        await put(sending)
        await sending.sender.send_due()
        assert await sending.store.erase_comment(("default", "c-1"))
        assert await sending.store.erase_comment(("default", "c-1"))
        async with sending.store.reading() as connection:
            kept = json.dumps([list(row) for row in await connection.execute(text("SELECT * FROM outbox"))])
        assert "blocked_term" in kept
        assert not [part for part in (TEXT, "dreary", "fr1ggin", "friggin", "u-7", "Ann Onymous") if part in kept]
        assert len(sending.receiver.got) == 1
        await sending.later()
        decided, erased = [one.told for one in sending.receiver.got]
        assert decided["type"] == "comment.decided"
        assert erased["type"] == "comment.erased"
        assert erased["data"].pop("erased_at") == erased["timestamp"]
        assert erased["data"] == {"site": "default", "comment_id": "c-1", "revision": 1, "state": "erased"}
        feed, _ = await sending.store.feed("default", START, 9)
        assert feed[-1].comment_id == "c-1"
        assert isinstance(feed[-1], Erasure)
        assert erased["timestamp"] == msgspec.to_builtins(feed[-1].erased_at)

    with_sending(address, act)


def test_much_at_once(address: str) -> None:
    """Many comments decided together, each told once."""

    async def act(sending: Sending) -> None:
        await sending.listen()
        await asyncio.gather(*(save(sending.store, sent(name=f"c-{number}")) for number in range(150)))
        await sending.sender.send_due()
        told = [one.told["data"] for one in sending.receiver.got]
        assert sorted(one["comment_id"] for one in told) == sorted(f"c-{number}" for number in range(150))
        feed, _ = await sending.store.feed("default", START, 200)
        assert {one["number"]: one["comment_id"] for one in told} == {one.number: one.comment_id for one in feed}

    with_sending(address, act)


def test_what_is_due_is_found_by_indexes(tmp_path: Path) -> None:
    """However much waits or was delivered: no statement of the sender's looks through the whole table."""

    async def act(store: Store) -> None:
        seen: list[str] = []

        def note(connection: object, cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        async with store.reading() as connection:
            event.listen(connection.sync_connection, "before_cursor_execute", note)
            await read_due(connection, "wh_1", NOW, 8)
            await count_pending(connection)
            await read_deliveries(connection, "wh_1", DeliveryState.DEAD, 9, 9)
            await read_feed(connection, "default", Place(9, 9), 9)
            asked = [statement for statement in seen if statement.startswith("SELECT")]
            assert len(asked) == 5
            for statement in asked:
                values = (0,) * statement.count("?")
                explained = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plan = [row["detail"] for row in explained.mappings()]
                assert [step for step in plan if "USING" in step]
                assert not [step for step in plan if "TEMP B-TREE" in step or ("SCAN" in step and "USING" not in step)]

    with_store(str(tmp_path / "verger.db"), act)
