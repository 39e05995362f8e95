"""What is known of each word: one row a word id, worked out once for words that the vocabulary lacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.classifier import CHARACTER_BITS, CHARACTER_ORDERS, TextModel
from models.lexicon import Lexicon
from models.ngrams import character_ngrams, word_hashes
from models.scores import Severity
from models.text import stem
from models.tokens import MOST_UNKNOWN, Reader
from models.vocabulary import Vocabulary, decoded_word

#: What the lexicon says of a word: a column for each severity, plain and ambiguous, and one for obfuscated spellings.
EVIDENCE = (*(f"{severity}{kind}" for severity in Severity for kind in ("", "_ambiguous")), "hidden")


class WordTable:
    """Rows for the vocabulary, then for the unknown words a :class:`Reader` holds at the time."""

    def __init__(self, reader: Reader, models: Sequence[TextModel], idf: NDArray[np.float32]) -> None:
        known, rows = len(reader.vocabulary), len(reader.vocabulary) + MOST_UNKNOWN + 1
        self._reader = reader
        self._models = models
        self._filled, self._generation = known, reader.generation
        self.weights = np.zeros((len(models), rows), np.float32)
        for row, model in zip(self.weights, models, strict=True):
            row[:known] = model.words
        self.hashes = np.zeros(rows, np.uint32)
        self.hashes[:known] = plain_hashes(reader.vocabulary, reader.lexicon)
        self.stems = np.zeros(rows, np.uint32)
        self.stems[:known] = word_hashes([stem(word) for word in reader.vocabulary.words])
        self.idf = np.full(rows, idf.max(initial=0.0), np.float32)
        self.idf[:known] = idf
        self.evidence = np.zeros((rows, len(EVIDENCE)), np.int8)
        self.evidence[:known], self.terms = lexicon_evidence(reader.vocabulary, reader.lexicon)
        #: Whether the lexicon says anything of a word.
        self.listed = self.evidence.any(axis=1)
        self.languages = np.zeros((rows, reader.languages.shape[1]), np.uint8)
        self.languages[:known] = reader.languages

    def update(self) -> None:
        """Fill the rows of words met since the last call; what a row holds depends on its word alone."""
        known = len(self._reader.vocabulary)
        if self._generation != self._reader.generation:
            self._filled, self._generation = known, self._reader.generation
        words = self._reader.unknown[self._filled - known :]
        if not words:
            return
        rows = slice(self._filled, self._filled + len(words))
        slots, owners = character_ngrams(words, CHARACTER_ORDERS, CHARACTER_BITS)
        for row, model in zip(self.weights, self._models, strict=True):
            row[rows] = np.bincount(owners, model.characters.take(slots), len(words))
        self.hashes[rows] = word_hashes(words)
        self.stems[rows] = word_hashes([stem(word) for word in words])
        self._filled = rows.stop


def plain_words(vocabulary: Vocabulary, lexicon: Lexicon) -> NDArray[np.int64]:
    """For each word the id that text models count it as: a decoded term counts as the term plainly written."""
    plain = np.arange(len(vocabulary))
    for index, term in enumerate(lexicon.terms):
        written = vocabulary.ids.get(term.text.replace(" ", ""))
        if written is not None:
            plain[vocabulary.ids[decoded_word(lexicon, index)]] = written
    return plain


def plain_hashes(vocabulary: Vocabulary, lexicon: Lexicon) -> NDArray[np.uint32]:
    """The hash of each word as text models count it."""
    return word_hashes(vocabulary.words)[plain_words(vocabulary, lexicon)]


def lexicon_evidence(vocabulary: Vocabulary, lexicon: Lexicon) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """Each word's evidence columns, shape (n, len(EVIDENCE)), and the index of its term or −1, shape (n,)."""
    evidence = np.zeros((len(vocabulary), len(EVIDENCE)), np.int8)
    terms = np.full(len(vocabulary), -1, np.int32)
    for form, index in lexicon.forms.items():
        terms[vocabulary.ids[form]] = index
    for index in range(len(lexicon.terms)):
        decoded = vocabulary.ids[decoded_word(lexicon, index)]
        terms[decoded] = index
        evidence[decoded, EVIDENCE.index("hidden")] = 1
    for number in np.flatnonzero(terms >= 0):
        term = lexicon.terms[terms[number]]
        evidence[number, EVIDENCE.index(f"{term.severity}{'_ambiguous' if term.ambiguous else ''}")] = 1
    return evidence, terms
