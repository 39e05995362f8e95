"""Why a comment is here, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from service.domain import CONTEXT_HEADS, Reason, SiteReason, StoredComment
from service.priority import scores_of
from service.review.texts import TEXTS, counted, percent
from service.review_domain import Cause, Entry, Report, ReportState

_UNLIKELY: Final = 0.25
_LIKELY: Final = 0.75
_STANDING_SOMEHOW: Final = frozenset({Cause.APPEAL, Cause.ESCALATION, Cause.REPORT})
"""Nothing that these say tells how the comment stands now."""
_LED_BY_REPORTS: Final = frozenset({Cause.REPORT})


def why(entry: Entry, comment: StoredComment, reports: Sequence[Report]) -> list[str]:
    """Sentences, the one that matters most first."""
    said = _of_decision(comment)
    heard = _of_reports(comment, reports)
    first = [getattr(TEXTS.cause_lead, entry.placement.cause.value, "")]
    if entry.placement.cause in _STANDING_SOMEHOW:
        first.append(getattr(TEXTS.stands_now, comment.state.value, ""))
    rest = [*heard, *said] if entry.placement.cause in _LED_BY_REPORTS else [*said, *heard]
    return [sentence for sentence in (*first, *rest) if sentence]


def head_name(head: str) -> str:
    """As a sentence has it; a head that has no name here is called as the bundle calls it."""
    return str(getattr(TEXTS.head, head, head))


def point_name(name: str) -> str:
    """An operating point as a sentence has it."""
    return str(getattr(TEXTS.point, name, name.replace(">=", " ≥ ")))


def in_question(entry: Entry | None, comment: StoredComment, reports: Sequence[Report]) -> list[str]:
    """The heads that the comment waits for, the one that weighs most first."""
    scored = scores_of(comment.assessment.scores)
    asked = [reason.head for reason in comment.assessment.decision.reasons if isinstance(reason, Reason)]
    reported = [one.reason for one in reports if one.state is ReportState.OPEN]
    first = [] if entry is None or entry.placement.head is None else [entry.placement.head]
    if entry is not None and entry.placement.cause is Cause.SAMPLE:
        first = [head for head in scored if head not in CONTEXT_HEADS]
    return [head for head in dict.fromkeys((*first, *asked, *reported)) if head in comment.assessment.scores.heads]


def _of_decision(comment: StoredComment) -> list[str]:
    decision = comment.assessment.decision
    acting = [one for one in decision.reasons if isinstance(one, Reason)]
    said = []
    for reason in acting:
        # Of several rules it is not told which asked for what.
        verb = decision.action.value if len(acting) == 1 else "several"
        said.append(
            getattr(TEXTS.why_head, verb).format(
                head=head_name(reason.head),
                score=percent(reason.score),
                threshold=percent(reason.threshold),
                point=point_name(reason.operating_point),
            )
        )
    grounds = [one for one in decision.reasons if isinstance(one, SiteReason)]
    return said + [getattr(TEXTS.ground, one.rule.value).format(term=one.term or "") for one in grounds]


def _of_reports(comment: StoredComment, reports: Sequence[Report]) -> list[str]:
    open_ones = Counter(one.reason for one in reports if one.state is ReportState.OPEN)
    scored = scores_of(comment.assessment.scores)
    return [_reported(reason, count, scored) for reason, count in open_ones.most_common()]


def _reported(reason: str, count: int, scored: Mapping[str, float]) -> str:
    heard = counted(TEXTS.reported, count, reason=head_name(reason))
    score = scored.get(reason)
    if score is None:
        return f"{heard}."
    thinks = "unlikely" if score < _UNLIKELY else "likely" if score > _LIKELY else "unsure"
    return f"{heard}{getattr(TEXTS.model_thinks, thinks).format(score=percent(score))}"
