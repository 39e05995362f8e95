"""What is known of a comment → whether it waits for a person, and where in the queue. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.scores import CommentScores
from service.domain import CONTEXT_HEADS, Action, Decision, Ground, Reason, SiteReason
from service.reports import evidence
from service.review_domain import Cause, Placement

UNKNOWN: Final = 0.1
"""How likely a report is taken to be right by itself where no head has a score for its reason."""
_URGENCY: Final[Mapping[Action, float]] = {
    # What stands there for all to see comes before what is hidden and waits.
    Action.ALLOW: 1.0,
    Action.LABEL: 1.0,
    Action.HOLD: 0.8,
    Action.REJECT: 0.5,
}
_LABEL_FACTOR: Final = 0.5
_AT_LEAST: Final[Mapping[Cause, float]] = {Cause.APPEAL: 0.8, Cause.ESCALATION: 0.9}
_RULED: Final = 0.6
"""At least so high stands what a rule of the site's own holds: its scores say nothing of that."""
_MIXED_IN: Final = frozenset({Cause.SAMPLE, Cause.SECOND})
"""These stand among the others wherever chance puts them; else a long queue would never come to them."""
_DRIFT_SHARE: Final = 0.05
"""What the off-topic score moves a comment by, whatever it waits for: that is all it does by default."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one revision of a comment stands."""

    decision: Decision
    scores: Mapping[str, float]
    #: Reason → the weights of its open reports.
    reports: Mapping[str, Sequence[float]] = field(default_factory=dict)
    has_appeal: bool = False
    #: Who passed it on.
    escalated_by: str | None = None
    #: Whose opinion wants another.
    first_opinion_by: str | None = None
    #: 0 to 1, the same for a comment every time.
    chance: float = 0.0


def placed(standing: Standing, least_evidence: float = 0.0) -> Placement | None:
    """Its place; null where nobody needs to look. Reports that weigh less than ``least_evidence`` do not queue it."""
    cause = next(iter(causes(standing, least_evidence)), None)
    if cause is None:
        return None
    weighed = {reason: evidence(weights) for reason, weights in standing.reports.items()}
    asking, likely = _likely(standing, weighed)
    head = max(likely, key=likely.__getitem__, default=None)
    agreement = 0.0 if head is None else likely[head]
    if head not in asking:
        head = None
    drift = max((score for name, score in standing.scores.items() if name in CONTEXT_HEADS), default=0.0)
    return Placement(
        cause=cause,
        head=head,
        score=None if head is None else standing.scores.get(head),
        priority=_urgency(standing, cause, agreement) * (1 - _DRIFT_SHARE) + drift * _DRIFT_SHARE,
        uncertainty=1 - abs(2 * agreement - 1),
        reports=sum(map(len, standing.reports.values())),
        # Who passed it on is not asked again, whatever else it waits for.
        not_for=standing.escalated_by or (standing.first_opinion_by if cause is Cause.SECOND else None),
    )


def causes(standing: Standing, least_evidence: float = 0.0) -> list[Cause]:
    """All that it waits for, what counts first."""
    grounds = {reason.rule for reason in standing.decision.reasons if isinstance(reason, SiteReason)}
    by_machine = Ground.REVIEW not in grounds
    action = standing.decision.action
    holds = {
        Cause.APPEAL: standing.has_appeal,
        Cause.ESCALATION: standing.escalated_by is not None,
        Cause.HOLD: by_machine and action is Action.HOLD,
        Cause.REPORT: max(map(evidence, standing.reports.values()), default=-1.0) >= least_evidence,
        Cause.LABEL: by_machine and action is Action.LABEL,
        Cause.SAMPLE: by_machine and Ground.SAMPLE in grounds,
        Cause.SECOND: standing.first_opinion_by is not None,
    }
    return [cause for cause in Cause if holds[cause]]


def chance_of(site: str, comment_id: str) -> float:
    """Where chance puts a comment, 0 to 1: by its id alone, so the same every time."""
    return int.from_bytes(hashlib.sha256(f"{site}\0{comment_id}\0place".encode()).digest()[:6]) / 2**48


def scores_of(scores: CommentScores) -> dict[str, float]:
    """Head → score, without the heads that have none."""
    return {head: answer.score for head, answer in scores.heads.items() if answer.score is not None}


def _urgency(standing: Standing, cause: Cause, agreement: float) -> float:
    if cause in _MIXED_IN:
        return standing.chance * _URGENCY[Action.HOLD]
    urgent = agreement * _URGENCY[standing.decision.action] * (_LABEL_FACTOR if cause is Cause.LABEL else 1.0)
    is_ruled = cause is Cause.HOLD and any(isinstance(why, SiteReason) for why in standing.decision.reasons)
    return max(urgent, _RULED if is_ruled else _AT_LEAST.get(cause, 0.0))


def _likely(standing: Standing, weighed: Mapping[str, float]) -> tuple[set[str], dict[str, float]]:
    """Who asks for a person; reason → how likely one agrees with it: either the model is right or the readers are."""
    asking = {reason.head for reason in standing.decision.reasons if isinstance(reason, Reason)} | weighed.keys()
    # Where nothing asks (a sample, a new author, an appeal), whatever scores highest.
    asked = asking or standing.scores.keys() - CONTEXT_HEADS or standing.scores.keys()
    return asking, {
        reason: 1 - (1 - standing.scores.get(reason, UNKNOWN)) * (1 - weighed.get(reason, 0.0))
        for reason in sorted(asked)
    }
