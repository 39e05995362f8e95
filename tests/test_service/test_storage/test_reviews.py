"""What a store promises about people's decisions, whichever kind of store it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from service.domain import Action, Ground, SiteReason, State
from service.review_domain import Cause, ReportState, ReviewAction, Role, SelectedBy
from service.storage.appeals import AddAppeal, Appealed
from service.storage.deciding import Reviewed
from service.storage.listing import Filters, Order
from service.storage.reports import AddReport
from service.storage.review_tables import reviews
from service.storage.ruling import Refusal
from service.storage.store import Store
from service.storage.tables import comments
from tests.test_service.reviewed import sampling
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.working import KEY, Work, at_work


def test_a_decision_and_back(address: str) -> None:
    """It answers the reports and the appeal and empties the queue; undone, all of it is as before."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        assert await work.report("r-1", "profanity") is ReportState.OPEN
        assert await work.report("r-2", "spoiler") is ReportState.OPEN
        assert await work.desk.appeal(AddAppeal(*KEY, "Why?", work.tick())) is Appealed.NEW
        before, queue = await work.comment(), await work.waiting()
        done = await work.done("ann", ReviewAction.REJECT, labels={"profanity": 1, "spoiler": 0}, note="Rude")
        assert (done.state, done.review.role, done.review.cause) == (State.REJECTED, Role.DECIDING, Cause.APPEAL)
        assert (await work.comment()).state is State.REJECTED
        assert await work.waiting() == []
        history = await work.desk.history(KEY)
        assert history is not None
        assert [one.state for one in history.reports] == [ReportState.UPHELD, ReportState.DISMISSED]
        assert [one.review for one in history.appeals] == [done.review.number]
        assert [(one.agreed, one.disagreed) for one in await work.desk.reporters("default", None, 9)] == [
            (1, 0),
            (0, 1),
        ]
        undone = await work.desk.undo("default", done.review.number, "ann")
        assert isinstance(undone, Reviewed)
        assert (undone.state, undone.review.undone_by) == (State.HELD, "ann")
        assert await work.comment() == before
        assert await work.waiting() == queue
        history = await work.desk.history(KEY)
        assert history is not None
        assert [one.state for one in history.reports] == [ReportState.OPEN] * 2
        assert [one.review for one in history.appeals] == [None]
        assert [(one.agreed, one.disagreed) for one in await work.desk.reporters("default", None, 9)] == [(0, 0)] * 2
        assert [(line.actor, line.action) for line in history.audit] == [("ann", "review"), ("ann", "undo_review")]
        assert [(line.detail["from"], line.detail["to"]) for line in history.audit] == [
            ("held", "rejected"),
            ("rejected", "held"),
        ]

    at_work(address, act)


def test_undoing_goes_back_one_by_one(address: str) -> None:
    """The last decision first, each to what stood before it, also where others were made and taken back between."""

    async def act(work: Work) -> None:
        await work.put(action=Action.LABEL)
        first = await work.done("ann", ReviewAction.REJECT)
        assert await work.report("r-1") is ReportState.OPEN
        second = await work.done("bob", ReviewAction.APPROVE)
        assert await work.desk.undo("default", first.review.number, "ann") is Refusal.DECIDED
        for review, state in ((second, State.REJECTED), (first, State.LABELLED)):
            undone = await work.desk.undo("default", review.review.number, "ann")
            assert isinstance(undone, Reviewed)
            assert (undone.state, (await work.comment()).state) == (state, state)
        again = await work.desk.undo("default", first.review.number, "ann")
        assert isinstance(again, Reviewed)
        assert not again.is_new
        assert await work.desk.undo("default", 999, "ann") is Refusal.UNKNOWN

    at_work(address, act)


def test_who_comes_second(address: str) -> None:
    """Is told so; the same said again is no second review; another word of one's own needs an undo first."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        first = await work.done("ann", ReviewAction.REJECT, labels={"profanity": 1})
        again = await work.done("ann", ReviewAction.REJECT, labels={"profanity": 1})
        assert (again.is_new, again.review) == (False, first.review)
        assert await work.review("bob", ReviewAction.APPROVE) is Refusal.DECIDED
        assert await work.review("ann", ReviewAction.APPROVE) is Refusal.OWN
        assert await work.review("ann", ReviewAction.APPROVE, name="c-2") is Refusal.UNKNOWN
        await work.put(text="Hello again")
        assert await work.review("bob", ReviewAction.APPROVE) is Refusal.STALE
        await work.done("bob", ReviewAction.APPROVE, revision=2)
        assert await work.desk.undo("default", first.review.number, "ann") is Refusal.STALE
        await work.store.erase_comment(KEY)
        assert await work.review("bob", ReviewAction.REJECT, revision=2) is Refusal.ERASED

    at_work(address, act)


def test_the_same_sent_again(address: str) -> None:
    """By a client that did not hear the answer: the same review, and nothing is written, whatever it waits for now."""

    async def again(work: Work, *said: Any, **more: Any) -> Reviewed:
        """The second of three, found to be no other than the first."""
        first = await work.done(*said, **more)
        before = await work.desk.history(KEY)
        for _ in range(2):
            retried = await work.done(*said, **more)
            assert (retried.is_new, retried.review, retried.state) == (False, first.review, first.state)
        assert await work.desk.history(KEY) == before
        return first

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        await again(work, "ann", ReviewAction.ESCALATE, note="A slur?")
        assert await work.desk.appeal(AddAppeal(*KEY, None, work.tick())) is Appealed.NEW
        await again(work, "bob", ReviewAction.ESCALATE)
        assert await work.waiting() == [("c-1", Cause.APPEAL)]
        assert await work.claim("bob") == []
        decided = await again(work, "cyd", ReviewAction.REJECT, labels={"profanity": 1}, wants_second=True)
        assert await work.waiting() == [("c-1", Cause.SECOND)]
        assert await work.report("r-1", "spoiler") is ReportState.OPEN
        anew = await work.done("cyd", ReviewAction.REJECT, labels={"profanity": 1})
        assert (anew.is_new, anew.review.number > decided.review.number) == (True, True)

    at_work(address, act)


def test_passed_back(address: str) -> None:
    """Who is asked again by the one they passed it on to may pass it on again: that is no retry."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        for who in ("ann", "bob", "ann"):
            assert (await work.done(who, ReviewAction.ESCALATE)).is_new
            assert await work.claim(who) == []

    at_work(address, act)


def test_passing_it_on(address: str) -> None:
    """Nothing is decided; it comes to somebody else, first."""

    async def act(work: Work) -> None:
        await work.put("c-1", Action.HOLD)
        await work.put("c-2", Action.HOLD)
        done = await work.done("ann", ReviewAction.ESCALATE, note="Is this a slur?")
        assert done.state is State.HELD
        assert (await work.waiting())[0] == ("c-1", Cause.ESCALATION)
        assert await work.claim("ann", count=9) == ["c-2"]
        assert await work.claim("bob", count=9) == ["c-1"]
        await work.done("bob", ReviewAction.APPROVE)
        assert await work.waiting() == [("c-2", Cause.HOLD)]

    at_work(address, act)


def test_undoing_gives_back_the_place(address: str) -> None:
    """What waited first is the first again, with the time since when, whatever it waited for."""

    async def entered(work: Work) -> dict[str, Any]:
        page, _ = await work.desk.queue("default", Filters(), Order.OLDEST, None, 9)
        return {one.comment_id: (one.entered_at, one.placement) for one in page}

    async def act(work: Work) -> None:
        for name in ("held", "reported", "appealed", "passed on", "second"):
            await work.put(name, Action.ALLOW if name == "reported" else Action.HOLD)
        await work.report("r-1", name="reported")
        await work.done("ann", ReviewAction.REJECT, name="appealed")
        await work.desk.appeal(AddAppeal("default", "appealed", None, work.tick()))
        await work.report("r-2", name="appealed")
        await work.done("ann", ReviewAction.ESCALATE, name="passed on")
        await work.done("ann", ReviewAction.REJECT, name="second", wants_second=True)
        await work.put("newest", Action.HOLD)
        before = await entered(work)
        assert list(before) == ["held", "reported", "appealed", "passed on", "second", "newest"]
        for name in before:
            done = await work.done("bob", ReviewAction.APPROVE, name=name)
            assert name not in await entered(work)
            work.tick(timedelta(hours=1))
            assert isinstance(await work.desk.undo("default", done.review.number, "bob"), Reviewed)
            assert await entered(work) == before

    at_work(address, act)


def test_erasure_takes_the_notes(address: str) -> None:
    """Of reports, appeals and reviews; what was decided stays, and still adds up."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        await work.desk.report(AddReport(*KEY, "r-1", "other", "secret one", work.tick()))
        await work.desk.appeal(AddAppeal(*KEY, "secret two", work.tick()))
        await work.done("ann", ReviewAction.ESCALATE, note="secret three")
        assert await work.store.erase_comment(KEY)
        history = await work.desk.history(KEY)
        assert history is not None
        notes = [*(one.note for one in history.reports), *(one.note for one in history.appeals)]
        assert [*notes, *(one.opinion.note for one in history.reviews)] == [None] * 3
        assert await work.waiting() == []
        assert await work.report("r-2") is None
        assert await work.desk.appeal(AddAppeal(*KEY, None, work.tick())) is Appealed.UNKNOWN

    at_work(address, act)


def test_what_a_reviewer_saw_is_kept(address: str) -> None:
    """Scores, machine's decision, policy and bundle; and a changed row is found."""

    async def act(store: Store) -> None:
        work = Work(store)
        policy = await sampling(store, 0.05)
        await work.put(action=Action.ALLOW, reasons=(SiteReason(Ground.SAMPLE),), policy=policy)
        review = (await work.done("ann", ReviewAction.APPROVE, labels={"profanity": 0})).review
        assert (review.selected_by, review.sampling_weight, review.machine_action) == (
            SelectedBy.SAMPLE,
            20.0,
            Action.ALLOW,
        )
        assert review.shown_scores == {"profanity": 1 / 3, "off_topic": 0.25}
        history = await work.desk.history(KEY)
        assert history is not None
        assert list(history.reviews) == [review]
        async with store._database.writing() as connection:
            await connection.execute(update(reviews).values(labels={"profanity": 1}))
        assert await store.findings() == ["reviews: number 1 was changed"]

    with_store(address, act)


def test_the_chance_of_being_drawn_is_that_of_its_time(address: str) -> None:
    """Whatever the policy draws by now, the weight is 1 / the chance that this comment had."""

    async def act(work: Work) -> None:
        for version, rate in enumerate((1.0, 0.01, 0.0), start=2):
            policy = await sampling(work.store, rate, version)
            await work.put(f"c-{version}", reasons=(SiteReason(Ground.SAMPLE),), policy=policy)
        await work.put("held", Action.HOLD, policy="default@3")
        names = ("c-2", "c-3", "c-4", "held")
        weights = [(await work.done("ann", ReviewAction.APPROVE, name=one)).review.sampling_weight for one in names]
        assert weights == pytest.approx([1.0, 100.0, 1.0, 1.0])

    at_work(address, act)


def test_entries_are_held_to_the_comments(address: str) -> None:
    """A held comment that nobody would ever be asked about is found."""

    async def act(store: Store) -> None:
        await Work(store).put(action=Action.HOLD)
        async with store._database.writing() as connection:
            await connection.execute(text("DELETE FROM queue"))
        assert await store.findings() == ["held comments that nobody is asked about: 1"]
        async with store.reading() as connection:
            assert (await connection.execute(select(comments.c.state))).scalars().all() == ["held"]

    with_store(address, act)
