"""Many callers, one batch. Knows no models, and never waits on a timer: an idle caller is served in the same loop turn.

Tick batching: whatever arrived in one turn of the event loop is run together in the next. Where the last batch held
several, the next one is run as soon as a turn brought nobody new: a full batch costs each of them less.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Generic, TypeVar

from service.errors import Overloaded

T = TypeVar("T")
R = TypeVar("R")


class Batcher(Generic[T, R]):
    """Runs ``run`` on what callers hand in, in order, at most one batch a turn of the loop.

    ``run`` maps a batch to as many results, in order. ``weigh(entry, last)`` is what an entry adds to a batch that ends
    with ``last`` (null for an empty one). A batch holds at most ``max_entries`` and ``max_weight``; one entry above
    ``max_weight`` runs alone. If a batch raises, each of its entries is run alone, so that one bad entry fails alone.
    """

    def __init__(
        self,
        run: Callable[[Sequence[T]], Sequence[R]],
        *,
        weigh: Callable[[T, T | None], int],
        max_entries: int = 64,
        max_weight: int = 32_000,
        max_waiting: int = 1024,
        on_batch: Callable[[int], None] = lambda size: None,
    ) -> None:
        self._run = run
        self._weigh = weigh
        self._max_entries = max_entries
        self._max_weight = max_weight
        self._max_waiting = max(max_waiting, max_entries)
        self._on_batch = on_batch
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._scheduled = False
        #: How many waited when the loop turned last, and whether the last batch held several callers.
        self._waited = 0
        self._is_busy = False

    def submit(self, entry: T) -> asyncio.Future[R]:
        """The entry's result, to be awaited. Cancelling it costs nobody else anything.

        Raises:
            Overloaded: at once, if ``max_waiting`` entries wait already.
        """
        self.refuse_if_full()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((entry, future))
        self._schedule(loop)
        return future

    async def submit_all(self, entries: Iterable[T]) -> list[R | BaseException]:
        """Every entry's result or exception, in order; where there is no room it waits for some.

        Only one batch of them is in the queue at a time, so others get between.
        """
        left = iter(entries)
        results: list[R | BaseException] = []
        while group := list(islice(left, self._max_entries)):
            while len(self._waiting) + len(group) > self._max_waiting:
                await asyncio.sleep(0)  # A turn of the loop: whatever waits is run meanwhile.
            results += await asyncio.gather(*map(self.submit, group), return_exceptions=True)
        return results

    def refuse_if_full(self) -> None:
        """Raise ``Overloaded`` where ``submit`` would."""
        if len(self._waiting) >= self._max_waiting:
            raise Overloaded

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._waiting and not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._tick, loop)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._scheduled = False
        if self._is_busy and self._waited < len(self._waiting) < self._max_entries:
            # Somebody came: others may be right behind.
            self._waited = len(self._waiting)
            self._schedule(loop)
            return
        batch = self._next_batch()
        self._waited, self._is_busy = 0, len(batch) > 1
        # Before running: whatever happens below, the rest still gets its turn.
        self._schedule(loop)
        if batch:
            self._on_batch(len(batch))
            self._answer(batch)

    def _next_batch(self) -> list[tuple[T, asyncio.Future[R]]]:
        batch: list[tuple[T, asyncio.Future[R]]] = []
        weight, last = 0, None
        while self._waiting and len(batch) < self._max_entries:
            entry, future = self._waiting[0]
            if not future.cancelled():
                weight += self._weigh(entry, last)
                if batch and weight > self._max_weight:
                    break
                batch.append((entry, future))
                last = entry
            self._waiting.popleft()
        return batch

    def _answer(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = self._run([entry for entry, _ in batch])
            answers = list(zip(batch, results, strict=True))
        except Exception as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for one in batch:
                self._answer([one])
            return
        for (_, future), result in answers:
            future.set_result(result)
