"""What answers hold: typed dictionaries, so that they cost nothing to build and OpenAPI can still be made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, NotRequired, TypedDict, final

from msgspec import Meta

from models.scores import HeadScore, Nearest, Severity, Span, Why
from service.domain import (
    ARTICLE_UNKNOWN,
    STORE_UNAVAILABLE,
    Action,
    Assessment,
    Ground,
    Reason,
    SiteReason,
    Submission,
)

Offset = Annotated[int, Meta(ge=0, description="In code points of the text as sent.")]
WhyNot = Annotated[str, Meta(extra_json_schema={"enum": [*Why, ARTICLE_UNKNOWN, STORE_UNAVAILABLE]})]


class SpanOut(TypedDict):
    """A stretch of the comment that moved the score; ``end`` is exclusive."""

    start: Offset
    end: Offset
    score: float
    reads_as: NotRequired[Annotated[str, Meta(description="The word that an obfuscated spelling stands for.")]]
    severity: NotRequired[Severity]


class NearestOut(TypedDict):
    """The paragraph of the article that the comment comes closest to; offsets in its body."""

    start: Offset
    end: Offset
    similarity: Annotated[float, Meta(ge=-1, le=1)]


class HeadOut(TypedDict):
    """One head's calibrated probability, or null with the reason."""

    score: Annotated[float, Meta(ge=0, le=1)] | None
    why: NotRequired[WhyNot]
    severity: NotRequired[Annotated[Severity, Meta(description="The strongest found.")]]
    spans: NotRequired[list[SpanOut]]
    nearest: NotRequired[NearestOut]
    second_tier: NotRequired[Annotated[Literal[True], Meta(description="The score is the second tier's.")]]


class ReasonOut(TypedDict):
    """A head that reached a threshold (the first four), or a rule of the site's own (the others)."""

    head: NotRequired[str]
    score: NotRequired[float]
    threshold: NotRequired[float]
    operating_point: NotRequired[Annotated[str, Meta(description="`explicit` where the policy names the threshold.")]]
    rule: NotRequired[Ground]
    term: NotRequired[Annotated[str, Meta(description="As the site's list has it; gone once the text is erased.")]]
    start: NotRequired[Offset]
    end: NotRequired[Offset]


class DecisionOut(TypedDict):
    """What the site's policy does with the comment, and why."""

    action: Action
    reasons: list[ReasonOut]
    policy: str


class LanguageOut(TypedDict):
    """The comment's language: as the sender said (confidence 1), else as it seems (``und``: no telling)."""

    code: str
    confidence: Annotated[float, Meta(ge=0, le=1)]


@final
class ScoreOut(TypedDict):
    """One comment's scores, by head, and what follows from them."""

    scores: dict[str, HeadOut]
    decision: DecisionOut
    language: LanguageOut
    bundle: str


def score_answer(submission: Submission, assessment: Assessment) -> ScoreOut:
    """In the order the heads were asked in."""
    scored = assessment.scores.heads
    decision = assessment.decision
    return {
        "scores": {
            head: {"score": None, "why": assessment.withheld[head]}
            if head in assessment.withheld
            else _head(scored[head])
            for head in submission.heads
        },
        "decision": {
            "action": decision.action,
            "reasons": [_reason(why) for why in decision.reasons],
            "policy": decision.policy,
        },
        "language": _language(submission, assessment),
        "bundle": assessment.bundle,
    }


def _reason(why: Reason | SiteReason) -> ReasonOut:
    if isinstance(why, Reason):
        return {
            "head": why.head,
            "score": why.score,
            "threshold": why.threshold,
            "operating_point": why.operating_point,
        }
    answer: ReasonOut = {"rule": why.rule}
    if why.term is not None:
        answer["term"] = why.term
    if why.start is not None and why.end is not None:
        answer["start"], answer["end"] = why.start, why.end
    return answer


def _head(head: HeadScore) -> HeadOut:
    answer: HeadOut = {"score": head.score}
    if head.why is not None:
        answer["why"] = head.why.value
    if head.severity is not None:
        answer["severity"] = head.severity
    if head.spans is not None:
        answer["spans"] = _spans(head.spans)
    if head.nearest is not None:
        answer["nearest"] = _nearest(head.nearest)
    if head.second_tier:
        answer["second_tier"] = True
    return answer


def _spans(spans: Sequence[Span]) -> list[SpanOut]:
    answer: list[SpanOut] = []
    for span in spans:
        one: SpanOut = {"start": span.start, "end": span.end, "score": span.score}
        if span.reads_as is not None:
            one["reads_as"] = span.reads_as
        if span.severity is not None:
            one["severity"] = span.severity
        answer.append(one)
    return answer


def _nearest(nearest: Nearest) -> NearestOut:
    return {"start": nearest.start, "end": nearest.end, "similarity": nearest.similarity}


def _language(submission: Submission, assessment: Assessment) -> LanguageOut:
    if submission.lang is not None:
        return {"code": submission.lang, "confidence": 1.0}
    return {"code": assessment.scores.language, "confidence": assessment.scores.language_confidence}
