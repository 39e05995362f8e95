"""The built-in policy at the edges of its thresholds, and what a site may ask for beyond it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.scores import CommentScores, HeadScore, OperatingPoint, Severity, Why
from service.domain import Action, Decision, FoundTerm, Ground, OperatingPoints, Reason, SiteReason
from service.policy import DEFAULT, Case, Policy, Rule, content_of, policy_from

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
    assert isinstance(reason, Reason)
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
    assert [reason.head for reason in decision.reasons if isinstance(reason, Reason)] == ["profanity", "spoiler"]


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


STRICT = replace(
    DEFAULT,
    name="blog@7",
    rules=(
        Rule("profanity", "explicit", Action.REJECT, frozenset({Severity.MILD, Severity.STRONG}), 0.4),
        Rule("profanity", "precision>=0.7", Action.HOLD, frozenset({Severity.MILD})),
        Rule("off_topic", "balanced", Action.LABEL),
    ),
    blocked_terms=("widget",),
    allowed_terms=("bloody",),
    exempt_authors=frozenset({"editor"}),
    hold_new_authors=3,
)
WIDGET = FoundTerm("widget", 4, 10)
BLOODY = FoundTerm("bloody", 0, 6)


def asked(policy: Policy, case: Case, **scores: HeadScore) -> Decision:
    return policy.decide(CommentScores(scores), points(), case)


@pytest.mark.parametrize(
    ("severity", "score", "action"),
    [
        (Severity.SLUR, 0.4, Action.REJECT),
        (Severity.SLUR, 0.39, Action.ALLOW),
        (Severity.STRONG, 0.69, Action.ALLOW),
        (Severity.STRONG, 0.7, Action.HOLD),
        (Severity.MILD, 1.0, Action.ALLOW),
        (None, 0.4, Action.REJECT),
    ],
)
def test_thresholds_by_severity(severity: Severity | None, score: float, action: Action) -> None:
    """A rule for slurs may be stricter than one for the rest; an explicit threshold needs no bundle's promise."""
    decision = asked(STRICT, Case(), profanity=HeadScore(score, severity=severity))
    assert (decision.action, decision.policy) == (action, "blog@7")


@pytest.mark.parametrize("action", [Action.LABEL, Action.HOLD, Action.REJECT])
def test_blocked_terms(action: Action) -> None:
    """They ask for the action that the site chose, and say which term stands where."""
    decision = asked(replace(STRICT, blocked_terms_action=action), Case(blocked=(WIDGET,)))
    assert decision.action is action
    assert decision.reasons == (SiteReason(Ground.BLOCKED_TERM, "widget", 4, 10),)


def test_allowed_terms_are_told_and_ask_for_nothing() -> None:
    """Beside whatever else was found."""
    decision = asked(STRICT, Case(allowed=(BLOODY,)))
    assert decision == Decision(Action.ALLOW, (SiteReason(Ground.ALLOWED_TERM, "bloody", 0, 6),), "blog@7")
    held = asked(STRICT, Case(allowed=(BLOODY,)), profanity=HeadScore(0.8, severity=Severity.STRONG))
    assert held.action is Action.HOLD
    assert len(held.reasons) == 2


def test_exempt_authors() -> None:
    """No rule acts, and the reason says why."""
    case = Case(author_id="editor", standing=0, blocked=(WIDGET,))
    decision = asked(STRICT, case, profanity=HeadScore(1.0, severity=Severity.SLUR))
    assert decision == Decision(Action.ALLOW, (SiteReason(Ground.EXEMPT_AUTHOR),), "blog@7")
    assert asked(STRICT, replace(case, author_id="Editor")).action is Action.HOLD


@pytest.mark.parametrize(("standing", "held"), [(0, True), (2, True), (3, False), (None, False)])
def test_new_authors(standing: int | None, held: bool) -> None:
    """Held until three comments stand; a comment that is only scored has no author to be new."""
    decision = asked(STRICT, Case(author_id="u", standing=standing))
    assert (decision.action is Action.HOLD) is held
    assert (SiteReason(Ground.NEW_AUTHOR) in decision.reasons) is held


def test_the_sample_is_drawn_by_id() -> None:
    """Close to the rate asked for, the same on every try and in every version, other comments on other sites."""
    some = replace(DEFAULT, sample_rate=0.1)

    def drawn(policy: Policy, site: str) -> set[int]:
        cases = {number: Case(site, f"c-{number}") for number in range(5_000)}
        return {number for number, case in cases.items() if asked(policy, case).reasons}

    first = drawn(some, "blog")
    assert 400 < len(first) < 600
    assert first == drawn(replace(some, name="blog@8"), "blog")
    assert first < drawn(replace(some, sample_rate=0.2), "blog")
    assert first != drawn(some, "news")
    assert len(drawn(replace(some, sample_rate=1.0), "blog")) == 5_000
    assert not drawn(replace(some, sample_rate=0.0), "blog")


def test_only_unflagged_comments_are_sampled() -> None:
    """What is labelled or held is looked at, or not, for its own reasons; what is only scored has no id to draw by."""
    every = replace(DEFAULT, sample_rate=1.0)
    case = Case("blog", "c-1")
    assert asked(every, case) == Decision(Action.ALLOW, (SiteReason(Ground.SAMPLE),), "default@1")
    assert len(asked(every, case, spoiler=HeadScore(1.0)).reasons) == 1
    assert asked(every, Case()).reasons == ()


@pytest.mark.parametrize("policy", [DEFAULT, STRICT])
def test_a_policy_comes_back_from_its_content(policy: Policy) -> None:
    """And equal policies have equal content."""
    assert policy_from(policy.name, content_of(policy)) == policy
    assert content_of(replace(policy, name="other@2")) == content_of(policy)
