"""The live bundle: loaded, self-tested, and only then ready."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from models.bundle import Bundle
from service.domain import Question, Scored
from service.errors import NotReady
from service.telemetry import Metrics


class Engine:
    """Holds one bundle and answers questions with it. Not ready before ``load`` and after ``close``."""

    def __init__(self, directory: Path, metrics: Metrics) -> None:
        self._directory = directory
        self._metrics = metrics
        self._live: Bundle | None = None

    def load(self) -> None:
        """Read the bundle and re-score its self-test; slow I/O and heavy CPU. Loaded already: nothing happens.

        Raises:
            BundleRejected: with what was checked and why; no bundle is live then.
        """
        if self._live is None:
            bundle = Bundle.load(self._directory)
            bundle.selftest()
            self._live = bundle

    async def start(self) -> None:
        """``load``, away from the event loop."""
        await asyncio.to_thread(self.load)

    def close(self) -> None:
        """Score no more."""
        self._live = None

    @property
    def is_ready(self) -> bool:
        return self._live is not None

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
    count = len(comment.text) + len(comment.parent or "")
    if comment.article is None or (last is not None and comment.article == last.comment.article):
        return count
    return count + len(comment.article.title or "") + len(comment.article.body or "")
