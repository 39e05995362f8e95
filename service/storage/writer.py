"""Group commit: whatever was handed in while the last transaction was written goes into the next one, together.

Nothing is answered before its transaction is durable. Knows no tables and no database.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from service.errors import StoreUnavailable

C = TypeVar("C")
O = TypeVar("O")  # noqa: E741 - an outcome


class Writer(Generic[C, O]):
    """Hands groups of changes to ``commit``, one group at a time, in order.

    ``commit`` makes its changes durable, all or none, and returns an outcome for each, in order. If it raises, each
    change of the group is tried alone, so that one bad change fails alone; not so for ``StoreUnavailable``, which
    stands for all of them. Any exception means that a change is not accepted.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[C]], Awaitable[Sequence[O]]],
        *,
        max_group: int = 256,
        max_waiting: int = 4096,
    ) -> None:
        self._commit = commit
        self._max_group = max_group
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[C, asyncio.Future[O]]] = deque()
        self._flushing: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many changes were handed in and not taken into a group yet."""
        return len(self._waiting)

    def submit(self, change: C) -> asyncio.Future[O]:
        """The change's outcome, to be awaited: it comes when the change is durable.

        Cancelling it before its group is taken withdraws the change, and costs nobody else anything.

        Raises:
            StoreUnavailable: at once, if ``max_waiting`` changes wait already.
        """
        if len(self._waiting) >= self._max_waiting:
            raise StoreUnavailable("too many changes are waiting to be stored; try again shortly")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[O] = loop.create_future()
        self._waiting.append((change, future))
        if self._flushing is None:
            # It starts in the loop's next turn: whatever else arrives in this one is in the same group.
            self._flushing = loop.create_task(self._flush())
        return future

    async def finish(self) -> None:
        """Until everything handed in so far is settled."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])

    async def _flush(self) -> None:
        try:
            while self._waiting:
                count = min(self._max_group, len(self._waiting))
                group = [self._waiting.popleft() for _ in range(count)]
                await self._settle([one for one in group if not one[1].cancelled()])
        finally:
            self._flushing = None

    async def _settle(self, group: Sequence[tuple[C, asyncio.Future[O]]]) -> None:
        if not group:
            return
        try:
            outcomes = await self._commit([change for change, _ in group])
            settled = list(zip(group, outcomes, strict=True))
        except Exception as error:
            if len(group) == 1 or isinstance(error, StoreUnavailable):
                _fail(group, error)
                return
            for one in group:
                await self._settle([one])
            return
        for (_, future), outcome in settled:
            if not future.done():
                future.set_result(outcome)


def _fail(group: Sequence[tuple[C, asyncio.Future[O]]], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
