"""THE PATH of one comment, from what was sent to what is answered."""

from __future__ import annotations

from collections.abc import Sequence

from service.domain import ARTICLE_UNKNOWN, CONTEXT_HEADS, Assessment, Question, Scored, Submission
from service.policy import Policy
from service.scoring.batcher import Batcher


class Moderation:
    """Scores and decides. Nothing is stored and nothing is logged: a scored comment leaves no trace."""

    def __init__(self, batcher: Batcher[Question, Scored], policy: Policy) -> None:
        self._batcher = batcher
        self._policy = policy

    async def assess(self, submission: Submission) -> Assessment:
        """One comment. Raises ``Overloaded`` or ``NotReady``."""
        withheld = _withheld(submission)  # 2 check (µs)
        scored = await self._batcher.submit(_question(submission, withheld))  # 3-5 batch, features, heads (heavy CPU)
        return self._decide(withheld, scored)  # 6 decide (µs)

    async def assess_all(self, submissions: Sequence[Submission]) -> list[Assessment | BaseException]:
        """Many comments, in order, each as ``assess`` would, waiting for room; one that fails is its exception."""
        withheld = [_withheld(submission) for submission in submissions]
        answers = await self._batcher.submit_all(map(_question, submissions, withheld))
        return [
            answer if isinstance(answer, BaseException) else self._decide(without, answer)
            for without, answer in zip(withheld, answers, strict=True)
        ]

    def refuse_if_full(self) -> None:
        """Raise ``Overloaded`` where ``assess`` would."""
        self._batcher.refuse_if_full()

    def _decide(self, withheld: dict[str, str], scored: Scored) -> Assessment:
        decision = self._policy.decide(scored.scores, scored.operating_points)
        return Assessment(scored.scores, withheld, decision, scored.bundle)


def _withheld(submission: Submission) -> dict[str, str]:
    """No article is registered yet, so one that is only named is unknown: the heads that need it are not asked."""
    if submission.article_id is None:
        return {}
    return dict.fromkeys((head for head in submission.heads if head in CONTEXT_HEADS), ARTICLE_UNKNOWN)


def _question(submission: Submission, withheld: dict[str, str]) -> Question:
    heads = tuple(head for head in submission.heads if head not in withheld)
    return Question(submission.comment, heads, submission.explain)
