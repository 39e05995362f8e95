"""A site's own terms, found in a text: as whole words, however their letters are disguised."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from models.decoding import Decoder
from models.lexicon import Flag, Lexicon, Term
from models.scores import Severity
from models.text import EMOJI, LOOK_ALIKES, fold, fold_origins
from models.tokens import APART, LONGEST_CHUNK, Reader
from models.vocabulary import NUMBER
from service.domain import FoundTerm

MOST_TOLD: Final = 20
"""Terms found in one text that are told; the first ones."""

_WORD: Final = re.compile(rf"[^\W_]+(?:'[^\W_]+)*|[{EMOJI}]")
_CHUNK: Final = re.compile(r"\S+")
_LONG_REPEAT: Final = re.compile(r"(.)\1{2,}")
_REPEATS: Final = re.compile(r"(.)\1+")
_BREAK: Final = re.compile(r"\n|[.!?…]\s")
_GAP: Final = 3
"""Characters between two words of one term."""
_LEAST_DECODED: Final = 3
_LEAST_BEFORE_DIGITS: Final = 4
_MIXED: Final = "~"
"""Begins a reading that only a word of mixed scripts has; no word begins with it."""


@dataclass(frozen=True, slots=True)
class _Word:
    readings: frozenset[str]
    start: int
    end: int


class TermFinder:
    """Finds those terms. Costs as much as the text is long. ``reader`` gives the live bundle's reader, which is asked
    what is an ordinary word: such a word is never taken for a disguise."""

    def __init__(self, terms: Iterable[str], reader: Callable[[], Reader]) -> None:
        self._terms = tuple(terms)
        self._reader_of = reader
        self._reader: Reader | None = None
        self._firsts: set[str] = set()
        #: A term's first two words, or its only one → all its words, and the term as the site wrote it.
        self._by_beginning: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = {}
        self._decoded: dict[str, str] = {}
        for term in self._terms:
            self._add(term)

    def plain(self, text: str) -> list[FoundTerm]:
        """Where they stand plainly written, capitals and accents aside."""
        if not self._terms:
            return []
        folded = fold(text)
        words = [_Word(frozenset({m.group()}), *m.span()) for m in _WORD.finditer(folded)]
        return _as_given(text, self._matches(folded, words))

    def disguised(self, text: str) -> list[FoundTerm]:
        """Where they stand, plainly or disguised; each term once, the first ones first, at most ``MOST_TOLD``."""
        if not self._terms:
            return []
        self._bind()
        folded = fold(text)
        words = [_Word(self._readings(m.group()), *m.span()) for m in _WORD.finditer(folded)]
        found = [*self._matches(folded, words), *self._decodings(folded)]
        once: dict[str, FoundTerm] = {}
        for one in sorted(found, key=lambda one: one.start):
            once.setdefault(one.term, one)
        return _as_given(text, list(once.values())[:MOST_TOLD])

    def _add(self, term: str) -> None:
        words = words_of(term)
        if not words:
            return
        skeletons = tuple(_MIXED + word.translate(LOOK_ALIKES) for word in words)
        for form in (words, skeletons):
            self._firsts.add(form[0])
            self._by_beginning.setdefault(form[:2], []).append((form, term))
        # Read as letters one by one, only what is written in the letters that the reading gives can be meant.
        joined = "".join(words)
        if len(words) == 1 and joined.isascii() and joined.isalpha() and len(joined) >= _LEAST_DECODED:
            self._decoded.setdefault(joined, term)

    def _bind(self) -> None:
        reader = self._reader_of()
        if reader is not self._reader:
            exact = frozenset({Flag.EXACT})
            own = Lexicon(tuple(Term(word, Severity.STRONG, "site", exact) for word in self._decoded))
            self._decoder = Decoder(own, reader.vocabulary)
            self._own = own
            self._reader = reader

    def _readings(self, word: str) -> frozenset[str]:
        """What a word may stand for: itself, and unless it is an ordinary one, what its disguise hides."""
        assert self._reader is not None
        known = self._reader.vocabulary
        readings = {word, word.removesuffix("'s")}
        if word in known:
            return frozenset(readings)
        bare = word.rstrip("0123456789")
        if len(bare) >= _LEAST_BEFORE_DIGITS:
            readings.add(bare)
        # A word all in another script is a word of that script's language.
        if not word.isascii() and any(letter.isascii() for letter in word):
            skeleton = word.translate(LOOK_ALIKES)
            readings |= {skeleton, _MIXED + skeleton}
        for reading in list(readings):
            if _LONG_REPEAT.search(reading):
                shorter = (*(_LONG_REPEAT.sub(to, reading) for to in (r"\1", r"\1\1")), _REPEATS.sub(r"\1", reading))
                if not any(one in known and one not in self._firsts for one in shorter):
                    readings.update(shorter)
        return frozenset(readings)

    def _matches(self, folded: str, words: Sequence[_Word]) -> Iterator[FoundTerm]:
        for at, word in enumerate(words):
            beginnings: list[tuple[str, ...]] = [(first,) for first in word.readings & self._firsts]
            if beginnings and at + 1 < len(words):
                beginnings += [(*one, second) for one in beginnings for second in words[at + 1].readings]
            for beginning in beginnings:
                for wanted, term in self._by_beginning.get(beginning, ()):
                    run = words[at : at + len(wanted)]
                    if len(run) == len(wanted) and _are(wanted, run) and _close(folded, run):
                        yield FoundTerm(term, word.start, run[-1].end)

    def _decodings(self, folded: str) -> Iterator[FoundTerm]:
        if not self._decoded:
            return
        for match in _CHUNK.finditer(folded):
            chunk = match.group()[:LONGEST_CHUNK]
            if chunk.isalpha():
                continue
            hit = self._decoder.chunk(chunk)
            if hit is not None and not self._is_another(chunk, hit.term):
                yield FoundTerm(self._written(hit.term), match.start() + hit.start, match.start() + hit.end)
        for match in APART.finditer(folded):
            term = self._decoder.letters(match.group())
            if term is not None:
                yield FoundTerm(self._written(term), *match.span())

    def _is_another(self, chunk: str, term: int) -> bool:
        """Whether the bundle reads the stretch as a profane word of its own, and not as this term."""
        assert self._reader is not None
        words = [self._reader.word(token.id) for token in self._reader.parse(chunk) if token.id > NUMBER]
        return any(word[:1].isupper() and word.lower() != self._own.terms[term].text for word in words)

    def _written(self, term: int) -> str:
        return self._decoded[self._own.terms[term].text]


def words_of(term: str) -> tuple[str, ...]:
    """A term's words as texts are searched for them; none if it has no letter, digit or emoji."""
    return tuple(_WORD.findall(fold(term)))


def without(text: str, found: Iterable[FoundTerm]) -> str:
    """The text at its own length with those stretches emptied, so that what stood around them does not join."""
    characters = list(text)
    for one in found:
        characters[one.start : one.end] = "\n" + " " * (one.end - one.start - 1)
    return "".join(characters)


def _are(wanted: tuple[str, ...], run: Sequence[_Word]) -> bool:
    return all(one in word.readings for one, word in zip(wanted, run, strict=True))


def _close(folded: str, run: Sequence[_Word]) -> bool:
    gaps = [folded[left.end : right.start] for left, right in pairwise(run)]
    return all(len(gap) <= _GAP and not _BREAK.search(gap) for gap in gaps)


def _as_given(text: str, found: Iterable[FoundTerm]) -> list[FoundTerm]:
    found = list(found)
    if not found or text.isascii():
        return found
    origins = [*fold_origins(text), len(text)]
    # Part of an unfolded ligature stands where the whole ligature does.
    return [FoundTerm(f.term, origins[f.start], max(origins[f.end], origins[f.end - 1] + 1)) for f in found]
