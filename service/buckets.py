"""How often something may happen: a bucket of leave for each name, filled at an even rate, emptied by what happens."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

REMEMBERED: Final = 10_000


class Buckets:
    """``most`` at once, and ``per_second`` in the long run, for each name by itself; of this process, from its start.

    Of more than 10,000 names those that were not seen for longest are forgotten, and begin with a full bucket.
    """

    def __init__(self, most: float, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._per_second = per_second
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, amount: float = 1.0) -> float:
        """Zero if there is leave, which is then taken; else in how many seconds there will be."""
        now = self._clock()
        left = self._now(name, now)
        wait = (min(amount, self._most) - left) / self._per_second
        if wait <= 0:
            left -= amount
        self._left[name] = (left, now)
        self._left.move_to_end(name)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return max(wait, 0.0)

    def give_back(self, name: str, amount: float = 1.0) -> None:
        """It did not count after all."""
        if name in self._left:
            left, then = self._left[name]
            self._left[name] = (left + amount, then)

    def _now(self, name: str, now: float) -> float:
        if name not in self._left:
            return self._most
        left, then = self._left[name]
        return min(self._most, left + (now - then) * self._per_second)
