"""Features, heads, calibration and curves as one thing: comments in, scores out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import explain as explaining
from models.artifact import BundleRejected, read_bundle
from models.calibration import probabilities
from models.columns import Batch, pair_columns, read_batch, text_columns, unanswerable
from models.comment import Comment
from models.features import strongest
from models.heads import HEAD_NAMES, HEADS, Head, Unit
from models.heads import head as head_named
from models.language import by_script, by_small_words
from models.manifest import Manifest
from models.operating import BALANCED
from models.parts import Parts, Tables, load_layer, load_parts
from models.scores import CommentScores, HeadScore, OperatingPoint, Severity, Span
from models.selftest import differences

#: Characters scored at a time: more would leave the processor's caches.
SLICE = 32_000


class Bundle:
    """Scores comments. Pure CPU, holds the GIL; not for several threads at once."""

    def __init__(self, manifest: Manifest, tables: Tables, selftest: bytes = b"") -> None:
        self.manifest = manifest
        self.version = manifest.version
        self.parts: Parts = load_parts(tables)
        self._heads = {one.name: _Head(one, manifest, tables) for one in HEADS}
        self._selftest = selftest
        self.operating_points: Mapping[str, Mapping[str, OperatingPoint]] = {
            one.name: {point.name: point for point in manifest.head(one.name).operating_points} for one in HEADS
        }

    @classmethod
    def load(cls, directory: Path) -> Bundle:
        """Read a bundle's directory after checking it.

        :raises BundleRejected: any check failed; it says which passed and why this one did not.
        """
        loaded = read_bundle(directory)
        try:
            return cls(loaded.manifest, loaded.tables, loaded.selftest)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise BundleRejected(("checksums",), f"its tables do not fit this code: {error!r}") from error

    def selftest(self) -> None:
        """Score the bundle's own texts again.

        :raises BundleRejected: a score is not what it was when the bundle was made.
        """
        try:
            found = differences(self._selftest, lambda texts: self.score(texts))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise BundleRejected(("checksums", "tables"), f"self-test: {error!r}") from error
        if found:
            raise BundleRejected(("checksums", "tables"), f"self-test: {'; '.join(found)}")

    def score(
        self, comments: Sequence[Comment], *, heads: Sequence[str] = HEAD_NAMES, explain: bool = False
    ) -> list[CommentScores]:
        """Each comment's score for each asked head; n comments together get what each gets alone, to the last bit.

        :param explain: give spans and the nearest paragraph too, which costs several times the score.
        :raises KeyError: an unknown head is asked for.
        """
        asked = [self._heads[name] for name in heads]
        answers: list[CommentScores] = []
        for some in _slices(comments):
            batch = read_batch(self.parts, some)
            languages = self._languages(batch)
            columns = [self._answers(one, batch, explain) for one in asked]
            answers += [
                CommentScores(dict(zip(heads, scores, strict=True)), *language)
                for *scores, language in zip(*columns, languages, strict=True)
            ]
        return answers

    def profane_words(self, text: str) -> tuple[Span, ...]:
        """The words of a text that are profane by themselves, for masking."""
        profanity = self._heads["profanity"]
        self.parts.reader.read([text])
        self.parts.words.update()
        return explaining.word_spans(self.parts, head_named("profanity"), text, 0.0, profanity.cut, profanity.read)

    def _answers(self, one: _Head, batch: Batch, explain: bool) -> list[HeadScore]:
        if one.head.unit is Unit.PAIR:
            return self._pair_answers(one, batch, explain)
        features = text_columns(self.parts, one.head, batch)
        scores = one.calibrated(strongest(one.margins(features.matrix), features.segments)).tolist()
        severities = self._severities(one.head, batch)
        spans = self._spans(one, batch, scores) if explain else [None] * len(scores)
        return [
            HeadScore(score, spans=found, severity=severity)
            for score, found, severity in zip(scores, spans, severities, strict=True)
        ]

    def _pair_answers(self, one: _Head, batch: Batch, explain: bool) -> list[HeadScore]:
        reasons = unanswerable(batch)
        if all(reason is not None for reason in reasons):
            return [HeadScore(None, reason) for reason in reasons]
        matrix, comments = pair_columns(self.parts, batch)
        scores = one.read(matrix).tolist()
        return [
            HeadScore(None, reason)
            if reason is not None
            else HeadScore(score, nearest=explaining.nearest(batch, comments, i) if explain else None)
            for i, (score, reason) in enumerate(zip(scores, reasons, strict=True))
        ]

    def _spans(self, one: _Head, batch: Batch, scores: Sequence[float]) -> list[tuple[Span, ...]]:
        if one.head.unit is Unit.SENTENCE:
            return explaining.sentence_spans(self.parts, one.head, batch, one.cut, one.read)
        return [
            explaining.word_spans(self.parts, one.head, comment.text, score, one.cut, one.read)
            for comment, score in zip(batch.comments, scores, strict=True)
        ]

    def _severities(self, head: Head, batch: Batch) -> list[Severity | None]:
        starts, ids = batch.tokens.starts, batch.tokens.ids
        if not head.lexicon:
            return [None] * (len(starts) - 1)
        terms = self.parts.words.terms
        listed = terms.take(ids, mode="clip") >= 0
        listed &= ids < len(terms)
        profane = np.maximum.reduceat(listed, starts[:-1]).tolist()
        return [
            explaining.severity_of(self.parts.lexicon, terms, ids[starts[i] : starts[i + 1]]) if found else None
            for i, found in enumerate(profane)
        ]

    def _languages(self, batch: Batch) -> list[tuple[str, float]]:
        flags = self.parts.words.languages.take(batch.tokens.ids, axis=0)
        counts = np.add.reduceat(flags, batch.tokens.starts[:-1], axis=0, dtype=np.int64)
        return [
            (None if comment.text.isascii() else by_script(comment.text)) or found
            for comment, found in zip(batch.comments, by_small_words(counts), strict=True)
        ]


class _Head:
    """One head's last layer, calibration and the score from which a span is worth showing."""

    def __init__(self, head: Head, manifest: Manifest, tables: Tables) -> None:
        described = manifest.head(head.name)
        self.head = head
        self._layer = load_layer(head, tables, manifest)
        self._calibration = described.calibration
        points = {point.name: point.threshold for point in described.operating_points}
        self.cut = float(points.get(BALANCED) or 0.5)

    def margins(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._layer.margins(matrix)

    def calibrated(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        return probabilities(self._calibration, margins)

    def read(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.calibrated(self.margins(matrix))


def _slices(comments: Sequence[Comment]) -> Iterator[Sequence[Comment]]:
    start = size = 0
    for i, comment in enumerate(comments):
        size += len(comment.text) + len(comment.parent or "")
        if size > SLICE and i > start:
            yield comments[start:i]
            start, size = i, len(comment.text) + len(comment.parent or "")
    if start < len(comments):
        yield comments[start:]
