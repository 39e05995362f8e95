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
        if answer is None or answer.score is None or answer.severity in self.spared:
            return None
        threshold = self.threshold
        if threshold is None:
            point = points.get(self.head, {}).get(self.operating_point)
            threshold = None if point is None else point.threshold
        if threshold is None or answer.score < threshold:
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
    #: A person rejected the text that this one replaces.
    rejected_before: bool = False


NOTHING_KNOWN: Final = Case()
"""Of a comment that is only scored."""


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
    #: What readers' reports of a comment have to weigh together, 0 to 1, before a person is asked.
    report_weight: float = 0.0
    #: Share of the reviewed comments that somebody else is to judge too, to see how well reviewers agree.
    second_opinion_rate: float = 0.0
    #: After so many reviews a reviewer is shown a comment whose right answer is known; 0 for never.
    golden_every: int = 0

    def decide(self, scores: CommentScores, points: OperatingPoints, case: Case = NOTHING_KNOWN) -> Decision:
        """The strongest action asked for, and every reason: the heads' in the order of the rules, then the site's."""
        if case.author_id is not None and case.author_id in self.exempt_authors:
            return Decision(Action.ALLOW, (SiteReason(Ground.EXEMPT_AUTHOR),), self.name)
        acting: list[tuple[Action, Reason | SiteReason]] = []
        for rule in self.rules:
            reason = rule.reason(scores.heads.get(rule.head), points)
            if reason is not None:
                acting.append((rule.action, reason))
        if case is not NOTHING_KNOWN:
            acting += self._asked_by_site(case)
        action = max([action for action, _ in acting], key=_RANK.__getitem__) if acting else Action.ALLOW
        if action is Action.ALLOW and self._draws(case):
            acting.append((Action.ALLOW, SiteReason(Ground.SAMPLE)))
        return Decision(action, tuple([reason for _, reason in acting]), self.name)

    def _asked_by_site(self, case: Case) -> list[tuple[Action, Reason | SiteReason]]:
        asked: list[tuple[Action, Reason | SiteReason]] = [
            (self.blocked_terms_action, _told(Ground.BLOCKED_TERM, found)) for found in case.blocked
        ]
        if case.standing is not None and case.standing < self.hold_new_authors:
            asked.append((Action.HOLD, SiteReason(Ground.NEW_AUTHOR)))
        if case.rejected_before:
            # Else a changed comma would bring back what a person took away.
            asked.append((Action.HOLD, SiteReason(Ground.REJECTED_BEFORE)))
        return [*asked, *((Action.ALLOW, _told(Ground.ALLOWED_TERM, found)) for found in case.allowed)]

    def _draws(self, case: Case) -> bool:
        """Whether the comment is in the sample: its id alone decides, so a retry or an edit draws the same."""
        return case.comment_id is not None and _drawn(self.sample_rate, case.site, case.comment_id)

    def wants_second(self, site: str, comment_id: str) -> bool:
        """Whether the comment, once reviewed, is to be judged by somebody else too."""
        return _drawn(self.second_opinion_rate, site, comment_id, "second")


DEFAULT = Policy(
    f"default@{BUILT_IN}",
    (
        # A mild word is scored and shown, never held: most sites live with "damn".
        Rule("profanity", "precision>=0.9", Action.HOLD, spared=frozenset({Severity.MILD})),
        Rule("spoiler", "precision>=0.7", Action.LABEL),
    ),
)
"""The built-in policy. It never rejects: a person does."""


def _drawn(rate: float, *identity: str | None) -> bool:
    drawn = hashlib.sha256("\0".join(map(str, identity)).encode()).digest()
    return rate > 0 and int.from_bytes(drawn[:8]) < rate * 2**64


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
    """The other side of ``content_of``; what an older version does not have is as in the built-in policy."""
    return Policy(
        name,
        tuple(map(_rule, content["rules"])),
        tuple(content["blocked_terms"]),
        Action(content["blocked_terms_action"]),
        tuple(content["allowed_terms"]),
        frozenset(content["exempt_authors"]),
        **{name: content[name] for name in _NUMBERS if name in content},
    )


_NUMBERS: Final = ("hold_new_authors", "sample_rate", "report_weight", "second_opinion_rate", "golden_every")


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
