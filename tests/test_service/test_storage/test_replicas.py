"""Two replicas on one database, each with its own writer: what one has read the other does not change meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from service.domain import Action
from service.principals import Account, Role
from service.review_domain import ReviewAction
from service.storage.accounts import AddAccount, ChangeAccount
from service.storage.deciding import Reviewed
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.working import Work
from tests.test_service.test_storage.written import NOW

COUNT = 12
NAMES = [f"c-{number}" for number in range(COUNT)]


def with_two(address: str, act: Callable[[Work, Work], Awaitable[None]]) -> None:
    """Run ``act`` with as many held comments, and find everything as it was stored afterwards."""

    async def run(store: Store) -> None:
        other = Store(address)
        await other.start(or_raise=True)
        try:
            here, there = Work(store), Work(other)
            for name in NAMES:
                await here.put(name, Action.HOLD)
            there.now = here.now
            await act(here, there)
        finally:
            await other.close()
        assert await store.findings() == []

    with_store(address, run)


def test_one_of_two_decides(address: str) -> None:
    """About each comment, and the decision that is in force is that one's."""

    async def act(here: Work, there: Work) -> None:
        said = ((here, "ann", ReviewAction.APPROVE), (there, "bob", ReviewAction.REJECT))
        outcomes = await asyncio.gather(*(one.review(who, what, name) for name in NAMES for one, who, what in said))
        for place, name in enumerate(NAMES):
            done = [one for one in outcomes[2 * place : 2 * place + 2] if isinstance(one, Reviewed)]
            assert [one.state for one in done] == [(await here.comment(name)).state]

    with_two(address, act)


def test_nobody_is_given_what_another_holds(address: str) -> None:
    """However many ask on either side."""

    async def act(here: Work, there: Work) -> None:
        asking = [(here, there)[number % 2].claim(f"r-{number}", count=2) for number in range(COUNT)]
        held = [name for given in await asyncio.gather(*asking) for name in given]
        assert sorted(held) == sorted(NAMES)

    with_two(address, act)


def test_one_report_each(address: str) -> None:
    """The same report by way of both is one, and counts once."""

    async def act(here: Work, there: Work) -> None:
        await asyncio.gather(*(one.report("r-1", name=name) for name in NAMES for one in (here, there)))
        for name in NAMES:
            reports, _ = await here.desk.heard(("default", name))
            assert len(reports) == 1

    with_two(address, act)


def test_erased_once(address: str) -> None:
    """On both sides, and while somebody decides: it is told once, and nothing is decided afterwards."""

    async def act(here: Work, there: Work) -> None:
        erasing = [one.store.erase_comment(("default", name)) for name in NAMES for one in (here, there)]
        deciding = [one.review("ann", ReviewAction.APPROVE, name) for name in NAMES for one in (here, there)]
        done = await asyncio.gather(*erasing, *deciding)
        assert done[: len(erasing)] == [True] * len(erasing)
        for name in NAMES:
            history = await here.desk.history(("default", name))
            assert history is not None
            assert history.comment.state == "erased"
            assert [one.action for one in history.audit].count("erase") == 1
            assert history.audit[-1].action == "erase"

    with_two(address, act)


def test_accounts_change_once(address: str) -> None:
    """A name is one person's, and a role changes from what it was."""

    async def act(here: Work, there: Work) -> None:
        both = (here.store, there.store)
        account = Account("ann", Role.REVIEWER, None, NOW)
        added = await asyncio.gather(*(one.changed(AddAccount(account, "command")) for one in both))
        assert sorted(added) == [False, True]
        later = NOW + timedelta(hours=1)
        change = ChangeAccount("ann", later, "command", role=Role.ADMIN)
        assert sorted(await asyncio.gather(*(one.changed(change) for one in both))) == [False, True]

    with_two(address, act)
