"""The built-in policy, at the edges of its thresholds."""

from __future__ import annotations

import pytest

from models.scores import CommentScores, HeadScore, OperatingPoint, Severity, Why
from service.domain import Action, Decision, OperatingPoints
from service.policy import DEFAULT

THRESHOLDS = {
    "profanity": {"precision>=0.9": 0.9, "precision>=0.7": 0.7, "balanced": 0.5},
    "off_topic": {"precision>=0.9": 0.9, "precision>=0.7": 0.7, "balanced": 0.5},
    "spoiler": {"precision>=0.9": 0.9, "precision>=0.7": 0.8, "balanced": 0.5},
}


def points(thresholds: dict[str, dict[str, float]] = THRESHOLDS) -> OperatingPoints:
    return {
        head: {name: OperatingPoint(head, name, threshold, 0.03) for name, threshold in named.items()}
        for head, named in thresholds.items()
    }


def decided(known: OperatingPoints | None = None, **scores: HeadScore) -> Decision:
    return DEFAULT.decide(CommentScores(scores), points() if known is None else known)


@pytest.mark.parametrize("severity", [Severity.STRONG, Severity.SLUR, None])
def test_profanity_holds_at_its_threshold(severity: Severity | None) -> None:
    """Strong words, slurs, and what no list knows are held at precision>=0.9, and the reason says all of it."""
    decision = decided(profanity=HeadScore(0.9, severity=severity))
    assert (decision.action, decision.policy) == (Action.HOLD, "default@1")
    (reason,) = decision.reasons
    assert (reason.head, reason.score, reason.threshold, reason.operating_point) == (
        "profanity",
        0.9,
        0.9,
        "precision>=0.9",
    )
    assert decided(profanity=HeadScore(0.8999, severity=severity)).action is Action.ALLOW


def test_mild_words_are_never_held() -> None:
    """However sure the score is."""
    assert decided(profanity=HeadScore(1.0, severity=Severity.MILD)) == Decision(Action.ALLOW, (), "default@1")


def test_spoilers_are_labelled() -> None:
    """At precision>=0.7, and shown all the same."""
    assert decided(spoiler=HeadScore(0.8)).action is Action.LABEL
    assert decided(spoiler=HeadScore(0.7999)).action is Action.ALLOW


def test_off_topic_decides_nothing() -> None:
    """It is there for sorting."""
    assert decided(off_topic=HeadScore(1.0)).action is Action.ALLOW


def test_the_strongest_action_wins_and_every_reason_is_told() -> None:
    """Hold goes before label."""
    decision = decided(spoiler=HeadScore(0.99), profanity=HeadScore(0.99))
    assert decision.action is Action.HOLD
    assert [reason.head for reason in decision.reasons] == ["profanity", "spoiler"]


def test_a_point_without_threshold_never_acts() -> None:
    """Where the data could not support the promise, nobody acts on it."""
    no_promise = {"profanity": {"precision>=0.9": OperatingPoint("profanity", "precision>=0.9", None, 0.03)}}
    assert decided(no_promise, profanity=HeadScore(1.0)).action is Action.ALLOW


@pytest.mark.parametrize("known", [{}, {"profanity": {}}])
def test_an_absent_point_never_acts(known: OperatingPoints) -> None:
    """A bundle without that head or point decides nothing."""
    assert decided(known, profanity=HeadScore(1.0)).action is Action.ALLOW


def test_no_score_no_action() -> None:
    """A head that gave no score, or was not asked, decides nothing."""
    assert decided(profanity=HeadScore(None, Why.TOO_SHORT)).action is Action.ALLOW
    assert decided().action is Action.ALLOW
