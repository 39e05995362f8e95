"""The live bundle: loaded, self-tested, and only then ready."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

from models.artifact import BundleRejected
from models.bundle import Bundle, NoSecondTier
from models.comment import Article, Comment
from models.encoder import EncoderMissing
from models.scores import CommentScores
from service.domain import Question, Scored
from service.errors import BundleRefused, NotReady
from service.telemetry import Metrics

EXPLAINED: Final = 10
"""How many times the work a text is when its spans are shown too."""
READ_ARTICLES: Final = 256
"""Articles that count as read: the bundle remembers at least as many of the longest."""


def open_bundle(directory: Path, *, second_tier: bool = False) -> Bundle:
    """The bundle, checked and with its self-test re-scored; slow I/O and heavy CPU.

    Raises:
        BundleRefused: with what was checked and why, or with what the second tier lacks.
    """
    try:
        bundle = Bundle.load(directory)
        if second_tier:
            bundle.turn_on()
        bundle.selftest()
    except BundleRejected as error:
        raise BundleRefused(f"the bundle in {directory} is refused: {error}") from error
    except (EncoderMissing, NoSecondTier) as error:
        raise BundleRefused(f"the second tier cannot be turned on: {error}") from error
    return bundle


class Engine:
    """Holds one bundle and answers questions with it. Not ready before ``load`` and after ``close``."""

    def __init__(self, directory: Path, metrics: Metrics, *, second_tier: bool = False) -> None:
        self._directory = directory
        self._second_tier = second_tier
        self._metrics = metrics
        self._live: Bundle | None = None
        #: Hashes of the articles read last, the newest at the end.
        self._read: OrderedDict[int, None] = OrderedDict()

    def load(self) -> None:
        """Make the bundle in the directory the live one, as ``open_bundle`` does. Loaded already: nothing happens."""
        if self._live is None:
            self._live = open_bundle(self._directory, second_tier=self._second_tier)

    def close(self) -> None:
        """Score no more."""
        self._live = None

    @property
    def live(self) -> Bundle:
        """The bundle in use. Read it once per answer. Raises ``NotReady``."""
        if self._live is None:
            raise NotReady
        return self._live

    def weigh(self, question: Question, last: Question | None) -> int:
        """The characters to be read for a question in a batch that ends with ``last``: an article is read only once."""
        comment = question.comment
        count = len(comment.text) * (EXPLAINED if question.explain else 1) + len(comment.parent or "")
        article = comment.article
        if article is None or (last is not None and article == last.comment.article) or hash(article) in self._read:
            return count
        return count + len(article.title or "") + len(article.body or "")

    def answer(self, questions: Sequence[Question]) -> list[Scored]:
        """Heavy CPU, in the event loop: the batcher hands over at most 32,000 characters at a time."""
        bundle = self.live
        answers: list[Scored] = []
        for (heads, explain), group in groupby(questions, key=lambda asked: (asked.heads, asked.explain)):
            comments = [question.comment for question in group]
            scores = bundle.first_scores(comments, heads=heads, explain=explain)
            if bundle.second_tier is None:
                answers += [Scored(one, bundle.version, bundle.operating_points) for one in scores]
            else:
                answers += [_doubted(bundle, *pair) for pair in zip(comments, scores, strict=True)]
            self._metrics.count_scored(heads, len(comments))
            self._remember(comment.article for comment in comments)
        return answers

    def _remember(self, articles: Iterable[Article | None]) -> None:
        last = None
        for article in articles:
            if article is not None and article is not last:
                last, key = article, hash(article)
                self._read[key] = None
                self._read.move_to_end(key)
        while len(self._read) > READ_ARTICLES:
            self._read.popitem(last=False)


def _doubted(bundle: Bundle, comment: Comment, scores: CommentScores) -> Scored:
    """The answer of a bundle whose second tier is on."""
    doubts = bundle.doubts(comment, scores)
    look_again = partial(bundle.looked_again, scores, doubts) if doubts else None
    return Scored(scores, bundle.version, bundle.operating_points, look_again)
