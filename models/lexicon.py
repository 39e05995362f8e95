"""Word lists: profane terms with severity, kind and flags, and innocent words that a matcher must not take.

The lists themselves are data of the bundle (``training/lexicons`` holds ours, with provenance and licence).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from models.scores import Severity
from models.text import fold

HEADER = ("term", "severity", "kind", "flags")
#: Endings that make another form of a term; a doubled last consonant is tried too (shit → shitting).
_ENDINGS = ("s", "es", "'s", "ed", "er", "ers", "ing", "in", "ings", "y")
_PLURALS = ("s", "'s")


class Flag(StrEnum):
    """How a term may be matched."""

    #: Often innocent in ordinary comments.
    AMBIGUOUS = "ambiguous"
    #: Its letters inside a longer unknown word are evidence too, and it takes any ending.
    STEM = "stem"
    #: Never by a near spelling.
    EXACT = "exact"
    #: Also a first name, a surname or a place.
    NAME = "name"
    #: Also an everyday word of another language: counts in English text only.
    ENGLISH = "english"


class LexiconRejected(ValueError):
    """A word list's line can't be used; the message names the line and why."""


@dataclass(frozen=True, slots=True)
class Term:
    """One profane word or phrase, folded."""

    text: str
    severity: Severity
    kind: str
    flags: frozenset[Flag] = frozenset()

    @property
    def ambiguous(self) -> bool:
        return Flag.AMBIGUOUS in self.flags

    @property
    def stem(self) -> bool:
        return Flag.STEM in self.flags

    @property
    def exact(self) -> bool:
        return Flag.EXACT in self.flags

    @property
    def name(self) -> bool:
        return Flag.NAME in self.flags

    @property
    def english(self) -> bool:
        return Flag.ENGLISH in self.flags


@dataclass(frozen=True)
class Lexicon:
    """All terms of a bundle, and the innocent texts."""

    terms: tuple[Term, ...]
    innocent: frozenset[str] = frozenset()
    #: Every single-word form → index of its term.
    forms: dict[str, int] = field(init=False, repr=False)
    #: Phrases of several words → index of their term.
    phrases: dict[tuple[str, ...], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        forms: dict[str, int] = {}
        phrases: dict[tuple[str, ...], int] = {}
        for index, term in enumerate(self.terms):
            words = tuple(term.text.split())
            if len(words) > 1:
                phrases.setdefault(words, index)
            else:
                forms[term.text] = index
        for index, term in enumerate(self.terms):
            if " " not in term.text:
                for form in _inflected(term):
                    if form not in self.innocent:
                        forms.setdefault(form, index)
        object.__setattr__(self, "forms", forms)
        object.__setattr__(self, "phrases", phrases)

    def dump(self) -> str:
        """The lexicon as one text, read back by :func:`parse_lexicon`."""
        lines = ["\t".join((t.text, t.severity, t.kind, ",".join(sorted(t.flags)))) for t in self.terms]
        return "\n".join(["\t".join(HEADER), *lines, "", *sorted(self.innocent)])


def parse_lexicon(text: str) -> Lexicon:
    """The other side of :meth:`Lexicon.dump`."""
    listed, _, innocent = text.partition("\n\n")
    return Lexicon(tuple(parse_terms(listed)), frozenset(innocent.splitlines()))


def parse_terms(listed: str) -> Iterator[Term]:
    """A tab-separated list with the header ``term severity kind flags``; first mention of a term wins.

    :raises LexiconRejected: a line has other columns, or an unknown severity or flag.
    """
    lines = listed.splitlines()
    if not lines or tuple(lines[0].split("\t")) != HEADER:
        raise LexiconRejected(f"line 1: the header must be {' '.join(HEADER)}")
    seen: set[str] = set()
    for number, line in enumerate(lines[1:], start=2):
        try:
            term, severity, kind, flags = line.split("\t")
            parsed = Term(fold(term), Severity(severity), kind, frozenset(map(Flag, filter(None, flags.split(",")))))
        except ValueError as error:
            raise LexiconRejected(f"line {number}: {error}") from error
        if parsed.text not in seen:
            seen.add(parsed.text)
            yield parsed


def merge(lists: Iterable[Iterable[Term]], innocent: Iterable[str]) -> Lexicon:
    """Several languages' lists as one lexicon; the first list that has a term decides."""
    terms: dict[str, Term] = {}
    for listed in lists:
        for term in listed:
            terms.setdefault(term.text, term)
    return Lexicon(tuple(terms.values()), frozenset(map(fold, innocent)))


def _inflected(term: Term) -> Iterator[str]:
    if term.exact:
        return
    for ending in _ENDINGS if term.stem else _PLURALS:
        yield term.text + ending
        if term.stem and term.text[-1] not in "aeiouy" and ending[0] in "ei":
            yield term.text + term.text[-1] + ending
        if term.text.endswith("e") and ending[0] in "ei":
            yield term.text[:-1] + ending
