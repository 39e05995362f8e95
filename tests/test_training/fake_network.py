"""In place of the encoder alone: sentence vectors that are sums of fixed word vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.encoder import DIMENSIONS


class FakeNetwork:
    """Takes the place of ``models.encoder.Encoder``: what two texts share in words, their vectors share."""

    #: Texts of every run of every network since the list was last emptied.
    runs: list[list[str]]

    def __init__(self, *, threads: int) -> None:
        assert threads > 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (n, 384)."""
        type(self).runs.append(list(texts))
        return np.array([sentence_vector(text) for text in texts], np.float16).astype(np.float32)


def network() -> type[FakeNetwork]:
    """A class of its own, so that one test's runs are not another's."""
    return type("Network", (FakeNetwork,), {"runs": []})


def sentence_vector(text: str) -> NDArray[np.float64]:
    """The sum of the words' vectors, of length one."""
    total = np.sum([_word_vector(word) for word in text.casefold().split() or [""]], axis=0)
    vector: NDArray[np.float64] = total / np.linalg.norm(total)
    return vector


@cache
def _word_vector(word: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.strip(".,!?'\"():;#").encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(DIMENSIONS)
