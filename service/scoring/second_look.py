"""In front of the batcher where the second tier is on: whoever it doubts waits for one more thread, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final

from models.scores import CommentScores
from service.domain import Question, Scored
from service.errors import NotReady, Overloaded
from service.scoring.batcher import Batcher
from service.telemetry import Metrics

MOST_WAITING: Final = 64
"""Comments that may wait for the second tier, a second or so under articles it knows; more are refused with 503."""


class SecondLook:
    """As the batcher, with the second tier's scores where it was asked. One thread asks it, in order."""

    def __init__(
        self, batcher: Batcher[Question, Scored], metrics: Metrics, *, max_waiting: int = MOST_WAITING
    ) -> None:
        self._batcher = batcher
        self._metrics = metrics
        self._max_waiting = max_waiting
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, "second-tier")
        self._is_closed = False

    async def submit(self, question: Question) -> Scored:
        """As ``Batcher.submit``.

        Raises:
            Overloaded: too many wait to be scored, or this one is in doubt and too many wait for the second tier.
        """
        scored = await self._batcher.submit(question)
        if scored.look_again is None:
            return scored
        if self._waiting >= self._max_waiting:
            raise Overloaded
        return await self._looked_again(scored, scored.look_again)

    async def submit_all(self, questions: Iterable[Question]) -> list[Scored | BaseException]:
        """As ``Batcher.submit_all``. Only one of them waits for the second tier at a time, so others get between."""
        results = await self._batcher.submit_all(questions)
        for i, scored in enumerate(results):
            if isinstance(scored, Scored) and scored.look_again is not None:
                try:
                    results[i] = await self._looked_again(scored, scored.look_again)
                except Exception as error:
                    results[i] = error
        return results

    def refuse_if_full(self) -> None:
        """As ``Batcher.refuse_if_full``: what is in doubt nobody knows before."""
        self._batcher.refuse_if_full()

    def close(self) -> None:
        """Look at nothing more; whoever waits is cancelled."""
        self._is_closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _looked_again(self, scored: Scored, look_again: Callable[[], CommentScores]) -> Scored:
        if self._is_closed:
            raise NotReady
        self._waiting += 1
        try:
            scores, seconds = await asyncio.get_running_loop().run_in_executor(self._thread, _timed, look_again)
        finally:
            self._waiting -= 1
        self._metrics.observe_second_look([name for name, head in scores.heads.items() if head.second_tier], seconds)
        return scored._replace(scores=scores, look_again=None)


def _timed(look_again: Callable[[], CommentScores]) -> tuple[CommentScores, float]:
    start = perf_counter()
    return look_again(), perf_counter() - start
