"""A text → the pieces that a page shows of it: what is hidden made visible, profane words marked, spoilers covered."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.scores import Span

_ALWAYS_SHOWN: Final = frozenset("\n\t")
#: They take up no room, or look like a space, without being counted among the invisible.
_LOOK_EMPTY: Final = frozenset("\u115f\u1160\u2028\u2029\u2800\u3164\uffa0")
_JOINER: Final = "\u200d"
_NON_JOINER: Final = "\u200c"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; or one character that nobody would see, with what to show in its place (``U+202E``)."""

    text: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces that are one profane word, or none."""

    pieces: tuple[Piece, ...]
    word: Span | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Parts that stand together, under a cover or not."""

    parts: tuple[Part, ...]
    is_covered: bool = False

    @property
    def shape(self) -> str:
        """What the covered text looks like from afar: how long its words are, and no letter of it."""
        whole = "".join(piece.text for part in self.parts for piece in part.pieces)
        return "".join(one if one in " \n" else "n" for one in whole)


def runs(text: str, words: Sequence[Span] = (), covers: Sequence[Span] = ()) -> tuple[Run, ...]:
    """The text with its ``words`` marked and what lies under ``covers`` apart; both count from its beginning."""
    found: list[Run] = []
    for cover, start, stop in _cut(0, len(text), covers):
        parts = tuple(Part(pieces(text, first, last), word) for word, first, last in _cut(start, stop, words))
        found.append(Run(parts, cover is not None))
    return tuple(found)


def pieces(text: str, start: int = 0, stop: int | None = None) -> tuple[Piece, ...]:
    """That stretch of the text, with the characters apart that would not be seen."""
    found: list[Piece] = []
    here, stop = start, len(text) if stop is None else stop
    for position in range(start, stop):
        if is_hidden(text, position):
            found += [Piece(text[here:position])] if position > here else []
            found.append(Piece(text[position], f"U+{ord(text[position]):04X}"))
            here = position + 1
    return (*found, Piece(text[here:stop])) if here < stop else tuple(found)


def is_hidden(text: str, position: int) -> bool:
    """Whether the character there would not be seen, or would turn others around."""
    character = text[position]
    if character in _ALWAYS_SHOWN:
        return False
    if character in (_JOINER, _NON_JOINER):
        return position == 0 or not _joins(character, unicodedata.category(text[position - 1]))
    return character in _LOOK_EMPTY or unicodedata.category(character) in ("Cc", "Cf")


def _joins(joiner: str, before: str) -> bool:
    """Between parts of an emoji, and in scripts whose letters join, it does its work and is no disguise."""
    return before in ("Lo", "Mn", "Mc") or (joiner == _JOINER and before in ("So", "Sk"))


def _cut(start: int, stop: int, spans: Sequence[Span]) -> Iterator[tuple[Span | None, int, int]]:
    """A stretch cut at the spans' ends: each part with its span, if it has one, and from where to where it goes."""
    here = start
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        first, last = max(span.start, here), min(span.end, stop)
        if first >= last:
            continue
        if first > here:
            yield None, here, first
        yield span, first, last
        here = last
    if here < stop:
        yield None, here, stop
