"""Scores and operating points → decision with reasons. Pure: no clock, no store, no settings."""

from __future__ import annotations

from dataclasses import dataclass

from models.scores import CommentScores, HeadScore, Severity
from service.domain import Action, Decision, OperatingPoints, Reason

_RANK = {action: rank for rank, action in enumerate(Action)}


@dataclass(frozen=True, slots=True)
class Rule:
    """At or above that operating point the head asks for that action, unless all it found is of a spared severity."""

    head: str
    operating_point: str
    action: Action
    spared: frozenset[Severity] = frozenset()

    def reason(self, answer: HeadScore | None, points: OperatingPoints) -> Reason | None:
        """Why this rule acts on the head's answer, or null if it does not. A point without a threshold never acts."""
        point = points.get(self.head, {}).get(self.operating_point)
        if answer is None or answer.score is None or point is None or point.threshold is None:
            return None
        if answer.severity in self.spared or answer.score < point.threshold:
            return None
        return Reason(self.head, answer.score, point.threshold, self.operating_point)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site does with scores. Off-topic is for sorting until a site says otherwise: no rule, no action."""

    name: str
    rules: tuple[Rule, ...]

    def decide(self, scores: CommentScores, points: OperatingPoints) -> Decision:
        """The strongest action asked for, and every reason, in the order of the rules."""
        found = [(rule.action, rule.reason(scores.heads.get(rule.head), points)) for rule in self.rules]
        acting = [(action, reason) for action, reason in found if reason is not None]
        action = max((action for action, _ in acting), key=_RANK.__getitem__, default=Action.ALLOW)
        return Decision(action, tuple(reason for _, reason in acting), self.name)


DEFAULT = Policy(
    "default@1",
    (
        # A mild word is scored and shown, never held: most sites live with "damn".
        Rule("profanity", "precision>=0.9", Action.HOLD, spared=frozenset({Severity.MILD})),
        Rule("spoiler", "precision>=0.7", Action.LABEL),
    ),
)
"""The built-in policy. It never rejects: a person does."""
