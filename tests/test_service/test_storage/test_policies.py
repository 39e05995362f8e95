"""What a store promises about policies, and what decisions by them leave, whichever kind of store it is."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from service.domain import (
    STATE_AFTER,
    Action,
    Author,
    Decision,
    Ground,
    PolicyVersion,
    Reason,
    SiteReason,
    StoredComment,
)
from service.policy import DEFAULT, content_of
from service.review_domain import Cause
from service.revisions import revised
from service.storage import comments, erasure
from service.storage.database import Database
from service.storage.listing import Filters, Order
from service.storage.review_store import ReviewStore
from service.storage.schema import NEWEST, bring_up_to_date
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW, assessment, save, sent

CONTENT = content_of(
    replace(DEFAULT, blocked_terms=("wïdget 🍌", 'a "b"'), sample_rate=0.1, exempt_authors=frozenset({"u-1"}))
)
SECOND = PolicyVersion("blog", 2, CONTENT, NOW)


def test_versions(address: str) -> None:
    """Only the one that follows goes in; each stays as it was, after the store was closed and opened again too."""
    third = PolicyVersion("blog", 3, content_of(DEFAULT), NOW + timedelta(microseconds=1))

    async def write(store: Store) -> None:
        assert await store.policy("blog") is None
        assert not await store.save_policy(third, "open")
        assert await store.save_policy(SECOND, "open")
        assert not await store.save_policy(replace(SECOND, content={}), "open")
        assert await store.save_policy(third, "open")
        assert await store.save_policy(replace(SECOND, site="news"), "open")

    async def read(store: Store) -> None:
        assert await store.policy("blog") == third
        assert await store.policy("blog", 2) == SECOND
        assert await store.policy("blog", 4) is None
        assert await store.policy("news") == replace(SECOND, site="news")
        assert await store.policy("other") is None
        assert await store.findings() == []

    with_store(address, write)
    with_store(address, read)


def test_one_of_many_at_once(address: str) -> None:
    """Thirty callers, two stores, one next version: one was first, and its content is kept."""

    async def act(store: Store) -> None:
        other = Store(address)
        await other.start(or_raise=True)
        tried = [replace(SECOND, content={"of": number}) for number in range(30)]
        stores = [store, other] * 15
        stored = await asyncio.gather(*(one.save_policy(p, "open") for one, p in zip(stores, tried, strict=True)))
        await other.close()
        (winner,) = [policy for policy, was_stored in zip(tried, stored, strict=True) if was_stored]
        assert await store.policy("blog") == winner
        assert await store.findings() == []

    with_store(address, act)


def decided(name: str, action: Action, *reasons: Reason | SiteReason, author: str = "u-7") -> StoredComment:
    scored = replace(assessment(), decision=Decision(action, reasons, "blog@2"))
    return revised(None, sent(name, author=Author(author)), scored, "salt", NOW)


def test_reasons_come_back_and_erased_ones_name_no_word(address: str) -> None:
    """Every kind of reason is kept; with its text, a comment loses the words that the reasons quote."""
    head = Reason("profanity", 0.5, 0.25, "explicit")
    term = SiteReason(Ground.BLOCKED_TERM, "friggin", 9, 16)
    others = tuple(SiteReason(ground) for ground in (Ground.NEW_AUTHOR, Ground.SAMPLE, Ground.EXEMPT_AUTHOR))
    comment = decided("c-1", Action.HOLD, head, term, *others)

    async def act(store: Store) -> None:
        assert await store.save_comment(comment, "salt")
        assert await store.save_comment(decided("c-2", Action.HOLD, term), "salt")
        assert await store.comment(("default", "c-1")) == comment
        assert await store.erase_comment(("default", "c-1"))
        erased, kept = [await store.comment(("default", name)) for name in ("c-1", "c-2")]
        assert erased is not None
        assert erased.assessment.decision.reasons == (head, replace(term, term=None), *others)
        assert kept is not None
        assert kept.assessment.decision.reasons == (term,)
        async with store.reading() as connection:
            reasons = await connection.execute(text("SELECT reasons FROM decisions WHERE comment_id = 'c-1'"))
            assert "friggin" not in json.dumps([str(row[0]) for row in reasons])
        assert await store.findings() == []

    with_store(address, act)


def test_how_many_of_an_author_stand(address: str) -> None:
    """Those that are shown, on that site, but for the one asked about; and no more are counted than matter."""

    async def act(store: Store) -> None:
        for number, action in enumerate(Action):
            comment = decided(f"c-{number}", action)
            assert comment.state is STATE_AFTER[action]
            assert await store.save_comment(comment, "salt")
            assert await store.save_comment(replace(comment, site="news"), "salt")
        assert await store.save_comment(decided("c-9", Action.ALLOW, author="u-8"), "salt")
        assert await store.standing_of("default", "u-7", "c-8", 10) == 2
        assert await store.standing_of("default", "u-7", "c-0", 10) == 1
        assert await store.standing_of("default", "u-7", "c-8", 1) == 1
        assert await store.standing_of("default", "nobody", "c-8", 10) == 0

    with_store(address, act)


@pytest.mark.parametrize("erases", [False, True])
def test_the_first_schema_becomes_the_newest(address: str, erases: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With rows in it: all of them are there afterwards, nothing is found wrong, and what is held waits."""

    async def as_it_was() -> StoredComment | None:
        database = Database(address)
        database.prepare()
        async with database.writing() as connection:
            await bring_up_to_date(connection, "0001")
        await database.close()
        store = Store(address)
        # What the older code did: the same statements but for those about people's work and about webhooks, and no
        # step beyond the first.
        monkeypatch.setattr(comments, "_queue", nothing)
        monkeypatch.setattr(erasure, "_STATEMENTS", erasure._STATEMENTS[:3])
        monkeypatch.setattr("service.storage.decisions.listening", nobody)
        monkeypatch.setattr("service.storage.erasure.listening", nobody)
        store._is_started = store._is_open = True
        comment, stored = await save(store, sent())
        assert stored
        if erases:
            assert await store.erase_comment(("default", "c-1"))
        assert await store.schema() == "0001"
        assert [line for line in await store.findings() if not line.startswith("schema: it is 0001")] == []
        kept = await store.comment(("default", "c-1"))
        assert erases or kept == comment
        await store.close()
        monkeypatch.undo()
        return kept

    before = asyncio.run(as_it_was())

    async def act(store: Store) -> None:
        assert await store.schema() == NEWEST
        assert await store.comment(("default", "c-1")) == before
        assert await store.findings() == []
        assert await store.save_policy(SECOND, "open")
        waiting, _ = await ReviewStore(store).queue("default", Filters(), Order.PRIORITY, None, 9)
        assert [(one.placement.cause, one.placement.head) for one in waiting] == (
            [] if erases else [(Cause.HOLD, "profanity")]
        )

    with_store(address, act)


async def nobody(*_: object) -> dict[str, list[str]]:
    """Whom code tells that knows no webhooks."""
    return {}


async def nothing(*_: object) -> None:
    """What code does that knows no queue."""
