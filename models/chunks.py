"""What stretches of text without white space read as, remembered: nearly all of a comment's were seen before."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

from models.vocabulary import END

#: Characters of a chunk that is remembered.
LONGEST_REMEMBERED = 64
#: What may stand before and behind a word, and what of it ends a sentence.
OPENING, CLOSING = "\"'([{<*_-~,.:;…", "\"')]}>.,:;!?…*_-~"
SENTENCE_ENDS = ".!?…"
ENDS = frozenset(SENTENCE_ENDS)


class Token(NamedTuple):
    """One word of one text, with the stretch of the folded text it was read from."""

    id: int
    start: int
    end: int


Parse = Callable[[str], list[Token]]
#: A word of letters only → its id.
Number = Callable[[str], int]


def packed(tokens: Sequence[Token]) -> bytes:
    """Their ids as 32-bit numbers: bytes are joined in a fraction of the time that lists of numbers take."""
    return array("i", [token.id for token in tokens]).tobytes()


ONLY_END = packed([Token(END, 0, 0)])


class Chunks(dict[str, bytes]):
    """The ids that each chunk reads as, packed; works out a chunk the first time it is seen."""

    def __init__(self, parsed: Parsed, number: Number) -> None:
        self._parsed, self._number = parsed, number
        self._earlier: dict[str, bytes] = {}

    def __missing__(self, chunk: str) -> bytes:
        ids = self._earlier.get(chunk) or self._plain(chunk) or packed(self._parsed[chunk])
        if len(chunk) <= LONGEST_REMEMBERED:
            self[chunk] = ids
        return ids

    def age(self) -> None:
        """Keep what was seen lately for one more time, and drop what was not even then."""
        self._earlier = dict(self)
        super().clear()

    def clear(self) -> None:
        """Forget everything."""
        self._earlier = {}
        super().clear()

    def _plain(self, chunk: str) -> bytes | None:
        """A word of letters with ordinary punctuation around it: what parsing gives, in a fifth of the time."""
        if len(chunk) > LONGEST_REMEMBERED:
            return None
        if chunk.isalpha():
            return self._number(chunk).to_bytes(4, sys.byteorder)
        rest = chunk.lstrip(OPENING)
        core = rest.rstrip(CLOSING)
        if not core.isalpha() or "*" in chunk or chunk.startswith("www."):
            return None
        ends = len(core) > 1 and not ENDS.isdisjoint(rest[len(core) :])
        return self._number(core).to_bytes(4, sys.byteorder) + (ONLY_END if ends else b"")


class Parsed(dict[str, list[Token]]):
    """The words of chunks that stood in texts looked at again, with offsets inside the chunk."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse

    def __missing__(self, chunk: str) -> list[Token]:
        tokens = self._parse(chunk)
        if len(chunk) <= LONGEST_REMEMBERED:
            self[chunk] = tokens
        return tokens
