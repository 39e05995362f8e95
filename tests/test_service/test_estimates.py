"""What a sample says about all: intervals hold what they should as often as they say."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.estimates import Estimate, Seen, calibration, median, recall, share

ROUNDS = 300
SEEN = some.lists(
    some.builds(
        Seen,
        weight=some.floats(1, 1000),
        found=some.booleans(),
        yes=some.booleans(),
        score=some.none() | some.floats(0, 1),
    ),
    max_size=60,
)


def ends(found: Estimate) -> tuple[float, float, float]:
    """Low end, value and high end, which there must be."""
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    return found.low, found.value, found.high


def test_shares_by_hand() -> None:
    """Wilson's interval: nothing of ten is at most 28 %, and half of ten lies between 24 and 76 %."""
    nothing, half = share(0, 10), share(5, 10)
    assert (nothing.value, nothing.low) == (0.0, 0.0)
    assert nothing.high == pytest.approx(0.2775, abs=1e-4)
    assert half.low == pytest.approx(0.2366, abs=1e-4)
    assert half.high == pytest.approx(0.7634, abs=1e-4)
    assert share(0, 0).value is None


@given(some.integers(0, 500), some.integers(1, 500))
def test_shares_lie_in_their_interval(hits: int, count: int) -> None:
    """Always, and never outside of 0 to 1; what is mirrored is mirrored."""
    hits = min(hits, count)
    found, mirrored = share(hits, count), share(count - hits, count)
    low, value, high = ends(found)
    assert 0 <= low <= value <= high <= 1
    assert mirrored.low == pytest.approx(1 - high)


@pytest.mark.parametrize(("true", "count"), [(0.5, 40), (0.9, 80), (0.95, 300)])
def test_shares_cover(true: float, count: int) -> None:
    """About 95 of 100."""
    draw = random.Random(3)
    covered = 0
    for _ in range(ROUNDS):
        low, _, high = ends(share(sum(draw.random() < true for _ in range(count)), count))
        covered += low <= true <= high
    assert 0.92 <= covered / ROUNDS <= 0.985


def test_recall_by_hand() -> None:
    """Eight found; two missed in a sample of one in five stand for ten: 8 of 18."""
    seen = (
        [Seen(1, True, True)] * 8
        + [Seen(1, True, False)] * 2
        + [Seen(5, False, True)] * 2
        + [Seen(5, False, False)] * 90
    )
    found = recall(seen)
    assert found.value == pytest.approx(8 / 18)
    assert found.count == 10
    assert recall([]).value is None


def test_nothing_missed_is_no_proof() -> None:
    """Where the sample holds nothing that was missed, the interval still reaches down, less so the more was seen."""
    found = [Seen(1, True, True)] * 50
    lows = [ends(recall([*found, *[Seen(20_000 / count, False, False)] * count]))[0] for count in (100, 1_000, 10_000)]
    assert lows == sorted(lows)
    assert lows[-1] < 1
    assert recall([*found, Seen(20, False, False)]).value == 1


@given(SEEN)
def test_recall_lies_in_its_interval(seen: Sequence[Seen]) -> None:
    """Within 0 to 1, and all weights taken twice change nothing of the value."""
    found = recall(seen)
    if found.value is None:
        return
    low, _, high = ends(found)
    assert 0 <= low <= high <= 1
    doubled = recall([Seen(2 * one.weight, one.found, one.yes) for one in seen])
    assert doubled.value == pytest.approx(found.value)


@pytest.mark.parametrize(("rate", "true"), [(0.05, 0.8), (0.02, 0.5)])
def test_recall_covers(rate: float, true: float) -> None:
    """Of a site's 30,000 comments 3 % are profane; what is found is reviewed whole, of the rest a sample.

    At least 93 of 100 intervals hold the site's recall.
    """
    draw = random.Random(11)
    covered = 0
    for _ in range(ROUNDS):
        profane = 900
        caught = sum(draw.random() < true for _ in range(profane))
        missed_seen = sum(draw.random() < rate for _ in range(profane - caught))
        clean_seen = int(29_100 * rate)
        seen = [Seen(1.0, True, True)] * caught + [Seen(1.0, True, False)] * 60
        seen += [Seen(1 / rate, False, True)] * missed_seen + [Seen(1 / rate, False, False)] * clean_seen
        low, _, high = ends(recall(seen))
        covered += low <= caught / profane <= high
    assert covered / ROUNDS >= 0.93


def test_calibration_by_hand() -> None:
    """Two stretches: 0.25 promised and half of it true, 0.85 promised and all of it true, weighing three to one."""
    seen = [
        Seen(3, False, True, 0.25),
        Seen(3, False, False, 0.25),
        Seen(1, True, True, 0.85),
        Seen(1, True, True, 0.85),
    ]
    found = calibration([*seen, Seen(1, True, True, None)])
    assert [(one.count, one.score, one.yes) for one in found.bins] == [(2, 0.25, 0.5), (2, 0.85, 1.0)]
    assert found.error.value == pytest.approx(0.75 * 0.25 + 0.25 * 0.15)
    assert found.error.count == 4


@given(SEEN)
def test_bins_hold_everything_once(seen: Sequence[Seen]) -> None:
    """Scores of 0 and 1 too; the error lies in its interval."""
    found = calibration(seen)
    scored = [one for one in seen if one.score is not None]
    assert sum(one.count for one in found.bins) == len(scored) == found.error.count
    if scored:
        low, value, high = ends(found.error)
        assert 0 <= low <= value <= high <= 1


@pytest.mark.parametrize("off", [0.0, 0.05, 0.2])
def test_calibration_covers(off: float) -> None:
    """Scores that promise ``off`` too much everywhere: the interval holds that error at least 90 times in 100."""
    draw = random.Random(7)
    covered = 0
    for _ in range(100):
        scores = [0.25 + 0.7 * draw.random() for _ in range(400)]
        low, _, high = ends(calibration(Seen(1.0, True, draw.random() < score - off, score) for score in scores).error)
        covered += low <= off <= high
    assert covered >= 90


def test_medians() -> None:
    """Of an odd and an even number, and of none."""
    assert (median([]), median([4.0]), median([1.0, 2.0, 9.0]), median([1.0, 2.0])) == (None, 4.0, 2.0, 1.5)
