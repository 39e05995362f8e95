"""People at work in a store: comments that a machine decided about, reports, claims, reviews."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from models.scores import HeadScore
from service.domain import Action, Decision, Reason, StoredComment
from service.review_domain import Cause, Opinion, ReportState, ReviewAction
from service.revisions import revised
from service.storage.claims import Claim
from service.storage.deciding import Reviewed, SaveReview
from service.storage.listing import Filters, Order
from service.storage.reports import AddReport
from service.storage.review_store import ReviewStore
from service.storage.ruling import Refusal
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW, assessment, sent

KEY = ("default", "c-1")
LATER = timedelta(seconds=1)
REASONS = {Action.HOLD: (Reason("profanity", 0.9, 0.8, "x"),), Action.LABEL: (Reason("spoiler", 0.9, 0.8, "x"),)}


class Work:
    """A store with what people do in it, as short as tests like it. Time moves a second with every step."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.desk = ReviewStore(store)
        self.now = NOW

    async def put(self, name: str = "c-1", action: Action = Action.ALLOW, text: str = "Hello", **case: Any) -> None:
        """A comment that the machine decided so about; again under its id, an edit."""
        decision = Decision(action, case.get("reasons", REASONS.get(action, ())), case.get("policy", "default@1"))
        scored = replace(assessment(), decision=decision)
        if "scores" in case:
            heads = {head: HeadScore(score) for head, score in case["scores"].items()}
            scored = replace(scored, scores=scored.scores._replace(heads=heads))
        before = await self.store.comment(("default", name))
        comment = revised(before, sent(name, text, **case.get("fields", {})), scored, "salt", self.tick())
        assert await self.store.save_comment(comment, "salt")

    async def report(
        self, reporter: str, reason: str = "spoiler", name: str = "c-1", **more: Any
    ) -> ReportState | None:
        """What state the report is in."""
        reported = await self.desk.report(AddReport("default", name, reporter, reason, None, self.tick(), **more))
        return None if reported is None else reported.report.state

    async def review(
        self, who: str, action: ReviewAction, name: str = "c-1", revision: int = 1, **more: Any
    ) -> Reviewed | Refusal:
        """What came of it."""
        opinion = Opinion("default", name, revision, who, action, more.pop("labels", {}), more.pop("note", None))
        return await self.desk.review(SaveReview(opinion, self.tick(), **more))

    async def done(self, *arguments: Any, **more: Any) -> Reviewed:
        """The same where nothing stands in the way."""
        reviewed = await self.review(*arguments, **more)
        assert isinstance(reviewed, Reviewed), reviewed
        return reviewed

    async def waiting(self, filters: Filters | None = None, order: Order = Order.PRIORITY) -> list[tuple[str, Cause]]:
        """Ids and causes, first things first."""
        page, count = await self.desk.queue("default", filters or Filters(), order, None, 100)
        assert count == len(page)
        return [(one.comment_id, one.placement.cause) for one in page]

    async def claim(self, who: str, **more: Any) -> list[str]:
        """The ids of what the reviewer holds now, for a minute."""
        now = self.tick()
        claim = Claim("default", who, now, now + timedelta(minutes=1), **more)
        return [one.comment_id for one in await self.desk.claim(claim)]

    async def comment(self, name: str = "c-1") -> StoredComment:
        """As it stands."""
        found = await self.store.comment(("default", name))
        assert found is not None
        return found

    def tick(self, by: timedelta = LATER) -> Any:
        """A little later."""
        self.now += by
        return self.now


def at_work(address: str, act: Any) -> None:
    """Run ``act``, and find everything as it was stored afterwards."""

    async def run(store: Store) -> None:
        await act(Work(store))
        assert await store.findings() == []

    with_store(address, run)
