"""Rolling-hash n-grams, computed over a whole batch in NumPy; the same code at training and at serving time.

Character n-grams stay inside words, so what they add to a score is a property of the word alone: it is summed once per
word, when the bundle is built, and at serving time only for words that the vocabulary lacks. Pairs of neighbouring
words are hashed from the words' own hashes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_MULTIPLIER, _SCATTER = np.uint32(0x01000193), np.uint32(0x9E3779B1)
_LEFT, _RIGHT = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_WORD_START, _WORD_END = b"\x02", b"\x03"
#: Bytes of a word that are hashed; longer ones are no words.
LONGEST_HASHED = 80


def character_ngrams(
    words: Sequence[str], orders: Sequence[int], bits: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Words → the table index (0 … 2**bits − 1) of each of their byte n-grams, and which word each belongs to.

    Word boundaries count as bytes, so a prefix differs from an infix. A word gives what it gives alone.
    """
    marked = marked_words(words)
    stream = np.frombuffer(b"".join(marked), np.uint8).astype(np.uint32)
    owner = np.repeat(np.arange(len(marked)), [len(word) for word in marked])
    indices, owners = [], []
    hashed: NDArray[np.uint32] = np.zeros(len(stream) + 1, np.uint32)
    for order in range(1, max(orders) + 1):
        hashed = (hashed[:-1] * _MULTIPLIER + stream[order - 1 :] + np.uint32(1)).astype(np.uint32, copy=False)
        if order in orders and len(hashed):
            inside: NDArray[np.bool_] = owner[: len(hashed)] == owner[order - 1 :]
            indices.append(_slot(hashed[inside] + np.uint32(order), bits))
            owners.append(owner[: len(hashed)][inside])
    if not indices:
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    return np.concatenate(indices), np.concatenate(owners)


def marked_words(words: Sequence[str]) -> list[bytes]:
    """The bytes of words that are hashed, with their boundaries."""
    return [_WORD_START + word + _WORD_END for word in hashed_words(words)]


def hashed_words(words: Sequence[str]) -> list[bytes]:
    """The bytes of words that are hashed."""
    return [word.encode("utf-8", "surrogatepass")[:LONGEST_HASHED] for word in words]


def word_hashes(words: Sequence[str]) -> NDArray[np.uint32]:
    """A 32-bit hash of each word (FNV-1a over its bytes), the same in every process. Shape (n,)."""
    return np.array([_fnv(word) for word in hashed_words(words)], np.uint32)


def pair_slots(left: NDArray[np.uint32], right: NDArray[np.uint32], bits: int) -> NDArray[np.int32]:
    """Two words' hashes → the pair's table index; order matters."""
    mixed = left * _LEFT + (right ^ (right >> np.uint32(15))) * _RIGHT
    return _slot(mixed.astype(np.uint32, copy=False), bits)


def _slot(hashed: NDArray[np.uint32], bits: int) -> NDArray[np.int32]:
    mixed = (hashed ^ (hashed >> np.uint32(16))) * _SCATTER
    mixed >>= np.uint32(32 - bits)
    return mixed.astype(np.int32)


def _fnv(encoded: bytes) -> int:
    hashed = 0x811C9DC5
    for byte in encoded:
        hashed = ((hashed ^ byte) * 0x01000193) & 0xFFFFFFFF
    return hashed
