"""The writer: groups, order, failures, and nothing answered before it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from service.errors import StoreUnavailable
from service.storage.writer import Writer


class Disk:
    """Commits what it is let; remembers the groups. A change below zero is refused by it."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.kept: list[int] = []
        self.open = asyncio.Event()
        self.error: Exception = ValueError("refused")

    async def commit(self, changes: Sequence[int]) -> list[int]:
        self.groups.append(list(changes))
        await self.open.wait()
        if min(changes) < 0:
            raise self.error
        self.kept += changes
        return [-change for change in changes]


def run(act: Callable[[Disk, Writer[int, int]], Awaitable[None]], **limits: int) -> None:
    async def whole() -> None:
        disk = Disk()
        writer = Writer(disk.commit, **limits)
        await asyncio.wait_for(act(disk, writer), 60)
        await writer.finish()

    asyncio.run(whole())


async def turns() -> None:
    """Long enough for everything that can happen to have happened."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_waits_goes_together() -> None:
    """The first turn's changes are one group; what comes while it is written is the next, however much it is."""

    async def act(disk: Disk, writer: Writer[int, int]) -> None:
        early = [writer.submit(number) for number in (1, 2, 3)]
        await turns()
        late = [writer.submit(number) for number in (4, 5, 6, 7)]
        await turns()
        assert disk.groups == [[1, 2, 3]]
        assert not any(one.done() for one in (*early, *late))
        disk.open.set()
        assert await asyncio.gather(*early, *late) == [-1, -2, -3, -4, -5, -6, -7]
        assert disk.groups == [[1, 2, 3], [4, 5, 6, 7]]

    run(act)


def test_a_group_has_an_end() -> None:
    """More than fit go into the next."""

    async def act(disk: Disk, writer: Writer[int, int]) -> None:
        disk.open.set()
        await asyncio.gather(*map(writer.submit, range(7)))
        assert disk.groups == [[0, 1, 2], [3, 4, 5], [6]]

    run(act, max_group=3)


def test_one_bad_change_fails_alone() -> None:
    """The group is tried one by one, in order."""

    async def act(disk: Disk, writer: Writer[int, int]) -> None:
        disk.open.set()
        one, bad, other = await asyncio.gather(*map(writer.submit, (1, -2, 3)), return_exceptions=True)
        assert (one, other) == (-1, -3)
        assert isinstance(bad, ValueError)
        assert disk.kept == [1, 3]
        assert await writer.submit(4) == -4

    run(act)


def test_an_outage_is_everybodys() -> None:
    """Nobody is tried again while the store is out of reach; afterwards it goes on."""

    async def act(disk: Disk, writer: Writer[int, int]) -> None:
        disk.open.set()
        disk.error = StoreUnavailable()
        results = await asyncio.gather(*map(writer.submit, (1, -2, 3)), return_exceptions=True)
        assert [type(one) for one in results] == [StoreUnavailable] * 3
        assert disk.groups == [[1, -2, 3]]
        assert await writer.submit(4) == -4

    run(act)


def test_a_full_queue_refuses_at_once() -> None:
    """What waits already is not touched."""

    async def act(disk: Disk, writer: Writer[int, int]) -> None:
        waiting = [writer.submit(number) for number in range(5)]
        with pytest.raises(StoreUnavailable, match="too many"):
            writer.submit(5)
        disk.open.set()
        assert await asyncio.gather(*waiting) == [0, -1, -2, -3, -4]

    run(act, max_waiting=5)


def test_a_caller_that_left_costs_nobody_anything() -> None:
    """Before its group is taken it is withdrawn; after that it is committed, and nobody is told."""

    async def act(disk: Disk, writer: Writer[int, int]) -> None:
        one, withdrawn = writer.submit(1), writer.submit(2)
        withdrawn.cancel()
        await turns()
        one.cancel()
        last = writer.submit(3)
        disk.open.set()
        assert await last == -3
        assert disk.kept == [1, 3]

    run(act)


def test_finish_waits_for_all() -> None:
    """Nothing is left behind."""

    async def act(disk: Disk, writer: Writer[int, int]) -> None:
        handed_in = [writer.submit(number) for number in range(10)]
        disk.open.set()
        await writer.finish()
        assert all(one.done() for one in handed_in)
        assert disk.kept == list(range(10))

    run(act, max_group=3)
