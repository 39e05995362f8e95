"""A glance over a batch's ids: where a word stands, or two side by side, that may ask for a second look at a text."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from models.kernel import Kernel
from models.phrases import Phrases
from models.vocabulary import END, FIRST_LETTER, LAST_LETTER, NUMBER, Vocabulary

#: What a word is, as one bit each.
_LETTER, _NUMBER, _UNKNOWN, _ALONE, _TELLING, _BESIDE = (1 << bit for bit in range(6))


def _any_of(*kinds: int) -> bytes:
    """The class of bytes that have one of the bits."""
    return b"[%b]" % b"".join(b"\\x%02x" % byte for byte in range(64) if byte & sum(kinds))


_RUN, _PIECE, _NEW = _any_of(_LETTER, _NUMBER), _any_of(_LETTER, _UNKNOWN), _any_of(_UNKNOWN)
_ONE, _OTHER = _any_of(_TELLING), _any_of(_BESIDE)
#: What surely asks stands in the group; of the others some have to be looked up with their neighbours.
_ASKING = re.compile(
    b"(?=%b)(?:(%b(?=%b{2}))|%b|%b(?=%b)|%b(?=%b)|%b(?=%b)|(?<=%b)%b)"
    % (
        *(_any_of(_LETTER, _NUMBER, _UNKNOWN, _ALONE, _TELLING), _RUN, _RUN, _any_of(_ALONE)),
        *(_NEW, _PIECE, _PIECE, _NEW, _ONE, _OTHER, _OTHER, _ONE),
    )
)


class Glance:
    """Knows what kind of word each id is, a byte an id, and searches a batch's bytes with one expression."""

    def __init__(self, vocabulary: Vocabulary, phrases: Phrases) -> None:
        self._phrases = phrases
        #: Pairs as the kernel looks them up: the left id times 2³² and the right one, sorted.
        self._pairs = np.array(sorted((left << 32) + right for left, right in phrases.pairs), np.int64)
        kinds = np.zeros(len(vocabulary) + 1, np.uint8)
        kinds[FIRST_LETTER : LAST_LETTER + 1] = _LETTER
        kinds[NUMBER] = _NUMBER
        kinds[-1] = _UNKNOWN
        kinds[[*phrases.alone]] |= _ALONE
        kinds[[*phrases.telling]] |= _TELLING
        kinds[[number for pair in phrases.pairs for number in pair]] |= _BESIDE
        self._kinds = kinds

    def asking(self, ids: NDArray[np.int32], kernel: Kernel | None) -> tuple[list[int], list[int]]:
        """Positions of words that ask for the second look, and of those that may: what a stranger makes with its
        neighbour, or a word by itself, has to be looked up."""
        if kernel is not None:
            return kernel.asking(ids, self._kinds[:-1], self._pairs)
        surely: list[int] = []
        perhaps: list[int] = []
        numbers = [END, *ids.tolist(), END]
        for match in _ASKING.finditer(self._kinds.take(ids, mode="clip").tobytes()):
            at = match.start()
            pairs = tuple(numbers[at : at + 2]), tuple(numbers[at + 1 : at + 3])
            sure = match.group(1) is not None or not self._phrases.pairs.isdisjoint(pairs)
            (surely if sure else perhaps).append(at)
        return surely, perhaps
