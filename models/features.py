"""Segments → the columns that a text head's last layer looks at. Training and serving call the same functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.classifier import TextModel
from models.heads import HEADS, Head, Unit
from models.segments import Segments, cut, whole
from models.sums import LOG1P, TEXT_COLUMNS, Summer, Sums, log_probability
from models.tokens import Tokens
from models.words import EVIDENCE, WordTable

#: The text model that tells writing about films, books, series and games from other writing.
WORK_MODEL = "work"
#: The text model that tells promotion from talk.
PROMOTION_MODEL = "promotion"

_SEVERITIES = EVIDENCE[:-1]
_LEXICON_COLUMNS = (
    *(f"any_{name}" for name in EVIDENCE),
    *(f"count_{name}" for name in _SEVERITIES),
    "any_hidden_severe",
)
_WORK_COLUMNS = ("spoils_a_work", "comment_on_work", "article_on_work", "has_article", "margin_in_work")

_UNITS = {head.name: head.unit for head in HEADS}


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
        *TEXT_COLUMNS,
        *(_LEXICON_COLUMNS if head.lexicon else ()),
        *(_WORK_COLUMNS if head.work else ()),
    )


@dataclass(frozen=True, slots=True)
class _Pass:
    """What all text models made of a batch."""

    tokens: Tokens
    cuts: Mapping[Unit, Segments]
    sums: Mapping[str, Sums]
    #: Where words stand that the lexicon lists.
    listed: NDArray[np.intp]


class TextScorer:
    """Computes text-model margins and head columns from read tokens."""

    def __init__(self, words: WordTable, models: Sequence[TextModel]) -> None:
        self._words = words
        self._rows = {model.name: row for row, model in enumerate(models)}
        self._summer = Summer(words, models)
        self._widths = {head.name: len(column_names(head)) for head in HEADS}
        self._last: _Pass | None = None

    def margins(self, name: str, tokens: Tokens, segments: Segments | None = None) -> NDArray[np.float64]:
        """A text model's margin of each segment (each whole text where none are given)."""
        return self._summer.sums(tokens, [segments or whole(tokens)] * len(self._rows))[self._rows[name]].margins

    def sums(self, name: str, tokens: Tokens) -> Sums:
        """What a text model makes of each segment that its head scores, or of each whole text if it has no head.

        All heads ask for the same batch one after another, so all models' sums are worked out at once.
        """
        return self._pass(tokens).sums[name]

    def cut(self, tokens: Tokens, unit: Unit) -> Segments:
        """The batch in segments of that unit."""
        return self._pass(tokens).cuts[unit]

    def listed(self, tokens: Tokens) -> NDArray[np.intp]:
        """Where in the batch words stand that the lexicon lists."""
        return self._pass(tokens).listed

    def _pass(self, tokens: Tokens) -> _Pass:
        if self._last is None or self._last.tokens is not tokens:
            cuts = dict(zip((Unit.WINDOW, Unit.SENTENCE, Unit.PAIR), cut(tokens, self._words.kernel), strict=True))
            sums = self._summer.sums(tokens, [cuts[_UNITS.get(name, Unit.PAIR)] for name in self._rows])
            listed = self._words.listed.take(tokens.ids).nonzero()[0]
            self._last = _Pass(tokens, cuts, dict(zip(self._rows, sums, strict=True)), listed)
        return self._last

    def features(self, head: Head, tokens: Tokens, around: Surroundings | None = None) -> TextFeatures:
        """The head's columns for every segment of the batch.

        :param around: needed by heads that look at works.
        """
        sums = self.sums(head.name, tokens)
        width = len(TEXT_COLUMNS)
        matrix = np.zeros((len(sums.margins), self._widths[head.name]))
        matrix[:, :width] = sums.columns[:width].T
        if head.lexicon:
            self._put_lexicon(matrix, width, tokens, sums.segments)
        if head.work and around is not None:
            self._put_work(matrix, tokens, sums, around)
        return TextFeatures(sums.segments, matrix)

    def _put_lexicon(self, matrix: NDArray[np.float64], column: int, tokens: Tokens, segments: Segments) -> None:
        listed = self.listed(tokens)
        if not len(listed):
            return
        if self._words.kernel is not None:
            self._words.kernel.evidence(
                tokens.ids, listed, segments.starts, self._words.evidence, LOG1P, matrix, column
            )
            return
        matrix = matrix[:, column : column + len(_LEXICON_COLUMNS)]
        counts = np.zeros((len(segments.starts), len(EVIDENCE) + 1), np.int64)
        evidence = self._words.evidence.take(tokens.ids[listed], axis=0)
        owners = segments.starts.searchsorted(listed, side="right") - 1
        np.add.at(counts[:, :-1], owners, evidence)
        np.add.at(counts[:, -1], owners, evidence[:, -1] * evidence[:, 2:6].max(axis=1))
        matrix[:, : len(EVIDENCE)], matrix[:, -1] = counts[:, :-1] > 0, counts[:, -1] > 0
        matrix[:, len(EVIDENCE) : -1] = LOG1P.take(counts[:, : len(_SEVERITIES)], mode="clip")

    def _put_work(self, matrix: NDArray[np.float64], tokens: Tokens, own: Sums, around: Surroundings) -> None:
        on_work, article = self.sums(WORK_MODEL, tokens).logs, around.article_work
        if self._words.kernel is not None:
            about = on_work, article, around.has_article
            self._words.kernel.work((own.margins, own.logs), own.segments.first, about, matrix)
            return
        owners = own.segments.owners()
        matrix[:, -len(_WORK_COLUMNS) :].T[:] = [
            on_work.take(owners) + own.logs, on_work.take(owners), log_probability(article).take(owners),
            around.has_article.take(owners), own.margins * np.minimum(np.maximum(article, 0.0), 2.0).take(owners),
        ]  # fmt: skip


def strongest(values: NDArray[np.float64], segments: Segments) -> NDArray[np.float64]:
    """Each text's strongest segment. Shape (n,)."""
    return np.maximum.reduceat(values, segments.first)
