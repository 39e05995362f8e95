"""Cutting read texts into the units that heads score: windows of some words, or sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.tokens import Tokens
from models.vocabulary import END

#: Words in a window at most. Long enough to hold a comment of ordinary length whole, short enough not to drown a word.
WINDOW = 64


@dataclass(frozen=True, slots=True)
class Segments:
    """Stretches of a batch's ids, in order and without gaps; every text has at least one."""

    #: Where each segment starts in the ids. Shape (s,).
    starts: NDArray[np.int64]
    #: Words in each segment. Shape (s,).
    lengths: NDArray[np.int64]
    #: The first segment of each text. Shape (n,).
    first: NDArray[np.int64]

    def owners(self) -> NDArray[np.int64]:
        """Which text each segment belongs to. Shape (s,)."""
        return np.arange(len(self.first)).repeat(gaps(self.first, len(self.starts)))


def windows(tokens: Tokens, size: int = WINDOW) -> Segments:
    """Each text in as few equal windows as hold it."""
    lengths = tokens.starts[1:] - tokens.starts[:-1]
    counts = -(-lengths // size)
    owners = np.arange(len(lengths)).repeat(counts)
    first = counts.cumsum() - counts
    within = np.arange(len(owners)) - first[owners]
    return _segments(tokens, tokens.starts[owners] + within * lengths[owners] // counts[owners], first)


def sentences(tokens: Tokens) -> Segments:
    """Each text cut after the ends of its sentences."""
    is_start = np.zeros(len(tokens.ids), bool)
    is_start[1:] = (tokens.ids[:-1] == END) & (tokens.ids[1:] != END)
    is_start[tokens.starts[:-1]] = True
    starts = is_start.nonzero()[0]
    return _segments(tokens, starts, starts.searchsorted(tokens.starts[:-1]))


def whole(tokens: Tokens) -> Segments:
    """Each text as one segment."""
    return _segments(tokens, tokens.starts[:-1], np.arange(len(tokens.starts) - 1))


def _segments(tokens: Tokens, starts: NDArray[np.int64], first: NDArray[np.int64]) -> Segments:
    return Segments(starts, gaps(starts, len(tokens.ids)), first)


def gaps(starts: NDArray[np.int64], stop: int) -> NDArray[np.int64]:
    """How far it is from each start to the next, and from the last to ``stop``."""
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1] = stop - starts[-1]
    return lengths
