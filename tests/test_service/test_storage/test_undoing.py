"""Many reviews taken back in one transaction."""

from __future__ import annotations

import asyncio

from service.domain import Action, State
from service.review_domain import ReportState, ReviewAction
from service.storage.appeals import AddAppeal, Appealed
from service.storage.deciding import Reviewed
from service.storage.ruling import Refusal
from tests.test_service.test_storage.working import Work, at_work


def test_many_are_taken_back_together(address: str) -> None:
    """In one transaction each comes to what it would alone, also twice about one comment, and among what cannot be."""

    async def act(work: Work) -> None:
        for name in ("c-1", "c-2", "c-3", "c-4", "c-5"):
            await work.put(name, Action.HOLD)
            assert await work.report("r-1", "spoiler", name) is ReportState.OPEN
            assert await work.desk.appeal(AddAppeal("default", name, "Why?", work.tick())) is Appealed.NEW
        before = await work.waiting()
        done = [await work.done("ann", ReviewAction.REJECT, name) for name in ("c-1", "c-2", "c-3", "c-4")]
        await work.put("c-3", Action.HOLD, "Hello again")
        passed_on = await work.done("ann", ReviewAction.ESCALATE, "c-5")
        numbers = [one.review.number for one in (*done, passed_on)]
        assert await work.desk.standing_of("default", "ann", numbers[0], numbers[-1], 9) == numbers
        assert await work.desk.standing_of("default", "ann", numbers[1], numbers[-2], 2) == numbers[1:3]
        assert await work.desk.standing_of("default", "bob", numbers[0], numbers[-1], 9) == []
        assert await work.desk.standing_of("blog", "ann", numbers[0], numbers[-1], 9) == []
        numbers = [*numbers, numbers[0], 999]
        found = await asyncio.gather(*(work.desk.undo("default", number, "ann") for number in numbers))
        assert [one.is_new if isinstance(one, Reviewed) else one for one in found] == [
            *(True, True, Refusal.STALE, True, True),
            *(False, Refusal.UNKNOWN),
        ]
        assert {one.state for one in found if isinstance(one, Reviewed)} == {State.HELD}
        # What a person took back one by one cannot stand for what was said one by one meanwhile.
        assert await work.desk.standing_of("default", "ann", numbers[0], numbers[2], 9) == []
        assert await work.desk.standing_of("default", "ann", numbers[2], numbers[2], 9) == [numbers[2]]
        waiting = await work.waiting()
        assert sorted(one for one in waiting if one[0] != "c-3") == sorted(one for one in before if one[0] != "c-3")
        # Of the text before the edit it stays said.
        assert [(one.agreed, one.disagreed) for one in await work.desk.reporters("default", None, 9)] == [(1, 0)]
        for name in ("c-1", "c-2", "c-4", "c-5"):
            history = await work.desk.history(("default", name))
            assert history is not None
            assert [one.state for one in history.reports] == [ReportState.OPEN]
            assert [one.review for one in history.appeals] == [None]
            assert [line.action for line in history.audit] == ["review", "undo_review"]
        assert await work.store.findings() == []

    at_work(address, act)
