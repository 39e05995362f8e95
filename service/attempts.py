"""How many attempts to sign in may fail, so that guessing is slow and nobody can lock a person out."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from service.buckets import REMEMBERED, Buckets
from service.errors import TooMany

TOLD_EVERY_SECONDS: Final = 600.0
"""Failures are put on record together, not each by itself."""


class Failures(NamedTuple):
    """How many attempts failed; ``blocked`` of them were not even looked at."""

    attempts: int = 0
    blocked: int = 0


class Attempts:
    """Counted by address, by name at an address, and by name anywhere.

    The last does not count where that person signed in since the start: whoever keeps guessing from elsewhere keeps
    new places out, but not the person.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_address = Buckets(20, 1 / 6, clock=clock)
        self._by_place = Buckets(6, 1 / 30, clock=clock)
        self._by_name = Buckets(40, 1 / 10, clock=clock)
        self._known_places: OrderedDict[str, None] = OrderedDict()
        self._untold: dict[str | None, Failures] = {}
        self._told_at: dict[str | None, float] = {}

    def begin(self, name: str, address: str) -> None:
        """Count it, before it is known how it ends: of many at once no more are answered. Raises ``TooMany``."""
        taken: list[tuple[Buckets, str]] = []
        for buckets, key in self._counted(name, address):
            wait = buckets.take(key)
            if wait > 0:
                _give_back(taken)
                raise TooMany("too many attempts to sign in failed", retry_after=int(wait) + 1)
            taken.append((buckets, key))

    def failed(self, known: str | None, *, was_blocked: bool = False) -> Failures | None:
        """What to put on record for that account (null: names that nobody has): what gathered, if it is time."""
        before = self._untold.get(known, Failures())
        self._untold[known] = Failures(before.attempts + 1, before.blocked + was_blocked)
        if self._clock() - self._told_at.get(known, float("-inf")) < TOLD_EVERY_SECONDS:
            return None
        self._told_at[known] = self._clock()
        return self._untold.pop(known)

    def succeeded(self, name: str, address: str) -> Failures | None:
        """It did not count, and this place is that person's; which earlier failures to put on record."""
        _give_back(self._counted(name, address))
        self._known_places[_place(name, address)] = None
        if len(self._known_places) > REMEMBERED:
            self._known_places.popitem(last=False)
        return self._untold.pop(name, None)

    def _counted(self, name: str, address: str) -> list[tuple[Buckets, str]]:
        place = _place(name, address)
        counted = [(self._by_address, address), (self._by_place, place)]
        return counted if place in self._known_places else [*counted, (self._by_name, name)]


def _give_back(taken: list[tuple[Buckets, str]]) -> None:
    for buckets, key in taken:
        buckets.give_back(key)


def _place(name: str, address: str) -> str:
    return f"{address} {name}"
