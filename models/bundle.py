"""Features, heads, calibration and curves as one thing: comments in, scores out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, repeat
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import explain as explaining
from models.artifact import BundleRejected, read_bundle
from models.columns import Batch, pair_columns, read_batch, text_columns, unanswerable
from models.comment import Comment
from models.doubts import Doubt, doubt
from models.encoder import Encoder
from models.heads import HEAD_NAMES, HEADS, Head, Unit
from models.heads import head as head_named
from models.kernel import Kernel, compiled
from models.language import by_script, by_small_words
from models.manifest import Manifest
from models.operating import BALANCED
from models.parts import Parts, Tables, load_layer, load_parts
from models.scores import CommentScores, HeadScore, OperatingPoint, Severity, Span, comment_scores, head_scores
from models.second_tier import SecondTier, load_second_heads, settled
from models.selftest import PROBES, differences, second_differences
from models.words import WordTable

#: Characters scored at a time: more would leave the processor's caches.
SLICE = 32_000


class NoSecondTier(RuntimeError):
    """The bundle was fitted without one."""


class Bundle:
    """Scores comments. Pure CPU, holds the GIL; not for several threads at once."""

    def __init__(self, manifest: Manifest, tables: Tables, selftest: bytes = b"", kernel: Kernel | None = None) -> None:
        self.manifest = manifest
        self.version = manifest.version
        self.parts: Parts = load_parts(tables, kernel)
        self._heads = {one.name: _Head(one, manifest, tables, self.parts.words) for one in HEADS}
        self._second = load_second_heads(manifest.second_tier, tables)
        self._selftest = selftest
        #: Null until it is turned on.
        self.second_tier: SecondTier | None = None
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
            bundle = cls(loaded.manifest, loaded.tables, loaded.selftest, compiled())
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise BundleRejected(("checksums",), f"its tables do not fit this code: {error!r}") from error
        bundle.check_kernel()
        return bundle

    def turn_on(self, *, threads: int = 1) -> None:
        """Let the second tier look again: thresholds are then those of both tiers together. Opens the encoder.

        :raises NoSecondTier: the bundle has none.
        :raises EncoderMissing: the encoder is not installed, or not the one that it was fitted with.
        """
        described = self.manifest.second_tier
        if described is None:
            raise NoSecondTier(
                f"bundle {self.version} has no second tier; run `make transformer`, then fit one that has"
            )
        self.second_tier = SecondTier(self._second, Encoder(threads=threads, expected=described.encoder).encode)
        both = {one.head.name: {point.name: point for point in one.head.operating_points} for one in described.heads}
        self.operating_points = {**self.operating_points, **both}

    def check_kernel(self) -> None:
        """Leave the kernel unused if it does not score as NumPy does on this machine, to the last bit."""
        reader = self.parts.reader
        if reader.kernel is None:
            return
        kernel, reader.kernel = reader.kernel, None
        expected = self._probed()
        reader.kernel = kernel
        try:
            found: object = self._probed()
        except (AttributeError, TypeError, ValueError) as error:  # compiled from other code than this
            found = error
        if found != expected:
            reader.kernel = None
        self.parts.forget()

    def selftest(self) -> None:
        """Score the bundle's own texts again.

        :raises BundleRejected: a score is not what it was when the bundle was made.
        """
        try:
            found = differences(self._selftest, self.first_scores)
            if self.second_tier is not None and self.manifest.second_tier is not None:
                found += second_differences(self.manifest.second_tier.selftest, self.second_scores)
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
        answers = self.first_scores(comments, heads=heads, explain=explain)
        if self.second_tier is None:
            return answers
        return [
            self.looked_again(first, self.doubts(comment, first))
            for comment, first in zip(comments, answers, strict=True)
        ]

    def doubts(self, comment: Comment, first: CommentScores) -> tuple[Doubt, ...]:
        """What of a comment with the first tier's scores the second is to look at again; nothing where it is off."""
        bands = {} if self.second_tier is None else self.second_tier.bands
        asked = [name for name, (low, high) in bands.items() if low <= _score(first, name) < high]
        return self._doubts(comment, first, asked) if asked else ()

    def looked_again(self, first: CommentScores, doubts: Sequence[Doubt]) -> CommentScores:
        """The first tier's scores, with the second's where it was asked. Slow; may be called from another thread, for
        one comment at a time."""
        if self.second_tier is None or not doubts:
            return first
        return settled(first, self.second_tier.scores(doubts))

    def second_scores(self, comment: Comment) -> dict[str, float]:
        """What the second tier says of a comment by itself, whether or not it would be asked."""
        first, tier = self.first_scores([comment])[0], self.second_tier
        answered = [name for name in (tier.bands if tier else ()) if first.heads[name].score is not None]
        return tier.scores(self._doubts(comment, first, answered)) if tier else {}

    def _doubts(self, comment: Comment, first: CommentScores, names: Sequence[str]) -> tuple[Doubt, ...]:
        heads = [self._heads[name] for name in names]
        return tuple(doubt(self.parts, one.head, comment, _score(first, one.head.name), one.weights) for one in heads)

    def first_scores(
        self, comments: Sequence[Comment], *, heads: Sequence[str] = HEAD_NAMES, explain: bool = False
    ) -> list[CommentScores]:
        """As ``score``, by the first tier alone."""
        asked = [self._heads[name] for name in heads]
        answers: list[CommentScores] = []
        for some in _slices(comments):
            batch = read_batch(self.parts, some)
            by_head = [self._answers(one, batch, explain) for one in asked]
            answers += comment_scores(heads, by_head, *_languages(batch, self.parts.reader.kernel))
        return answers

    def profane_words(self, text: str) -> tuple[Span, ...]:
        """The words of a text that are profane by themselves, for masking."""
        profanity = self._heads["profanity"]
        self.parts.reader.read([text])
        self.parts.words.update()
        return explaining.word_spans(self.parts, head_named("profanity"), text, 0.0, profanity.cut, profanity.read)

    def _probed(self) -> list[CommentScores]:
        self.parts.forget()
        return self.first_scores(PROBES)

    def _answers(self, one: _Head, batch: Batch, explain: bool) -> list[HeadScore]:
        if one.head.unit is Unit.PAIR:
            return self._pair_answers(one, batch, explain)
        features = text_columns(self.parts, one.head, batch)
        scores = one.scores(features.matrix, features.segments.first).tolist()
        spans = self._spans(one, batch, scores) if explain else repeat(None)
        severities = self._severities(batch) if one.head.lexicon else repeat(None)
        return head_scores(scores, spans=spans, severities=severities)

    def _pair_answers(self, one: _Head, batch: Batch, explain: bool) -> list[HeadScore]:
        reasons = unanswerable(batch)
        if None not in reasons:
            return head_scores([None] * len(reasons), reasons)
        matrix, comments = pair_columns(self.parts, batch)
        scores = one.scores(matrix, self.parts.scorer.cut(batch.tokens, Unit.PAIR).first).tolist()
        answered = [score if reason is None else None for score, reason in zip(scores, reasons, strict=True)]
        nearest = [
            explaining.nearest(batch, comments, i) if explain and reason is None else None
            for i, reason in enumerate(reasons)
        ]
        return head_scores(answered, reasons, nearest=nearest)

    def _spans(self, one: _Head, batch: Batch, scores: Sequence[float]) -> list[tuple[Span, ...]]:
        if one.head.unit is Unit.SENTENCE:
            return explaining.sentence_spans(self.parts, one.head, batch, one.cut, one.read)
        return [
            explaining.word_spans(self.parts, one.head, comment.text, score, one.cut, one.read)
            for comment, score in zip(batch.comments, scores, strict=True)
        ]

    def _severities(self, batch: Batch) -> list[Severity | None]:
        severities: list[Severity | None] = [None] * len(batch.comments)
        listed = self.parts.scorer.listed(batch.tokens)
        if len(listed):
            owners = (batch.tokens.starts.searchsorted(listed, side="right") - 1).tolist()
            for i, found in groupby(zip(owners, batch.tokens.ids[listed].tolist(), strict=True), itemgetter(0)):
                severities[i] = explaining.severity_of(self.parts.words, [number for _, number in found])
        return severities


class _Head:
    """One head's last layer, calibration and the score from which a span is worth showing."""

    def __init__(self, head: Head, manifest: Manifest, tables: Tables, words: WordTable) -> None:
        described = manifest.head(head.name)
        self.head = head
        self._layer = load_layer(head, tables, manifest)
        self.weights = self._layer.weights
        self._intercept = np.array([self._layer.intercept])
        self._words = words
        self._knots = np.array(described.calibration.margins), np.array(described.calibration.probabilities)
        points = {point.name: point.threshold for point in described.operating_points}
        self.cut = float(points.get(BALANCED) or 0.5)

    def scores(self, matrix: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
        """Each text's strongest row's; ``first`` says where each text's rows begin."""
        if self._words.kernel is not None:
            return self._words.kernel.scores(matrix, (self._layer.weights, self._intercept), first, self._knots)
        strongest = np.maximum.reduceat(self._layer.margins(matrix), first)
        scores: NDArray[np.float64] = np.interp(strongest, *self._knots)
        return scores

    def read(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Each row's score by itself."""
        return self.scores(matrix, np.arange(len(matrix)))


def _score(scores: CommentScores, name: str) -> float:
    """−1 where the head was not asked, or has no answer."""
    answer = scores.heads.get(name)
    return -1.0 if answer is None or answer.score is None else answer.score


def _languages(batch: Batch, kernel: Kernel | None) -> tuple[list[str], list[float]]:
    languages, sure = by_small_words(batch.counts, kernel)
    for i, comment in enumerate(batch.comments):
        if not comment.text.isascii() and (found := by_script(comment.text)) is not None:
            languages[i], sure[i] = found
    return languages, sure


def _slices(comments: Sequence[Comment]) -> Iterator[Sequence[Comment]]:
    start = size = 0
    for i, comment in enumerate(comments):
        size += len(comment.text) + len(comment.parent or "")
        if size > SLICE and i > start:
            yield comments[start:i]
            start, size = i, len(comment.text) + len(comment.parent or "")
    if start < len(comments):
        yield comments[start:]
