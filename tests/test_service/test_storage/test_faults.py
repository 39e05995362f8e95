"""A failure at any statement, or at the commit: the change is refused as a whole, and the next try goes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from service.domain import PolicyVersion, RegisteredArticle
from service.errors import StoreUnavailable
from service.principals import Account, ApiKey, Role, Scope
from service.storage.accounts import AddAccount
from service.storage.keys import SaveKey
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.test_contract import everything
from tests.test_service.test_storage.written import NOW, save, sent

Change = Callable[[Store], Awaitable[object]]


async def first(store: Store) -> object:
    return await save(store, sent(name="new"))


async def edit(store: Store) -> object:
    return await save(store, sent(text="Better put"), await store.comment(("default", "c-1")))


async def erase(store: Store) -> object:
    return await store.erase_comment(("default", "c-1"))


async def register(store: Store) -> object:
    return await store.save_article(RegisteredArticle("default", "new", "Ferry"))


async def replace_article(store: Store) -> object:
    return await store.save_article(RegisteredArticle("default", "a-1", "Ferries"))


async def drop(store: Store) -> object:
    return await store.drop_article(("default", "a-1"))


async def next_policy(store: Store) -> object:
    return await store.save_policy(PolicyVersion("new", 2, {"rules": []}, NOW), "open")


async def make_key(store: Store) -> object:
    return await store.changed(SaveKey(ApiKey("1", "x", "1", frozenset(Scope), None, None, NOW), "command"))


async def add_account(store: Store) -> object:
    return await store.changed(AddAccount(Account("ann", Role.REVIEWER, None, NOW), "command"))


@contextmanager
def failing(store: Store, name: str, turn: int) -> Iterator[list[int]]:
    """The writer's ``turn``-th event of that name fails; the list has an entry once it did."""
    happened: list[int] = []
    turns = count()

    def fail(*arguments: object) -> None:
        if next(turns) == turn:
            happened.append(turn)
            raise OperationalError("injected", None, Exception("the disk is on fire"))

    engine = store._database._writing.sync_engine
    event.listen(engine, name, fail)
    try:
        yield happened
    finally:
        event.remove(engine, name, fail)


@pytest.mark.parametrize(
    "change", [first, edit, erase, register, replace_article, drop, next_policy, make_key, add_account]
)
def test_all_or_nothing(address: str, change: Change) -> None:
    """Whichever statement fails, nothing of the change is there, and nothing is in its way afterwards."""

    async def act(store: Store) -> None:
        await save(store, sent())
        await store.save_article(RegisteredArticle("default", "a-1", "Ferry"))
        before = await everything(store)
        assert await is_refused(store, change, "commit", 0)
        assert await everything(store) == before
        turns = 0
        while await is_refused(store, change, "before_cursor_execute", turns):
            assert await everything(store) == before
            turns += 1
        assert turns >= 2
        assert await everything(store) != before
        assert await store.findings() == []

    with_store(address, act)


async def is_refused(store: Store, change: Change, name: str, turn: int) -> bool:
    """Whether the change met the failure; where there is no such turn, it has gone through."""
    with failing(store, name, turn) as happened:
        try:
            await change(store)
        except StoreUnavailable:
            assert happened
            return True
    assert not happened
    return False
