"""Cutting a stream into lines, and keeping answers for a slow reader."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.lines import Line, LineReader
from service.api.spool import CHUNK_BYTES, MEMORY_BYTES, Spool, Stalled

LIMIT = 5


def lines(parts: Sequence[bytes]) -> list[Line]:
    reader = LineReader(LIMIT)
    return [line for part in parts for line in reader.feed(part)] + list(reader.finish())


@given(st.lists(st.text("ab \n", max_size=9).map(str.encode), max_size=6))
def test_cuts_do_not_matter(parts: list[bytes]) -> None:
    """However the network cuts the stream, the lines are those of the whole, blank ones left out, long ones emptied."""
    whole = b"".join(parts).split(b"\n")
    assert lines(parts) == [
        Line(number, content if len(content) <= LIMIT else None)
        for number, content in enumerate(whole, start=1)
        if content.strip() or len(content) > LIMIT
    ]


def test_a_long_line_is_not_kept() -> None:
    """Its bytes are gone as they come; what follows is read again."""
    reader = LineReader(LIMIT)
    for _ in range(1_000):
        assert list(reader.feed(b"a" * 1_000)) == []
        assert len(reader._kept) <= LIMIT
    assert list(reader.feed(b"\nb\n")) == [Line(1, None), Line(2, b"b")]


def emptied(puts: Sequence[bytes], *, limit: int = 10**9) -> bytes:
    async def through() -> bytes:
        spool = Spool(limit=limit, stall_seconds=5)

        async def put_all() -> None:
            for data in puts:
                await spool.put(data)
            await spool.end()

        filling = asyncio.create_task(put_all())
        taken = b""
        while data := await spool.take():
            assert len(data) <= CHUNK_BYTES
            taken += data
        await filling
        spool.close()
        return taken

    return asyncio.run(through())


def test_what_goes_in_comes_out() -> None:
    """In order, also where it is more than memory is given to it, and where a full spool makes the writer wait."""
    puts = [bytes([number % 256]) * 50_000 for number in range(60)]
    assert emptied(puts) == emptied(puts, limit=120_000) == b"".join(puts)
    assert len(b"".join(puts)) > 2 * MEMORY_BYTES


def test_more_than_the_limit_at_once_still_passes() -> None:
    """An empty spool takes anything, or a long answer would never get through."""
    assert emptied([b"a" * 10], limit=5) == b"a" * 10


def test_everything_before_anything() -> None:
    """All of it can be put in before any is taken."""

    async def first_put_then_take() -> bytes:
        spool = Spool(limit=10**9, stall_seconds=5)
        for _ in range(40):
            await spool.put(b"a" * 50_000)
        await spool.end()
        taken = b""
        while data := await spool.take():
            taken += data
        spool.close()
        return taken

    assert asyncio.run(first_put_then_take()) == b"a" * 2_000_000


def test_a_full_spool_stalls_only_without_a_reader() -> None:
    """The wait begins anew whenever something is taken, and ends with ``Stalled`` when nothing is."""

    async def slow_reader() -> None:
        spool = Spool(limit=CHUNK_BYTES * 4, stall_seconds=60)
        await spool.put(b"a" * CHUNK_BYTES * 4)
        waiting = asyncio.create_task(spool.put(b"b"))
        for _ in range(4):
            await asyncio.sleep(59)
            assert not waiting.done()
            await spool.take()
        await waiting
        await spool.put(b"c" * (CHUNK_BYTES * 4 - 1))
        began = asyncio.get_running_loop().time()
        with pytest.raises(Stalled):
            await spool.put(b"d")
        assert asyncio.get_running_loop().time() - began == pytest.approx(60)
        spool.close()

    on_a_skipping_clock(slow_reader())


def on_a_skipping_clock(steps: Coroutine[Any, Any, None]) -> None:
    """Run to the end on a loop whose clock jumps to the next timer as soon as nothing else is to be done."""
    skipped = 0.0

    class Selector(selectors.SelectSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            nonlocal skipped
            skipped += timeout or 0.0
            return super().select(0)

    class Loop(asyncio.SelectorEventLoop):
        def time(self) -> float:
            return skipped

    with asyncio.Runner(loop_factory=lambda: Loop(Selector())) as runner:
        runner.run(steps)
