"""A glance over a batch's ids: where a word stands, or two side by side, that may ask for a second look at a text."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from models.phrases import Phrases
from models.vocabulary import FIRST_LETTER, LAST_LETTER, NUMBER, Vocabulary

#: What a word is, as one bit each.
_LETTER, _NUMBER, _UNKNOWN, _ALONE, _TELLING, _BESIDE = (1 << bit for bit in range(6))


def _any_of(*kinds: int) -> bytes:
    """The class of bytes that have one of the bits."""
    return b"[%b]" % b"".join(b"\\x%02x" % byte for byte in range(64) if byte & sum(kinds))


_RUN, _PIECE, _NEW = _any_of(_LETTER, _NUMBER), _any_of(_LETTER, _UNKNOWN), _any_of(_UNKNOWN)
_ONE, _OTHER = _any_of(_TELLING), _any_of(_BESIDE)
#: What surely asks stands in the group; without it, the word and its neighbours have to be looked up.
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
        kinds = np.zeros(len(vocabulary) + 1, np.uint8)
        kinds[FIRST_LETTER : LAST_LETTER + 1] = _LETTER
        kinds[NUMBER] = _NUMBER
        kinds[-1] = _UNKNOWN
        kinds[[*phrases.alone]] |= _ALONE
        kinds[[*phrases.telling]] |= _TELLING
        kinds[[number for pair in phrases.pairs for number in pair]] |= _BESIDE
        self._kinds = kinds

    def asking(self, ids: NDArray[np.int32]) -> tuple[list[int], list[int]]:
        """Positions of words that ask for the second look, and of those that may, alone or with a neighbour."""
        surely: list[int] = []
        perhaps: list[int] = []
        for match in _ASKING.finditer(self._kinds.take(ids, mode="clip").tobytes()):
            (perhaps if match.group(1) is None else surely).append(match.start())
        return surely, perhaps
