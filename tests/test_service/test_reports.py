"""What readers' reports weigh, and where a comment stands in the queue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import Action, Decision, Ground, Reason, SiteReason
from service.priority import Standing, chance_of, placed
from service.reports import Record, evidence, trust, weight
from service.review_domain import Cause

COUNTS = st.integers(0, 1_000)
SHARES = st.floats(0, 1)
NOBODY = Record()


def standing(action: Action = Action.ALLOW, *grounds: Reason | SiteReason, **known: object) -> Standing:
    """A comment that its scores say nothing against, unless told otherwise."""
    scores = {"profanity": 0.01, "off_topic": 0.2, "spoiler": 0.02}
    return Standing(Decision(action, grounds, "default@1"), **{"scores": scores, **known})  # type: ignore[arg-type]


HELD = Reason("profanity", 0.95, 0.81, "precision>=0.9")
REVIEWED = SiteReason(Ground.REVIEW)


@given(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_weight_is_a_share(agreed: int, disagreed: int, yes: int, no: int, hour: int, day: int) -> None:
    """Whatever a reporter and a site have behind them."""
    heard = weight(Record(agreed, disagreed), Record(yes, no), in_the_hour=hour, of_reporter=day)
    assert 0 < heard <= trust(Record(agreed, disagreed), Record(yes, no)) <= 1


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_agreement_makes_heavier(agreed: int, disagreed: int, yes: int, no: int) -> None:
    """One more report that a reviewer agreed with never makes a reporter's next one weigh less."""
    site = Record(yes, no)
    before, after = (weight(Record(agreed + more, disagreed), site, in_the_hour=0, of_reporter=0) for more in (0, 1))
    assert after > before or after == pytest.approx(1)


def test_a_stranger_starts_at_the_sites_mean() -> None:
    """Nothing known of anybody is neither trust nor distrust; a site whose readers are right trusts all more."""
    assert trust(NOBODY, NOBODY) == 0.5
    assert trust(NOBODY, Record(90, 10)) == pytest.approx(100 / 120)
    assert trust(Record(2, 0), NOBODY) == pytest.approx(4 / 6)


def test_being_wrong_makes_no_heavier() -> None:
    """Nobody whose reports were all turned down weighs as much as somebody of whom nothing is known."""
    site = Record(20, 10)
    new = weight(NOBODY, site, in_the_hour=0, of_reporter=0)
    for wrong in range(1, 20):
        assert weight(Record(0, wrong), site, in_the_hour=0, of_reporter=0) < new


def test_a_crowd_moves_the_site_little() -> None:
    """Nine reports turned down leave a newcomer's next one most of its weight."""
    before, after = (weight(NOBODY, site, in_the_hour=0, of_reporter=0) for site in (NOBODY, Record(0, 9)))
    assert after > 0.6 * before


def test_crowds_and_busy_reporters_count_less() -> None:
    """A burst of reports by strangers, and the hundredth of one day."""
    alone = weight(NOBODY, NOBODY, in_the_hour=0, of_reporter=0)
    assert weight(NOBODY, NOBODY, in_the_hour=199, of_reporter=0) < alone / 6
    known = Record(10, 0)
    assert weight(known, NOBODY, in_the_hour=199, of_reporter=0) == weight(known, NOBODY, in_the_hour=0, of_reporter=0)
    assert weight(known, NOBODY, in_the_hour=0, of_reporter=99) < weight(known, NOBODY, in_the_hour=0, of_reporter=9)


@given(st.lists(SHARES, max_size=300))
def test_evidence_is_a_share(weights: list[float]) -> None:
    """At least its heaviest, in no particular order, and no more than certain."""
    together = evidence(weights)
    assert max(weights, default=0) - 1e-12 <= together <= 1
    assert together == pytest.approx(evidence(reversed(weights)))


def test_strangers_together_stay_light() -> None:
    """However many there are, they never weigh what one reader does who was right ten times out of ten."""
    strangers = [weight(NOBODY, NOBODY, in_the_hour=n, of_reporter=0) for n in range(10_000)]
    one = weight(Record(10, 0), NOBODY, in_the_hour=0, of_reporter=0)
    assert evidence(strangers) < one / 2


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (standing(), None),
        (standing(Action.HOLD, HELD), Cause.HOLD),
        (standing(Action.LABEL, Reason("spoiler", 0.9, 0.8, "x")), Cause.LABEL),
        (standing(Action.REJECT, HELD), None),
        (standing(Action.ALLOW, SiteReason(Ground.SAMPLE)), Cause.SAMPLE),
        (standing(Action.HOLD, HELD, reports={"profanity": [0.2]}), Cause.HOLD),
        (standing(reports={"other": [0.0]}), Cause.REPORT),
        (standing(Action.HOLD, HELD, has_appeal=True), Cause.APPEAL),
        (standing(Action.HOLD, HELD, escalated_by="ann"), Cause.ESCALATION),
        (standing(Action.REJECT, REVIEWED), None),
        (standing(Action.LABEL, REVIEWED), None),
        (standing(Action.REJECT, REVIEWED, has_appeal=True), Cause.APPEAL),
        (standing(Action.ALLOW, REVIEWED, reports={"spoiler": [0.2]}), Cause.REPORT),
        (standing(Action.ALLOW, REVIEWED, first_opinion_by="ann"), Cause.SECOND),
    ],
)
def test_what_waits(one: Standing, cause: Cause | None) -> None:
    """What a person decided waits no more, unless somebody asks anew."""
    place = placed(one)
    assert (place and place.cause) == cause


def test_whom_not_to_ask() -> None:
    """Whoever gave the first opinion, or passed it on."""
    for known in ({"first_opinion_by": "ann"}, {"escalated_by": "ann"}):
        place = placed(standing(Action.ALLOW, REVIEWED, **known))
        assert place is not None
        assert place.not_for == "ann"


def test_what_a_site_itself_holds_is_not_last() -> None:
    """Whatever its scores are: somebody waits for it to be shown. No head is named that did not ask."""
    place = placed(standing(Action.HOLD, SiteReason(Ground.NEW_AUTHOR)))
    assert place is not None
    assert place.priority > 0.5
    assert place.head is None


def test_samples_are_mixed_in() -> None:
    """Evenly among what waits, by chance that is the same every time."""
    places = [placed(standing(Action.ALLOW, SiteReason(Ground.SAMPLE), chance=one / 10)) for one in range(11)]
    priorities = [place.priority for place in places if place is not None]
    assert priorities == sorted(priorities)
    assert priorities[0] < 0.05 < 0.7 < priorities[-1]
    drawn = [chance_of("default", f"c-{number}") for number in range(1_000)]
    assert sum(one < 0.25 for one in drawn) == pytest.approx(250, abs=60)


def test_a_site_may_want_more_evidence() -> None:
    """Reports below what its policy asks for queue nothing; what is queued anyway counts them all the same."""
    light = {"spoiler": [0.1]}
    assert placed(standing(reports=light), 0.2) is None
    held = placed(standing(Action.HOLD, HELD, reports=light), 0.2)
    assert held is not None
    assert held.reports == 1


def test_what_comes_first() -> None:
    """A good reader's report of what is shown; what is held; a label to confirm; a sample; a second opinion."""
    ones = (
        standing(Action.HOLD, HELD, escalated_by="ann"),
        standing(reports={"spoiler": [0.85]}),
        standing(Action.HOLD, HELD, scores={"profanity": 0.95}),
        standing(Action.LABEL, Reason("spoiler", 0.9, 0.8, "x"), scores={"spoiler": 0.9}),
        standing(reports={"spoiler": [0.05] * 200}),
        standing(Action.ALLOW, SiteReason(Ground.SAMPLE)),
        standing(Action.ALLOW, REVIEWED, first_opinion_by="ann"),
    )
    places = [placed(one) for one in ones]
    priorities = [place.priority for place in places if place is not None]
    assert priorities == sorted(priorities, reverse=True)
    assert len(priorities) == len(ones)


@given(SHARES, SHARES, SHARES, st.sampled_from(Action), st.lists(SHARES, max_size=5))
def test_a_place_is_within_bounds(a: float, b: float, c: float, action: Action, weights: list[float]) -> None:
    """Priority and uncertainty are shares; off-topic moves a comment, but little."""
    scores = {"profanity": a, "off_topic": b, "spoiler": c}
    reports = {"spoiler": weights} if weights else {}
    ones = [standing(action, HELD, scores=scores | {"off_topic": drift}, reports=reports) for drift in (0.0, b)]
    places = [placed(one) for one in ones]
    for place in places:
        assert place is None or (0 <= place.priority <= 1 and 0 <= place.uncertainty <= 1)
    if places[0] is not None and places[1] is not None:
        assert places[0].priority <= places[1].priority <= places[0].priority + 0.051
