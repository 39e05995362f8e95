"""Segments → the columns that a text head's last layer looks at. Training and serving call the same functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.classifier import PAIR_BITS, TextModel, pair_weights, root_length
from models.heads import Head, Unit
from models.ngrams import pair_slots
from models.segments import Segments, sentences, whole, windows
from models.tokens import Tokens
from models.words import EVIDENCE, WordTable

#: The text model that tells writing about films, books, series and games from other writing.
WORK_MODEL = "work"
#: The text model that tells promotion from talk.
PROMOTION_MODEL = "promotion"

_TEXT_COLUMNS = ("margin", "strongest_word", "leaning_words", "length")
_SEVERITIES = EVIDENCE[:-1]
_LEXICON_COLUMNS = (
    *(f"any_{name}" for name in EVIDENCE),
    *(f"count_{name}" for name in _SEVERITIES),
    "any_hidden_severe",
)
_WORK_COLUMNS = ("spoils_a_work", "comment_on_work", "article_on_work", "has_article", "margin_in_work")

_LOG1P = np.log1p(np.arange(4097))
_CUT = {Unit.WINDOW: windows, Unit.SENTENCE: sentences}


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """One head's rows for a batch: one a segment."""

    segments: Segments
    #: Shape (segments, columns of the head).
    matrix: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a head that looks at works knows of each comment's article. Both of shape (n,)."""

    has_article: NDArray[np.float64]
    article_work: NDArray[np.float64]


def column_names(head: Head) -> tuple[str, ...]:
    """The columns of a text head, in order."""
    return (
        *_TEXT_COLUMNS,
        *(_LEXICON_COLUMNS if head.lexicon else ()),
        *(_WORK_COLUMNS if head.work else ()),
    )


class TextScorer:
    """Computes text-model margins and head columns from read tokens."""

    def __init__(self, words: WordTable, models: Sequence[TextModel]) -> None:
        self._words = words
        self._models = {model.name: (row, model) for row, model in enumerate(models)}
        self._paired: tuple[NDArray[np.int32], NDArray[np.int32]] | None = None

    def margins(self, name: str, tokens: Tokens, segments: Segments | None = None) -> NDArray[np.float64]:
        """A text model's margin of each segment (each whole text where none are given)."""
        cut = segments or whole(tokens)
        return self._sums(name, tokens, cut)[0]

    def features(self, head: Head, tokens: Tokens, around: Surroundings | None = None) -> TextFeatures:
        """The head's columns for every segment of the batch.

        :param around: needed by heads that look at works.
        """
        segments = _CUT[head.unit](tokens)
        margin, weights = self._sums(head.name, tokens, segments)
        leaning = np.add.reduceat(np.maximum(weights, 0), segments.starts) / root_length(segments.lengths)
        columns = [margin, np.maximum.reduceat(weights, segments.starts), leaning, _log1p(segments.lengths)]
        if head.lexicon:
            columns += self._lexicon(tokens, segments)
        if head.work and around is not None:
            columns += self._work(tokens, segments, around, margin)
        matrix = np.empty((len(segments.starts), len(columns)))
        for place, column in enumerate(columns):
            matrix[:, place] = column
        return TextFeatures(segments, matrix)

    def _sums(self, name: str, tokens: Tokens, segments: Segments) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        row, model = self._models[name]
        weights = self._words.weights[row].take(tokens.ids)
        pairs = pair_weights(model, self._pairs(tokens), segments)
        pairs += weights
        total = np.add.reduceat(pairs, segments.starts)
        return (total / root_length(segments.lengths)).astype(np.float64) + model.intercept, weights

    def _pairs(self, tokens: Tokens) -> NDArray[np.int32]:
        """The table index of every word's pair with the next; all heads ask for the same batch one after another."""
        if self._paired is None or self._paired[0] is not tokens.ids:
            hashes = self._words.hashes.take(tokens.ids)
            self._paired = tokens.ids, pair_slots(hashes[:-1], hashes[1:], PAIR_BITS)
        return self._paired[1]

    def _lexicon(self, tokens: Tokens, segments: Segments) -> list[NDArray[np.float64]]:
        counts = np.zeros((len(segments.starts), len(EVIDENCE) + 1), np.int64)
        listed = self._words.listed.take(tokens.ids).nonzero()[0]
        if len(listed):
            evidence = self._words.evidence.take(tokens.ids[listed], axis=0)
            owners = segments.starts.searchsorted(listed, side="right") - 1
            np.add.at(counts[:, :-1], owners, evidence)
            np.add.at(counts[:, -1], owners, evidence[:, -1] * evidence[:, 2:6].max(axis=1))
        found = (counts > 0).astype(np.float64)
        return [*found[:, :-1].T, *_LOG1P[np.minimum(counts[:, : len(_SEVERITIES)].T, len(_LOG1P) - 1)], found[:, -1]]

    def _work(
        self, tokens: Tokens, segments: Segments, around: Surroundings, margin: NDArray[np.float64]
    ) -> list[NDArray[np.float64]]:
        owners = segments.owners()
        comment = self.margins(WORK_MODEL, tokens)[owners]
        article = around.article_work[owners]
        on_work = log_probability(comment)
        return [
            on_work + log_probability(margin), on_work, log_probability(article), around.has_article[owners],
            margin * np.clip(article, 0.0, 2.0),
        ]  # fmt: skip


def strongest(values: NDArray[np.float64], segments: Segments) -> NDArray[np.float64]:
    """Each text's strongest segment. Shape (n,)."""
    return np.maximum.reduceat(values, segments.first)


def log_probability(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """A margin as the logarithm of its probability: beyond certainty, more certainty changes nothing."""
    return -np.logaddexp(0.0, -margins)


def _log1p(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return _LOG1P[np.minimum(counts, len(_LOG1P) - 1)]
