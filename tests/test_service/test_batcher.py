"""What the batcher promises to its callers. It knows no models, so numbers do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from service.errors import Overloaded
from service.scoring.batcher import Batcher


class Doubler:
    """Doubles numbers, refuses zero, and remembers which batches it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def run(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        if 0 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]


def batcher(
    doubler: Doubler, *, max_entries: int = 64, max_weight: int = 1_000, max_waiting: int = 1_000
) -> Batcher[int, int]:
    return Batcher(
        doubler.run,
        weigh=lambda number, last: 0 if number == last else number,
        max_entries=max_entries,
        max_weight=max_weight,
        max_waiting=max_waiting,
    )


def gathered(*waiting: Coroutine[Any, Any, Any]) -> list[Any]:
    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*waiting, return_exceptions=True)

    return asyncio.run(all_of_them())


async def submitted(batches: Batcher[int, int], number: int) -> int:
    return await batches.submit(number)


def test_callers_of_one_turn_share_a_batch() -> None:
    """Whoever arrives in the same turn of the loop is run together, in order, each with its own result."""
    doubler = Doubler()
    batches = batcher(doubler)
    assert gathered(*(submitted(batches, number) for number in range(1, 6))) == [2, 4, 6, 8, 10]
    assert doubler.batches == [[1, 2, 3, 4, 5]]


def test_alone_waits_for_nobody() -> None:
    """A lone caller is served in the next turn of the loop: no timer runs."""

    async def alone() -> bool:
        future = batcher(Doubler()).submit(1)
        await asyncio.sleep(0)
        return future.done()

    assert asyncio.run(alone())


def test_where_many_call_a_batch_waits_for_who_is_right_behind() -> None:
    """After a batch of several the next one is run once a turn brought nobody new, or as many as it may hold."""
    doubler = Doubler()
    batches = batcher(doubler, max_entries=3)

    async def one_a_turn(*numbers: int) -> None:
        waiting = []
        for number in numbers:
            waiting.append(batches.submit(number))
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)

    async def three_times() -> None:
        await asyncio.gather(batches.submit(1), batches.submit(2))
        await one_a_turn(3, 4)
        await one_a_turn(5, 6, 7, 8)

    asyncio.run(three_times())
    assert doubler.batches == [[1, 2], [3, 4], [5, 6, 7], [8]]


def test_alone_after_many_is_soon_alone_again() -> None:
    """One turn later than ever, once; then as if nobody else had been there."""
    batches = batcher(Doubler())

    async def turns(number: int) -> int:
        future, count = batches.submit(number), 0
        while not future.done():
            await asyncio.sleep(0)
            count += 1
        return count

    async def many_then_one() -> list[int]:
        await asyncio.gather(batches.submit(1), batches.submit(2))
        return [await turns(number) for number in (3, 4)]

    assert asyncio.run(many_then_one()) == [2, 1]


def test_entries_and_weight_are_capped() -> None:
    """A batch holds at most so many entries and so much weight; the rest comes a turn later, in order."""
    doubler = Doubler()
    batches = batcher(doubler, max_entries=3, max_weight=10)
    gathered(*(submitted(batches, number) for number in (1, 2, 3, 4, 9, 5, 6)))
    assert doubler.batches == [[1, 2, 3], [4], [9], [5], [6]]


def test_too_heavy_runs_alone() -> None:
    """An entry above the weight limit is run by itself, not refused."""
    doubler = Doubler()
    batches = batcher(doubler, max_weight=10)
    assert gathered(*(submitted(batches, number) for number in (1, 50, 2))) == [2, 100, 4]
    assert doubler.batches == [[1], [50], [2]]


def test_weight_depends_on_what_stands_before() -> None:
    """What an entry adds is asked with the batch's last entry: here the same number again weighs nothing."""
    doubler = Doubler()
    batches = batcher(doubler, max_weight=10)
    gathered(*(submitted(batches, number) for number in (8, 8, 8, 3)))
    assert doubler.batches == [[8, 8, 8], [3]]


def test_others_get_a_turn_between_batches() -> None:
    """Between two batches the loop turns, so other work goes on."""
    doubler = Doubler()
    batches = batcher(doubler, max_entries=1)

    async def count_turns() -> int:
        waiting = [batches.submit(number) for number in (1, 2, 3)]
        turns = 0
        while not all(future.done() for future in waiting):
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(count_turns()) >= 3


def test_one_bad_entry_fails_alone() -> None:
    """An entry that makes the batch raise gets the exception; the others get their results."""
    batches = batcher(Doubler())
    first, bad, last = gathered(*(submitted(batches, number) for number in (1, 0, 3)))
    assert (first, last) == (2, 6)
    assert isinstance(bad, ZeroDivisionError)


def test_a_wrong_number_of_results_is_an_error() -> None:
    """Results that cannot be told apart are given to nobody."""
    batches: Batcher[int, int] = Batcher(lambda numbers: [1, 2, 3], weigh=lambda number, last: 1)
    assert [type(result) for result in gathered(submitted(batches, 1), submitted(batches, 2))] == [ValueError] * 2


def test_cancelled_caller_hurts_nobody() -> None:
    """A caller that goes away is not run, and its neighbours get their own results."""
    doubler = Doubler()
    batches = batcher(doubler)

    async def one_leaves() -> list[int]:
        first, gone, last = (batches.submit(number) for number in (1, 2, 3))
        gone.cancel()
        return [await first, await last]

    assert asyncio.run(one_leaves()) == [2, 6]
    assert doubler.batches == [[1, 3]]


def test_all_cancelled_runs_nothing() -> None:
    """A batch without callers is not run, and the next caller is served."""
    doubler = Doubler()
    batches = batcher(doubler)

    async def everybody_leaves() -> int:
        batches.submit(1).cancel()
        await asyncio.sleep(0)
        return await batches.submit(2)

    assert asyncio.run(everybody_leaves()) == 4
    assert doubler.batches == [[2]]


def test_full_refuses_at_once() -> None:
    """Beyond the bound the answer is a named refusal, before anything else happens; room comes back."""
    batches = batcher(Doubler(), max_entries=2, max_waiting=2)

    async def one_too_many() -> int:
        waiting = [batches.submit(1), batches.submit(2)]
        with pytest.raises(Overloaded) as refusal:
            batches.submit(3)
        assert refusal.value.retry_after >= 1
        await asyncio.gather(*waiting)
        return await batches.submit(3)

    assert asyncio.run(one_too_many()) == 6


def test_a_long_batch_does_not_fill_the_queue() -> None:
    """Of a thousand entries only one batch waits at a time: a caller who comes later is served between them."""
    doubler = Doubler()
    batches = batcher(doubler, max_entries=10, max_weight=10**9, max_waiting=20)

    async def long_and_short() -> tuple[list[int | BaseException], int]:
        long = asyncio.create_task(batches.submit_all(range(1, 1001)))
        await asyncio.sleep(0)
        short = await batches.submit(7_000)
        return await long, short

    many, one = asyncio.run(long_and_short())
    assert many == [2 * number for number in range(1, 1001)]
    assert one == 14_000
    assert [7_000 in batch for batch in doubler.batches].index(True) <= 2


def test_a_long_batch_waits_for_room() -> None:
    """Where the queue is full for the moment, a long batch waits instead of failing in its middle."""
    batches = batcher(Doubler(), max_entries=2, max_waiting=2)

    async def three_long_ones() -> list[list[int | BaseException]]:
        return await asyncio.gather(*(batches.submit_all(range(1, 20)) for _ in range(3)))

    assert asyncio.run(three_long_ones()) == [[2 * number for number in range(1, 20)]] * 3


def test_bad_entries_of_a_long_batch_fail_alone() -> None:
    """Each entry's exception stands in its place."""
    results = asyncio.run(batcher(Doubler(), max_entries=2).submit_all([1, 0, 3]))
    assert [type(result) for result in results] == [int, ZeroDivisionError, int]
