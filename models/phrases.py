"""A second look at words that mean different things in different company: "Dick Cheney", "hell's kitchen", "sod off".

Only texts that hold such a word are looked at again, and only here do capitals and the text's language count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.language import LANGUAGES
from models.lexicon import Lexicon
from models.vocabulary import NAME, Vocabulary, decoded_word

#: Small words of another language that must outnumber the English ones by this factor.
_OUTNUMBERED = 2
#: Characters that may hide a letter or a space; beside ASCII, these are what writers put for its own signs.
_UNUSUAL = re.compile(r"[^\x00-\x7f…‘’“”–—]")
_LETTERS = re.compile(r"[A-Za-z]+")
#: Characters of a chunk and its neighbours: of longer ones not every letter is read.
_JUDGED = 200


class Seen(NamedTuple):
    """One word of a text: how it reads, how it was written, and its id."""

    word: str
    written: str
    id: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """Words ``start`` to ``stop`` are one thing with that id."""

    start: int
    stop: int
    id: int


class Phrases:
    """Finds phrases, names and words of other languages."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon, languages: NDArray[np.uint8]) -> None:
        self._lexicon = lexicon
        #: The last row stands for all words that the vocabulary lacks.
        self._languages = np.concatenate([languages, np.zeros_like(languages[:1])])
        #: Telling word of a phrase → (its words, place of the telling one among them, what it reads as).
        self._phrases: dict[str, list[tuple[tuple[str, ...], int, int]]] = {}
        for words, term in lexicon.phrases.items():
            if not any(_plain(lexicon, word) for word in words):
                key = max(words, key=len)
                self._add(words, key, vocabulary.ids[decoded_word(lexicon, term)])
        for phrase in sorted(lexicon.innocent):
            words = tuple(phrase.split())
            for key in words if len(words) > 1 else ():
                if key in lexicon.forms:
                    self._add(words, key, NAME)
        self._starting = self._phrases.keys() | lexicon.forms.keys()
        #: Ids of words that may ask for the second look by themselves, each with the word and its term.
        self.alone = {
            vocabulary.ids[word]: (word, lexicon.terms[term])
            for word, term in lexicon.forms.items()
            if lexicon.terms[term].english or lexicon.terms[term].name
        }
        #: Ids of phrases' telling words, and of words that ask for it beside each other, one of them a telling one.
        self.telling = frozenset(vocabulary.ids[key] for key in self._phrases if key in vocabulary)
        self.pairs = frozenset(
            pair for phrases in self._phrases.values() for one in phrases if (pair := _ids(vocabulary, *one))
        )

    def asked(self, ids: Sequence[int]) -> bool:
        """Whether any of a text's words may ask for the second look."""
        return not (self.alone.keys().isdisjoint(ids) and self.pairs.isdisjoint(pairwise(ids)))

    def may_turn(self, numbers: Iterable[int], text: str, ids: NDArray[np.int32]) -> bool:
        """Whether one of these words of the text may be innocent there: the language is another, or it is a name."""
        found = [self.alone[number] for number in numbers]
        names = {word.capitalize() for word, term in found if term.name}
        return (bool(names) and _may_hold(names, text)) or (
            any(term.english for _, term in found) and self._foreign(ids)
        )

    def replacements(self, seen: Sequence[Seen]) -> list[Replacement]:
        """What the words of one text are instead, in order and without overlap."""
        foreign = self._foreign(np.array([one.id for one in seen], np.int32))
        found: list[Replacement] = []
        at = 0
        for i in [i for i, one in enumerate(seen) if one.word in self._starting]:
            replacement = None
            if i >= at:
                replacement = self._phrase(seen, i, at) or self._other(seen, i, foreign)
            if replacement is not None:
                found.append(replacement)
                at = replacement.stop
        return found

    def _add(self, words: tuple[str, ...], key: str, number: int) -> None:
        self._phrases.setdefault(key, []).append((words, words.index(key), number))

    def _phrase(self, seen: Sequence[Seen], i: int, at: int) -> Replacement | None:
        for words, before, number in self._phrases.get(seen[i].word, ()):
            start, stop = i - before, i - before + len(words)
            if start >= at and stop <= len(seen) and tuple(one.word for one in seen[start:stop]) == words:
                return Replacement(start, stop, number)
        return None

    def _other(self, seen: Sequence[Seen], i: int, foreign: bool) -> Replacement | None:
        term = self._lexicon.terms[self._lexicon.forms[seen[i].word]] if seen[i].word in self._lexicon.forms else None
        if term is None:
            return None
        if (term.english and foreign) or (term.name and self._is_name(seen, i)):
            return Replacement(i, i + 1, NAME)
        return None

    def _is_name(self, seen: Sequence[Seen], i: int) -> bool:
        """Written with a capital beside another capitalised word that is nothing bad: a person's or a place's name."""
        if not _capitalised(seen[i].written):
            return False
        beside = [seen[j] for j in (i - 1, i + 1) if 0 <= j < len(seen)]
        return any(
            _capitalised(other.written) and len(other.word) > 1 and other.word not in self._lexicon.forms
            for other in beside
        )

    def _foreign(self, ids: NDArray[np.int32]) -> bool:
        flags = self._languages.take(ids, axis=0, mode="clip")
        counts = np.add.reduce(flags, axis=0, dtype=np.int64).tolist()
        english = counts.pop(LANGUAGES.index("en"))
        return bool(max(counts) > _OUTNUMBERED * english)


def _ids(vocabulary: Vocabulary, words: tuple[str, ...], place: int, _: int) -> tuple[int, int] | None:
    """A phrase's telling word with a neighbour; none where either is no word of the vocabulary."""
    left = min(place, len(words) - 2)
    both = words[left : left + 2]
    return (vocabulary.ids[both[0]], vocabulary.ids[both[1]]) if all(word in vocabulary for word in both) else None


def _plain(lexicon: Lexicon, word: str) -> bool:
    """Whether a word needs no phrase to be profane."""
    return word in lexicon.forms and not lexicon.terms[lexicon.forms[word]].ambiguous


def _capitalised(written: str) -> bool:
    return written[:1].isupper() and (len(written) < 2 or written[1:].islower() or "'" in written)


def _may_hold(names: set[str], text: str) -> bool:
    """Whether any of the names may stand beside another capitalised word there; "no" is always right."""
    if any("'" in name for name in names) or _UNUSUAL.search(text):
        return True
    chunks = text.split() if any(name in text for name in names) else []
    for at, chunk in enumerate(chunks):
        if not chunk.islower() and not names.isdisjoint(_LETTERS.findall(chunk)):
            around = _lettered(chunks, at, -1) + chunk + _lettered(chunks, at, 1)
            if len(around) > _JUDGED or sum(map(str.isupper, around)) > 1:
                return True
    return False


def _lettered(chunks: Sequence[str], at: int, step: int) -> str:
    """The next chunk on that side that holds a letter; the others hold no words."""
    at += step
    while 0 <= at < len(chunks) and chunks[at].lower() == chunks[at].upper():
        at += step
    return chunks[at] if 0 <= at < len(chunks) else ""
