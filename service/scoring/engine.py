"""The live bundle: loaded, self-tested, and only then ready."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from models.artifact import BundleRejected
from models.bundle import Bundle
from service.domain import Question, Scored
from service.errors import BundleRefused, NotReady
from service.telemetry import Metrics

EXPLAINED: Final = 10
"""How many times the work a text is when its spans are shown too."""


def open_bundle(directory: Path) -> Bundle:
    """The bundle, checked and with its self-test re-scored; slow I/O and heavy CPU.

    Raises:
        BundleRefused: with what was checked and why.
    """
    try:
        bundle = Bundle.load(directory)
        bundle.selftest()
    except BundleRejected as error:
        raise BundleRefused(f"the bundle in {directory} is refused: {error}") from error
    return bundle


class Engine:
    """Holds one bundle and answers questions with it. Not ready before ``load`` and after ``close``."""

    def __init__(self, directory: Path, metrics: Metrics) -> None:
        self._directory = directory
        self._metrics = metrics
        self._live: Bundle | None = None

    def load(self) -> None:
        """Make the bundle in the directory the live one, as ``open_bundle`` does. Loaded already: nothing happens."""
        if self._live is None:
            self._live = open_bundle(self._directory)

    def close(self) -> None:
        """Score no more."""
        self._live = None

    @property
    def live(self) -> Bundle:
        """The bundle in use. Read it once per answer. Raises ``NotReady``."""
        if self._live is None:
            raise NotReady
        return self._live

    def answer(self, questions: Sequence[Question]) -> list[Scored]:
        """Heavy CPU, in the event loop: the batcher hands over at most 32,000 characters at a time."""
        bundle = self.live
        answers: list[Scored] = []
        for (heads, explain), group in groupby(questions, key=lambda asked: (asked.heads, asked.explain)):
            comments = [question.comment for question in group]
            scores = bundle.score(comments, heads=heads, explain=explain)
            answers += [Scored(one, bundle.version, bundle.operating_points) for one in scores]
            self._metrics.count_scored(heads, len(comments))
        return answers


def characters(question: Question, last: Question | None) -> int:
    """What a question adds to a batch that ends with ``last``: an article that both stand under is read once."""
    comment = question.comment
    count = len(comment.text) * (EXPLAINED if question.explain else 1) + len(comment.parent or "")
    if comment.article is None or (last is not None and comment.article == last.comment.article):
        return count
    return count + len(comment.article.title or "") + len(comment.article.body or "")
