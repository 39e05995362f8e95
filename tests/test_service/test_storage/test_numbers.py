"""The numbers of a small site, worked out by hand, over both stores; and what they hold over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from service.domain import Action
from service.numbers import Numbers, SiteNumbers
from service.review_domain import Cause, ReviewAction
from service.storage.golden import MakeGolden
from service.storage.history_store import HistoryStore
from service.storage.store import Store
from service.storage.undoing import UndoReview
from tests.test_service.conftest import fresh_store, running
from tests.test_service.reviewed import MINUTE, put, review, sampling
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW

DAY = timedelta(days=1)
ANN, BOB = "reviewer:ann", "reviewer:bob"


async def filled(store: Store) -> None:
    """On the first day 8 held (profanity), 2 labelled (spoiler), 20 allowed, 5 of them drawn; 3 held on the next."""
    for number in range(8):
        await put(store, f"h-{number}", Action.HOLD)
    for number in range(2):
        await put(store, f"l-{number}", Action.LABEL, head="spoiler", score=0.8)
    policy = await sampling(store, 0.25)
    for number in range(20):
        await put(store, f"a-{number}", Action.ALLOW, score=0.2, sampled=number < 5, policy=policy)
    for number in range(3):
        await put(store, f"n-{number}", Action.HOLD, at=NOW + DAY)
    await put(store, "elsewhere", Action.HOLD, site="blog")


async def reviewed(store: Store) -> None:
    """Of the held four are profane and one is not; of the labelled one is profane and no spoiler; of the drawn one of
    two is profane. One review is taken back, one comment judged twice, one passed on, one is golden."""
    for number in range(4):
        await review(store, f"h-{number}", ReviewAction.REJECT, {"profanity": 1}, second=number == 0)
    await review(store, "h-4", ReviewAction.APPROVE, {"profanity": 0}, at=NOW + 3 * MINUTE)
    await review(store, "h-0", ReviewAction.LABEL, {"profanity": 0}, by=BOB, at=NOW + 4 * MINUTE)
    await review(store, "l-0", ReviewAction.APPROVE, {"profanity": 1, "spoiler": 0}, by=BOB, at=NOW + 5 * MINUTE)
    await review(store, "a-0", ReviewAction.REJECT, {"profanity": 1}, at=NOW + 6 * MINUTE)
    await review(store, "a-1", ReviewAction.APPROVE, {"profanity": 0}, at=NOW + 7 * MINUTE)
    undone = await review(store, "h-5", ReviewAction.REJECT, {"profanity": 1}, at=NOW + 8 * MINUTE)
    await store.change(UndoReview("default", undone.review.number, ANN, NOW + 9 * MINUTE))
    await review(store, "h-6", ReviewAction.ESCALATE, by=BOB, at=NOW + 9 * MINUTE)
    right = MakeGolden("default", "h-4", 1, ReviewAction.APPROVE, {"profanity": 0}, "key:x", NOW + 9 * MINUTE)
    assert await store.change(right)
    await review(store, "h-4", ReviewAction.REJECT, {"profanity": 0}, by=BOB, at=NOW + 10 * MINUTE)


async def numbers(store: Store, since: datetime = NOW - MINUTE, until: datetime = NOW + 2 * DAY) -> SiteNumbers:
    return await Numbers(HistoryStore(store)).of("default", since, until)


def test_volumes_and_decisions(address: str) -> None:
    """By day, by machine and people; what was taken back counts for nobody, what an undoing put back neither."""

    async def act(store: Store) -> None:
        await filled(store)
        await reviewed(store)
        found = await numbers(store)
        assert [one.day for one in found.days] == [NOW.date(), (NOW + DAY).date()]
        assert found.days[0].machine == {Action.ALLOW: 20, Action.LABEL: 2, Action.HOLD: 8}
        assert found.days[1].machine == {Action.HOLD: 3}
        assert found.days[0].people == {Action.ALLOW: 3, Action.REJECT: 5}
        assert found.people == {Action.ALLOW: 3, Action.LABEL: 0, Action.HOLD: 0, Action.REJECT: 5}
        later = await numbers(store, NOW + DAY)
        assert (later.machine[Action.HOLD], sum(later.machine.values()), sum(later.people.values())) == (3, 3, 0)
        waiting = {one.cause: one.count for one in found.queue}
        assert waiting == {Cause.ESCALATION: 1, Cause.HOLD: 5, Cause.LABEL: 1, Cause.SAMPLE: 3}
        ages = {one.cause: (one.median_age, one.oldest_age) for one in found.queue}
        assert ages[Cause.HOLD][1] - ages[Cause.HOLD][0] == pytest.approx(DAY.total_seconds(), abs=600)
        # 1, 1, 1, 1, 3, 5, 6 and 7 minutes.
        assert (found.median_time_to_decision, found.slowest_tenth) == (120.0, 360.0)
        assert not found.cut

    with_store(address, act)


def test_people(address: str) -> None:
    """Who did how much; how two opinions agree; who is right where that is known; how often a hold was overturned."""

    async def act(store: Store) -> None:
        await filled(store)
        await reviewed(store)
        found = await numbers(store)
        work = {one.reviewer: (one.decided, one.checked, one.escalated) for one in found.reviewers}
        assert work == {ANN: (7, 0, 0), BOB: (1, 2, 1)}
        golden = {one.reviewer: (one.golden.value, one.golden.count) for one in found.reviewers}
        assert golden == {ANN: (None, 0), BOB: (0.0, 1)}
        assert (found.agreement.pairs, found.agreement.observed) == (1, 0.0)
        assert (found.heads["profanity"].agreement.pairs, found.heads["spoiler"].agreement.pairs) == (1, 0)
        assert (found.heads["profanity"].golden.value, found.heads["profanity"].golden.count) == (1.0, 1)
        assert found.overturned.value == pytest.approx(1 / 5)
        assert found.overturned.count == 5

    with_store(address, act)


def test_heads(address: str) -> None:
    """Precision from what was found and judged; recall from that and the sample, each part standing for all of it."""

    async def act(store: Store) -> None:
        await filled(store)
        await reviewed(store)
        found = (await numbers(store)).heads
        profanity = found["profanity"]
        assert profanity.precision.value == pytest.approx(4 / 5)
        assert profanity.precision.count == 5
        # Six judged stand for the 13 acted on: 4 found, 1 missed among them; two drawn for the 20 allowed: 1 missed.
        hits, missed = 4 * 13 / 6, 13 / 6 + 20 / 2
        assert profanity.recall.value == pytest.approx(hits / (hits + missed))
        assert profanity.recall.count == 6
        assert (found["spoiler"].precision.value, found["spoiler"].precision.count) == (0.0, 1)
        assert found["spoiler"].recall.value is None
        assert found["off_topic"].precision.value is None
        bins = {round(one.low, 1): (one.count, one.yes) for one in profanity.calibration.bins}
        assert bins == {0.1: (1, 1.0), 0.2: (2, 0.5), 0.9: (5, pytest.approx(0.8))}
        parts = {0.1: 13 / 6, 0.2: 20.0, 0.9: 5 * 13 / 6}
        error = (parts[0.1] * 0.9 + parts[0.2] * 0.3 + parts[0.9] * 0.1) / sum(parts.values())
        assert profanity.calibration.error.value == pytest.approx(error)
        assert (await numbers(store, NOW + DAY)).heads["profanity"].precision.value is None

    with_store(address, act)


def test_over_http() -> None:
    """All of it, as JSON; a site of which nothing is known has numbers too."""
    address = fresh_store()

    async def act(store: Store) -> SiteNumbers:
        await filled(store)
        await reviewed(store)
        return await numbers(store)

    found = with_store(address, act)
    with running(store=address) as client:
        period = {"from": (NOW - MINUTE).isoformat(), "to": (NOW + 2 * DAY).isoformat()}
        told = client.get("/v1/numbers", params=period).json()
        assert told["days"][1] == {"day": "2026-03-05", "machine": {"hold": 3}, "people": {}}
        assert told["machine"] == {"allow": 20, "label": 2, "hold": 11, "reject": 0}
        assert told["heads"]["profanity"]["recall"]["value"] == found.heads["profanity"].recall.value
        assert told["overturned"]["count"] == 5
        empty = client.get("/v1/numbers", params={"site": "nobody"}).json()
        assert (empty["days"], empty["queue"], empty["reviewers"]) == ([], [], [])
        assert empty["heads"]["spoiler"]["recall"] == {"value": None, "low": None, "high": None, "count": 0}
        since, until = (datetime.fromisoformat(empty[name]) for name in ("since", "until"))
        assert until - since == 30 * DAY
