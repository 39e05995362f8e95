"""Cutting read texts into the units that heads score: windows of some words, or sentences."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.kernel import Kernel
from models.tokens import Tokens
from models.vocabulary import END

#: Words in a window at most. Long enough to hold a comment of ordinary length whole, short enough not to drown a word.
WINDOW = 64


@dataclass(frozen=True, slots=True)
class Segments:
    """Stretches of a batch's ids, in order and without gaps; every text has at least one."""

    #: Where each segment starts in the ids. Shape (s,).
    starts: NDArray[np.int64]
    #: The first segment of each text. Shape (n,).
    first: NDArray[np.int64]
    #: Words in the batch.
    stop: int

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Words in each segment. Shape (s,)."""
        return gaps(self.starts, self.stop)

    def owners(self) -> NDArray[np.int64]:
        """Which text each segment belongs to. Shape (s,)."""
        return np.arange(len(self.first)).repeat(gaps(self.first, len(self.starts)))


def cut(tokens: Tokens, kernel: Kernel | None) -> tuple[Segments, Segments, Segments]:
    """A batch's windows, sentences and whole texts."""
    if kernel is None:
        return windows(tokens), sentences(tokens), whole(tokens)
    starts, first, sentence_starts, first_sentences = kernel.cut(tokens.ids, tokens.starts, WINDOW)
    stop = len(tokens.ids)
    return Segments(starts, first, stop), Segments(sentence_starts, first_sentences, stop), whole(tokens)


def windows(tokens: Tokens, size: int = WINDOW) -> Segments:
    """Each text in as few equal windows as hold it."""
    starts: list[int] = []
    first: list[int] = []
    for begin, end in pairwise(tokens.starts.tolist()):
        first.append(len(starts))
        count = -(-(end - begin) // size)
        starts += [begin + at * (end - begin) // count for at in range(count)]
    return Segments(np.array(starts), np.array(first), len(tokens.ids))


def sentences(tokens: Tokens) -> Segments:
    """Each text cut after the ends of its sentences."""
    is_end = tokens.ids == END
    is_start = np.empty(len(is_end), bool)
    np.greater(is_end[:-1], is_end[1:], out=is_start[1:])
    is_start[tokens.starts[:-1]] = True
    starts = is_start.nonzero()[0]
    return Segments(starts, starts.searchsorted(tokens.starts[:-1]), len(tokens.ids))


def whole(tokens: Tokens) -> Segments:
    """Each text as one segment."""
    return Segments(tokens.starts[:-1], np.arange(len(tokens.starts) - 1), len(tokens.ids))


def gaps(starts: NDArray[np.int64], stop: int) -> NDArray[np.int64]:
    """How far it is from each start to the next, and from the last to ``stop``."""
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1] = stop - starts[-1]
    return lengths
