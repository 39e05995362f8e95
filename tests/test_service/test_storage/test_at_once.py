"""What a store promises where many decide, or one decides about many, whichever kind of store it is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import event

from service.domain import Action, State
from service.review_domain import Cause, ReviewAction
from service.storage.deciding import Reviewed
from service.storage.ruling import Refusal
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.working import Work, at_work


def test_two_at_once(address: str) -> None:
    """Of two decisions handed in together one counts."""

    async def act(work: Work) -> None:
        for number in range(20):
            await work.put(f"c-{number}", Action.HOLD)
            outcomes = await asyncio.gather(
                *(work.review(who, ReviewAction.APPROVE, name=f"c-{number}") for who in ("ann", "bob", "cyd"))
            )
            assert sorted(isinstance(one, Reviewed) for one in outcomes) == [False, False, True]

    at_work(address, act)


def test_many_together(address: str) -> None:
    """Each fares as it would alone: decided, refused, unknown, passed on, said again, or second about one comment."""

    async def act(work: Work) -> None:
        for name in ("a", "b", "c", "d"):
            await work.put(name, Action.HOLD)
            await work.report("r-1", "profanity", name)
        await work.done("ann", ReviewAction.REJECT, name="d")
        await work.claim("bob", comment_id="b")
        outcomes = await asyncio.gather(
            work.review("ann", ReviewAction.REJECT, name="a", labels={"profanity": 1}),
            work.review("ann", ReviewAction.REJECT, name="b"),
            work.review("ann", ReviewAction.ESCALATE, name="c"),
            work.review("ann", ReviewAction.REJECT, name="d"),
            work.review("ann", ReviewAction.REJECT, name="e"),
            work.review("cyd", ReviewAction.APPROVE, name="a"),
            work.review("cyd", ReviewAction.APPROVE, name="c", labels={"profanity": 0}),
        )
        found = [(one.state, one.is_new) if isinstance(one, Reviewed) else one for one in outcomes]
        assert found == [
            *((State.REJECTED, True), Refusal.CLAIMED, (State.HELD, True), (State.REJECTED, False)),
            *(Refusal.UNKNOWN, Refusal.DECIDED, (State.ALLOWED, True)),
        ]
        assert await work.waiting() == [("b", Cause.HOLD)]
        (reporter,) = await work.desk.reporters("default", None, 9)
        assert (reporter.open, reporter.agreed, reporter.disagreed) == (1, 2, 1)
        states = [(await work.comment(name)).state for name in ("a", "b", "c")]
        assert states == [State.REJECTED, State.HELD, State.ALLOWED]

    at_work(address, act)


def test_many_together_cost_few_statements(address: str) -> None:
    """However many: each statement is a way to the database and back, and all others wait meanwhile."""

    async def act(store: Store) -> None:
        work, sent = Work(store), []
        event.listen(store._database._writing.sync_engine, "before_cursor_execute", lambda *_: sent.append(1))
        counts = []
        for many in (1, 4, 40):
            names = [f"c-{many}-{number}" for number in range(many)]
            for name in names:
                await work.put(name, Action.HOLD)
            await asyncio.gather(*(work.report(f"r-{name}", "spoiler", name) for name in names))
            sent.clear()
            await asyncio.gather(*(work.done("ann", ReviewAction.REJECT, name=name) for name in names))
            counts.append(len(sent))
        assert counts[2] == counts[1]

    with_store(address, act)


def test_claims(address: str) -> None:
    """One holder at a time, until the lease ends; own ones first; a review lets go."""

    async def act(work: Work) -> None:
        for number in range(3):
            await work.put(f"c-{number}", Action.HOLD)
        (mine,) = await work.claim("ann")
        assert await work.claim("ann") == [mine]
        theirs = await work.claim("bob", count=9)
        assert sorted([mine, *theirs]) == ["c-0", "c-1", "c-2"]
        assert await work.claim("cyd") == []
        assert await work.claim("cyd", comment_id=mine) == []
        assert await work.review("cyd", ReviewAction.APPROVE, name=mine) is Refusal.CLAIMED
        assert await work.desk.release("default", "bob", mine) is False
        assert await work.desk.release("default", "bob", theirs[0]) is True
        assert await work.claim("cyd") == [theirs[0]]
        work.tick(timedelta(minutes=2))
        assert await work.claim("cyd", comment_id=mine) == [mine]
        await work.done("ann", ReviewAction.APPROVE, name=theirs[1])
        assert await work.review("ann", ReviewAction.APPROVE, name=mine) is Refusal.CLAIMED

    at_work(address, act)


def test_claims_at_once_never_meet(address: str) -> None:
    """However many ask at the same time."""

    async def act(work: Work) -> None:
        for number in range(12):
            await work.put(f"c-{number}", Action.HOLD)
        given = await asyncio.gather(*(work.claim(f"r-{who}", count=2) for who in range(8)))
        held = [one for some in given for one in some]
        assert len(held) == len(set(held)) == 12

    at_work(address, act)
