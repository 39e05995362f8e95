"""Scores, operating points and a site's rules → decision with reasons. Pure: no clock, no store, no settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from models.scores import CommentScores, HeadScore, Severity
from service.domain import Action, Decision, FoundTerm, Ground, OperatingPoints, Reason, SiteReason

EXPLICIT: Final = "explicit"
"""What stands for the operating point where a rule names its own threshold."""
BUILT_IN: Final = 1
"""The version of every site's policy before the site has one of its own."""

_RANK = {action: rank for rank, action in enumerate(Action)}


@dataclass(frozen=True, slots=True)
class Rule:
    """At or above that operating point the head asks for that action, unless all it found is of a spared severity."""

    head: str
    operating_point: str
    action: Action
    spared: frozenset[Severity] = frozenset()
    #: Of an explicit rule; otherwise the operating point has it.
    threshold: float | None = None

    def reason(self, answer: HeadScore | None, points: OperatingPoints) -> Reason | None:
        """Why this rule acts on the head's answer, or null if it does not. A point without a threshold never acts."""
        threshold = self.threshold
        if threshold is None:
            point = points.get(self.head, {}).get(self.operating_point)
            threshold = None if point is None else point.threshold
        if answer is None or answer.score is None or threshold is None:
            return None
        if answer.severity in self.spared or answer.score < threshold:
            return None
        return Reason(self.head, answer.score, threshold, self.operating_point)


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a comment beside its scores. A comment that is only scored has no id and no author."""

    site: str | None = None
    comment_id: str | None = None
    author_id: str | None = None
    #: How many comments of its author stand on the site, as far as it matters; null: not asked.
    standing: int | None = None
    blocked: tuple[FoundTerm, ...] = ()
    #: What the scores leave out.
    allowed: tuple[FoundTerm, ...] = ()


_NOTHING_KNOWN: Final = Case()


@dataclass(frozen=True, slots=True)
class Policy:
    """What a site does with scores. Off-topic is for sorting until a site says otherwise: no rule, no action."""

    name: str
    rules: tuple[Rule, ...]
    blocked_terms: tuple[str, ...] = ()
    blocked_terms_action: Action = Action.HOLD
    allowed_terms: tuple[str, ...] = ()
    exempt_authors: frozenset[str] = frozenset()
    #: An author's comments are held until so many of them stand.
    hold_new_authors: int = 0
    #: Share of the comments with no reason to act that a person is to look at all the same.
    sample_rate: float = 0.0

    def decide(self, scores: CommentScores, points: OperatingPoints, case: Case = _NOTHING_KNOWN) -> Decision:
        """The strongest action asked for, and every reason: the heads' in the order of the rules, then the site's."""
        if case.author_id is not None and case.author_id in self.exempt_authors:
            return Decision(Action.ALLOW, (SiteReason(Ground.EXEMPT_AUTHOR),), self.name)
        acting: list[tuple[Action, Reason | SiteReason]] = []
        for rule in self.rules:
            reason = rule.reason(scores.heads.get(rule.head), points)
            if reason is not None:
                acting.append((rule.action, reason))
        acting += self._asked_by_site(case)
        action = max((action for action, _ in acting), key=_RANK.__getitem__, default=Action.ALLOW)
        if action is Action.ALLOW and self._draws(case):
            acting.append((Action.ALLOW, SiteReason(Ground.SAMPLE)))
        return Decision(action, tuple(reason for _, reason in acting), self.name)

    def _asked_by_site(self, case: Case) -> list[tuple[Action, Reason | SiteReason]]:
        asked: list[tuple[Action, Reason | SiteReason]] = [
            (self.blocked_terms_action, _told(Ground.BLOCKED_TERM, found)) for found in case.blocked
        ]
        if case.standing is not None and case.standing < self.hold_new_authors:
            asked.append((Action.HOLD, SiteReason(Ground.NEW_AUTHOR)))
        return [*asked, *((Action.ALLOW, _told(Ground.ALLOWED_TERM, found)) for found in case.allowed)]

    def _draws(self, case: Case) -> bool:
        """Whether the comment is in the sample: its id alone decides, so a retry or an edit draws the same."""
        if self.sample_rate <= 0 or case.comment_id is None:
            return False
        drawn = hashlib.sha256(f"{case.site}\0{case.comment_id}".encode()).digest()
        return int.from_bytes(drawn[:8]) < self.sample_rate * 2**64


DEFAULT = Policy(
    f"default@{BUILT_IN}",
    (
        # A mild word is scored and shown, never held: most sites live with "damn".
        Rule("profanity", "precision>=0.9", Action.HOLD, spared=frozenset({Severity.MILD})),
        Rule("spoiler", "precision>=0.7", Action.LABEL),
    ),
)
"""The built-in policy. It never rejects: a person does."""


def content_of(policy: Policy) -> dict[str, Any]:
    """All but the name, as plain JSON, the same for equal policies."""
    content = {field.name: getattr(policy, field.name) for field in fields(policy) if field.name != "name"}
    return {
        **content,
        "rules": [_rule_content(rule) for rule in policy.rules],
        "blocked_terms": list(policy.blocked_terms),
        "blocked_terms_action": policy.blocked_terms_action.value,
        "allowed_terms": list(policy.allowed_terms),
        "exempt_authors": sorted(policy.exempt_authors),
    }


def policy_from(name: str, content: Mapping[str, Any]) -> Policy:
    """The other side of ``content_of``."""
    return Policy(
        name,
        tuple(map(_rule, content["rules"])),
        tuple(content["blocked_terms"]),
        Action(content["blocked_terms_action"]),
        tuple(content["allowed_terms"]),
        frozenset(content["exempt_authors"]),
        content["hold_new_authors"],
        content["sample_rate"],
    )


def _rule_content(rule: Rule) -> dict[str, Any]:
    return {
        "head": rule.head,
        "action": rule.action.value,
        "operating_point": rule.operating_point,
        "threshold": rule.threshold,
        "spared": sorted(severity.value for severity in rule.spared),
    }


def _rule(content: Mapping[str, Any]) -> Rule:
    return Rule(
        content["head"],
        content["operating_point"],
        Action(content["action"]),
        frozenset(map(Severity, content["spared"])),
        content["threshold"],
    )


def _told(ground: Ground, found: FoundTerm) -> SiteReason:
    return SiteReason(ground, found.term, found.start, found.end)
