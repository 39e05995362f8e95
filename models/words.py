"""What is known of each word: one row a word id, worked out once for words that the vocabulary lacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.classifier import CHARACTER_BITS, CHARACTER_ORDERS, TextModel
from models.kernel import Kernel
from models.lexicon import Lexicon
from models.ngrams import character_ngrams, hashed_words, word_hashes
from models.scores import Severity
from models.text import stem
from models.tokens import MOST_UNKNOWN, Reader, Tokens
from models.vocabulary import NUMBER, URL, Vocabulary, decoded_word

#: What the lexicon says of a word: a column for each severity, plain and ambiguous, and one for obfuscated spellings.
EVIDENCE = (*(f"{severity}{kind}" for severity in Severity for kind in ("", "_ambiguous")), "hidden")

#: Words rarer than this (inverse document frequency) say something about the subject.
RARE = 3.0
#: Places, from the end, of what is counted beside languages: all words, rare ones, addresses.
WORD, RARE_WORD, ADDRESS = -3, -2, -1


class WordTable:
    """Rows for the vocabulary, then for the unknown words a :class:`Reader` holds at the time."""

    def __init__(self, reader: Reader, models: Sequence[TextModel], idf: NDArray[np.float32]) -> None:
        known, rows = len(reader.vocabulary), len(reader.vocabulary) + MOST_UNKNOWN + 1
        self._reader = reader
        self._models = models
        self._filled, self._generation = known, reader.generation
        #: Each word's weight in each text model, side by side: one row is one visit to memory. Shape (rows, models).
        self.weights = np.zeros((rows, len(models)), np.float32)
        for column, model in enumerate(models):
            self.weights[:known, column] = model.words
        self.hashes = np.zeros(rows, np.uint32)
        self.hashes[:known] = plain_hashes(reader.vocabulary, reader.lexicon)
        self.stems = np.zeros(rows, np.uint32)
        self.stems[:known] = word_hashes([stem(word) for word in reader.vocabulary.words])
        self.idf = np.full(rows, idf.max(initial=0.0), np.float32)
        self.idf[:known] = idf
        self.evidence = np.zeros((rows, len(EVIDENCE)), np.int8)
        self.evidence[:known], self.terms = lexicon_evidence(reader.vocabulary, reader.lexicon)
        listed = np.flatnonzero(self.terms >= 0).tolist()
        #: How strong each word is that the lexicon lists.
        self.severities = {number: reader.lexicon.terms[self.terms[number]].severity for number in listed}
        #: Whether the lexicon says anything of a word.
        self.listed = self.evidence.any(axis=1)
        #: Flags of each word that are summed over a text: of which languages it is a small word, and three more.
        self.counted = np.zeros((rows, reader.languages.shape[1] - WORD), np.uint8)
        self.languages = self.counted[:, :WORD]
        self.languages[:known] = reader.languages
        self.counted[NUMBER + 1 :, WORD] = 1
        self.counted[:, RARE_WORD] = (self.idf > RARE) & (self.counted[:, WORD] > 0)
        self.counted[URL, ADDRESS] = 1

    @property
    def kernel(self) -> Kernel | None:
        """The reader's."""
        return self._reader.kernel

    def update(self) -> None:
        """Fill the rows of words met since the last call; what a row holds depends on its word alone."""
        known = len(self._reader.vocabulary)
        if self._generation != self._reader.generation:
            self._filled, self._generation = known, self._reader.generation
        words = self._reader.unknown[self._filled - known :]
        if not words:
            return
        rows = slice(self._filled, self._filled + len(words))
        self._filled = rows.stop
        stems = list(map(stem, words))
        if self.kernel is not None:
            tables = [model.characters for model in self._models]
            own = self.weights[rows], self.hashes[rows], self.stems[rows]
            self.kernel.learn(hashed_words(words), hashed_words(stems), tables, own)
            return
        slots, owners = character_ngrams(words, CHARACTER_ORDERS, CHARACTER_BITS)
        for column, model in enumerate(self._models):
            self.weights[rows, column] = np.bincount(owners, model.characters.take(slots), len(words))
        self.hashes[rows], self.stems[rows] = word_hashes(words), word_hashes(stems)

    def counts(self, tokens: Tokens) -> NDArray[np.int64]:
        """How many of each text's words have each flag. Shape (n, flags)."""
        if self.kernel is not None:
            return self.kernel.count(tokens.ids, tokens.starts, self.counted)
        flags = self.counted.take(tokens.ids, axis=0)
        return np.add.reduceat(flags, tokens.starts[:-1], axis=0, dtype=np.int64)


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
