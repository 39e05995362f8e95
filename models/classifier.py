"""What scikit-learn fitted, as the arrays that are served: a linear text model, and a head's last layer.

Nothing here sums over neighbours: one segment's margin is the same, to the last bit, in whatever batch it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.segments import Segments
from models.tokens import Tokens

#: Bits of the hashed tables: pairs of neighbouring words, and character n-grams inside words.
PAIR_BITS = CHARACTER_BITS = 17
CHARACTER_ORDERS = (2, 3, 4, 5)
#: Segments shorter than this are not blown up by length normalisation.
SHORTEST = 8

ROOT = np.sqrt(np.maximum(np.arange(4097), SHORTEST)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class TextModel:
    """A linear model over a segment's words, pairs of neighbouring words, and characters of words.

    The weights of a word's characters and of its meaning are added to the word's own when the bundle is built.
    """

    name: str
    words: NDArray[np.float32]
    pairs: NDArray[np.float32]
    characters: NDArray[np.float32]
    intercept: float


def root_length(lengths: NDArray[np.int64]) -> NDArray[np.float32]:
    """√length with a floor: what a segment's sums are divided by."""
    return ROOT.take(lengths, mode="clip")


def pair_positions(tokens: Tokens, segments: Segments) -> NDArray[np.int64]:
    """Positions of the words that have a right neighbour in the same segment."""
    last = np.zeros(len(tokens.ids), bool)
    last[segments.starts[1:] - 1] = True
    last[-1:] = True
    return np.flatnonzero(~last)


@dataclass(frozen=True, slots=True)
class Layer:
    """A head's last layer: logistic regression on a few named columns, scaling folded in."""

    columns: tuple[str, ...]
    weights: NDArray[np.float64]
    intercept: float

    def margins(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows of columns → margins (log-odds before calibration). Shape (n,)."""
        margins: NDArray[np.float64] = np.einsum("ij,j->i", matrix, self.weights) + self.intercept
        return margins
