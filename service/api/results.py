"""Many comments' answers, where each fails alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypedDict, final

from service.api.answers import ScoreOut, score_answer
from service.api.errors import ProblemOut, kind_of, problem
from service.domain import Assessment, Submission
from service.errors import ServiceError
from service.moderation import Moderation
from service.telemetry import Metrics

log = logging.getLogger("verger.scoring")


@final
class ErrorOut(TypedDict):
    """In place of an answer, for a comment that could not be scored; the others do not care."""

    error: ProblemOut


class Results:
    """Scores what can be scored, and gives a problem for what cannot."""

    def __init__(self, moderation: Moderation, metrics: Metrics) -> None:
        self._moderation = moderation
        self._metrics = metrics

    def refuse_if_full(self) -> None:
        """Raise ``Overloaded`` if too much is waiting to begin with this."""
        self._moderation.refuse_if_full()

    async def of(self, comments: Sequence[Submission | ServiceError], request_id: str) -> list[ScoreOut | ErrorOut]:
        """One result for each, in order."""
        submissions = [comment for comment in comments if isinstance(comment, Submission)]
        assessments = iter(await self._moderation.assess_all(submissions))
        return [
            self._scored(comment, next(assessments), request_id)
            if isinstance(comment, Submission)
            else self._refused(comment, request_id)
            for comment in comments
        ]

    def _scored(
        self, submission: Submission, assessment: Assessment | BaseException, request_id: str
    ) -> ScoreOut | ErrorOut:
        if isinstance(assessment, Assessment):
            return score_answer(submission, assessment)
        if not isinstance(assessment, Exception):
            raise assessment
        if not isinstance(assessment, ServiceError):
            log.error("a comment could not be scored", extra={"request_id": request_id}, exc_info=assessment)
        return self._refused(assessment, request_id)

    def _refused(self, error: Exception, request_id: str) -> ErrorOut:
        self._metrics.count_refused(kind_of(error).slug)
        return {"error": problem(error, request_id)}
