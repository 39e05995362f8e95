"""What a store promises about second opinions and golden comments, whichever kind of store it is."""

from __future__ import annotations

from service.domain import Action, State
from service.review_domain import Cause, ReviewAction, Role, SelectedBy
from service.storage.golden import MakeGolden
from service.storage.listing import Filters
from service.storage.ruling import Refusal
from tests.test_service.test_storage.working import KEY, Work, at_work


def test_the_first_opinion_sent_again(address: str) -> None:
    """While another's is waited for, held by another or there: the first one's answer stays the same."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        first = await work.done("ann", ReviewAction.REJECT, wants_second=True)
        for step in (None, work.claim("bob"), work.done("bob", ReviewAction.APPROVE)):
            if step is not None:
                await step
            retried = await work.done("ann", ReviewAction.REJECT, wants_second=True)
            assert (retried.is_new, retried.review) == (False, first.review)
        again = await work.done("bob", ReviewAction.APPROVE)
        assert (again.is_new, again.review.role) == (False, Role.CHECKING)
        assert await work.review("ann", ReviewAction.APPROVE) is Refusal.OWN

    at_work(address, act)


def test_second_opinions(address: str) -> None:
    """Of somebody else, and without effect on how the comment stands."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        await work.done("ann", ReviewAction.REJECT, wants_second=True)
        assert await work.waiting() == [("c-1", Cause.SECOND)]
        assert await work.claim("ann") == []
        assert await work.review("ann", ReviewAction.APPROVE) is Refusal.OWN
        assert await work.claim("bob") == ["c-1"]
        second = await work.done("bob", ReviewAction.APPROVE, wants_second=True)
        assert (second.review.role, second.review.selected_by) == (Role.CHECKING, SelectedBy.AUDIT)
        assert (second.state, (await work.comment()).state) == (State.REJECTED, State.REJECTED)
        assert await work.waiting() == []
        await work.desk.undo("default", second.review.number, "bob")
        assert await work.waiting() == [("c-1", Cause.SECOND)]

    at_work(address, act)


def test_second_opinions_are_blind(address: str) -> None:
    """Neither the entry nor any filter tells what the first one said."""

    async def act(work: Work) -> None:
        for name, said in (("c-1", ReviewAction.REJECT), ("c-2", ReviewAction.APPROVE), ("c-3", ReviewAction.LABEL)):
            await work.put(name, Action.HOLD)
            await work.done("ann", said, name=name, wants_second=True)
        assert len(await work.waiting(Filters(cause=Cause.SECOND, action=Action.HOLD))) == 3
        for action in (Action.ALLOW, Action.LABEL, Action.REJECT):
            assert await work.waiting(Filters(cause=Cause.SECOND, action=action)) == []
        await work.report("r-1")
        assert await work.waiting(Filters(action=Action.REJECT)) == [("c-1", Cause.REPORT)]

    at_work(address, act)


def test_golden_comments(address: str) -> None:
    """Due after so many reviews, each once to each reviewer, whose answer changes nothing."""

    async def act(work: Work) -> None:
        golden = MakeGolden("default", "c-1", 1, ReviewAction.REJECT, {"profanity": 1}, "admin", work.now)
        assert not await work.desk.make_golden(golden)
        await work.put(action=Action.HOLD)
        await work.done("ann", ReviewAction.REJECT)
        assert await work.desk.make_golden(golden)
        assert await work.desk.due_golden("default", "ann", 1) is None
        assert await work.desk.due_golden("default", "bob", 2) is None
        await work.put("c-2", Action.HOLD)
        await work.done("bob", ReviewAction.APPROVE, name="c-2")
        assert await work.desk.due_golden("default", "bob", 2) == KEY
        said = await work.done("bob", ReviewAction.APPROVE)
        assert (said.review.role, said.state) == (Role.CHECKING, State.REJECTED)
        assert await work.desk.due_golden("default", "bob", 1) is None
        assert await work.desk.drop_golden("default", "c-1", "admin")
        assert not await work.desk.drop_golden("default", "c-1", "admin")

    at_work(address, act)


def test_what_is_said_of_golden_comments_moves_nothing(address: str) -> None:
    """Passed on, it does not come back, and nobody else is asked; nor does it stand in for a second opinion."""

    async def act(work: Work) -> None:
        for name, action in (("c-1", Action.HOLD), ("shown", Action.ALLOW), ("waits", Action.HOLD)):
            await work.put(name, action)
            made = MakeGolden("default", name, 1, ReviewAction.REJECT, {}, "admin", work.tick())
            assert await work.desk.make_golden(made)
        await work.done("ann", ReviewAction.REJECT, wants_second=True)
        await work.done("bob", ReviewAction.REJECT)
        assert await work.waiting() == [("waits", Cause.HOLD)]
        assert await work.desk.golden_coming("default", "cyd", 1, 0) == 2
        passed_on = await work.done("cyd", ReviewAction.ESCALATE)
        assert (passed_on.review.role, passed_on.is_new) == (Role.CHECKING, True)
        assert await work.waiting() == [("waits", Cause.HOLD)]
        assert await work.desk.due_golden("default", "cyd", 1) == ("default", "shown")
        said = await work.done("cyd", ReviewAction.REJECT, name="shown")
        assert (said.review.role, said.state) == (Role.CHECKING, State.ALLOWED)
        assert await work.desk.due_golden("default", "cyd", 1) is None
        assert await work.review("cyd", ReviewAction.APPROVE, name="shown") is Refusal.OWN

    at_work(address, act)


def test_golden_before_the_second_opinion(address: str) -> None:
    """A second opinion stays wanted, whatever was said of the comment as a golden one before."""

    async def act(work: Work) -> None:
        await work.put()
        assert await work.desk.make_golden(MakeGolden("default", "c-1", 1, ReviewAction.REJECT, {}, "admin", work.now))
        await work.done("cyd", ReviewAction.REJECT)
        await work.report("r-1")
        await work.done("ann", ReviewAction.APPROVE, wants_second=True)
        assert await work.waiting() == [("c-1", Cause.SECOND)]

    at_work(address, act)
