"""Many reviews that say the same, made at once: which they are, and writing many without keeping others waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

from service.storage.deciding import Reviewed
from service.storage.ruling import Refusal

C = TypeVar("C")

TOGETHER: Final = 50
"""So many of them are written in one transaction."""


class Alike(NamedTuple):
    """So many reviews of one reviewer, from the first number to the last; others' may lie between."""

    first: int
    last: int
    size: int


def made(outcomes: Iterable[Reviewed | Refusal]) -> Alike | None:
    """Those that were made now; null for none. What the reviewer had said before was not made now."""
    numbers = [one.review.number for one in outcomes if isinstance(one, Reviewed) and one.is_new]
    return Alike(min(numbers), max(numbers), len(numbers)) if numbers else None


async def in_turns(
    write: Callable[[C], Awaitable[Reviewed | Refusal]], changes: Sequence[C]
) -> list[Reviewed | Refusal]:
    """What came of each, in order."""
    outcomes: list[Reviewed | Refusal] = []
    for start in range(0, len(changes), TOGETHER):
        # The next ones only then, so that what others hand in meanwhile is written in between.
        outcomes += await asyncio.gather(*map(write, changes[start : start + TOGETHER]))
    return outcomes
