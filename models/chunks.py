"""What stretches of text without white space read as, remembered: nearly all of a comment's were seen before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.vocabulary import END, Vocabulary

#: Characters of a chunk that is remembered.
LONGEST_REMEMBERED = 64
#: What may stand before and behind a word, and what of it ends a sentence.
OPENING, CLOSING = "\"'([{<*_-~,.:;…", "\"')]}>.,:;!?…*_-~"
SENTENCE_ENDS = ".!?…"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of one text, with the stretch of the folded text it was read from."""

    id: int
    start: int
    end: int


Parse = Callable[[str], list[Token]]


def packed(tokens: Sequence[Token]) -> bytes:
    """Their ids as 32-bit numbers: bytes are joined in a fraction of the time that lists of numbers take."""
    return np.array([token.id for token in tokens], np.int32).tobytes()


ONLY_END = packed([Token(END, 0, 0)])


class Chunks(dict[str, bytes]):
    """The ids that each chunk reads as, packed; works out a chunk the first time it is seen."""

    def __init__(self, parse: Parse, vocabulary: Vocabulary) -> None:
        self._parse = parse
        self._ids = vocabulary.ids
        self._earlier: dict[str, bytes] = {}

    def __missing__(self, chunk: str) -> bytes:
        ids = self._earlier.get(chunk) or self._plain(chunk) or packed(self._parse(chunk))
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
        """A known word with ordinary punctuation around it: what parsing gives, in a fifth of the time."""
        rest = chunk.lstrip(OPENING)
        core = rest.rstrip(CLOSING)
        known = self._ids.get(core)
        if known is None or not core.isalpha() or "*" in chunk:
            return None
        ends = len(core) > 1 and any(mark in rest[len(core) :] for mark in SENTENCE_ENDS)
        return known.to_bytes(4, "little") + (ONLY_END if ends else b"")


class Parsed(dict[str, list[Token]]):
    """The words of chunks that stood in texts looked at again, with offsets inside the chunk."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse

    def __missing__(self, chunk: str) -> list[Token]:
        tokens = self._parse(chunk)
        if len(chunk) <= LONGEST_REMEMBERED:
            self[chunk] = tokens
        return tokens
