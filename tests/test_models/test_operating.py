"""Operating points keep what they promise, or promise nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.operating import BALANCED, PROMISES, SHOWN_RATES, Curve, balanced, point, precision, rises

CURVE: Curve = ((0.1, 0.95, 0.2), (0.4, 0.8, 0.01), (0.7, 0.5, 0.001), (0.9, 0.2, 0.0))
MANY = (10_000, 1_000_000)


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """Rising thresholds with falling rates."""
    count = draw(st.integers(1, 8))
    rate = st.lists(st.floats(0, 1), min_size=count, max_size=count)
    thresholds = draw(st.lists(st.floats(0.01, 1), min_size=count, max_size=count, unique=True))
    recall, wrong = (sorted(draw(rate), reverse=True) for _ in range(2))
    return tuple(zip(sorted(thresholds), recall, wrong, strict=True))


@pytest.mark.parametrize(
    ("recall", "false_positives", "base_rate", "expected"),
    [
        (1.0, 0.0, 0.03, 1.0),
        (0.5, 0.5, 0.03, 0.03),
        (1.0, 1.0, 0.5, 0.5),
        (0.8, 0.01, 0.1, 0.08 / 0.089),
        (0, 0, 0.1, 0),
    ],
)
def test_precision(recall: float, false_positives: float, base_rate: float, expected: float) -> None:
    """Of a thousand comments, how many of the flagged are rightly so; nothing flagged is no precision."""
    assert precision(recall, false_positives, base_rate) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "base_rate", "threshold"),
    [
        ("precision>=0.8", 0.1, 0.4),
        ("precision>=0.8", 0.03, 0.7),
        ("precision>=0.95", 0.1, 0.7),
        ("precision>=0.99", 0.1, 0.9),
        ("precision>=0.99", 0.0001, None),
        ("precision>=0.1", 0.5, 0.1),
    ],
)
def test_the_lowest_threshold_that_keeps_the_promise(name: str, base_rate: float, threshold: float | None) -> None:
    """The rarer what is looked for, the higher the threshold; where none keeps the promise there is none."""
    found = point("spoiler", name, CURVE, base_rate=base_rate, rows=MANY)
    assert (found.head, found.name, found.base_rate, found.rows) == ("spoiler", name, base_rate, MANY)
    assert found.threshold == threshold
    assert found.recall == {at[0]: at[1] for at in CURVE}.get(threshold or 0)


@pytest.mark.parametrize("name", PROMISES)
@pytest.mark.parametrize("rows", [(0, 0), (5, 0), (1, 1), (100, 20)])
def test_no_data_no_promise(name: str, rows: tuple[int, int]) -> None:
    """A curve without one false positive promises nothing when hardly a negative was looked at."""
    found = point("spoiler", name, ((0.5, 1.0, 0.0),), base_rate=0.03, rows=rows)
    assert (found.threshold, found.recall, found.precision_at) == (None, None, {})
    assert found.rows == rows


def test_enough_data_keeps_the_same_promise() -> None:
    """The same curve, with enough negatives behind it, promises."""
    assert point("spoiler", "precision>=0.95", ((0.5, 1.0, 0.0),), base_rate=0.03, rows=(100, 1_000)).threshold == 0.5


@given(curves(), st.sampled_from(PROMISES), st.floats(0.001, 0.5), st.integers(0, 5_000), st.integers(0, 100_000))
def test_promises_are_kept(curve: Curve, name: str, base_rate: float, positives: int, negatives: int) -> None:
    """At a point's threshold the curve's own precision is what was promised, and the shown precisions are no higher."""
    found = point("spoiler", name, curve, base_rate=base_rate, rows=(positives, negatives))
    if found.threshold is None:
        return
    recall, wrong = {at[0]: at[1:] for at in curve}[found.threshold]
    assert precision(recall, wrong, base_rate) >= float(name.removeprefix("precision>="))
    assert list(found.precision_at) == list(SHOWN_RATES)
    for rate, shown in found.precision_at.items():
        assert 0 <= shown <= precision(recall, wrong, float(rate)) + 1e-12


def test_shown_precisions_rise_with_the_rate() -> None:
    """The card shows what a point is worth where the looked-for is rarer or commoner."""
    shown = point("spoiler", "precision>=0.8", CURVE, base_rate=0.1, rows=MANY).precision_at
    assert shown["0.001"] < shown["0.01"] < shown["0.1"]
    assert shown["0.1"] >= 0.8


@pytest.mark.parametrize("name", ["balanced", "precision>=1", "precision>0.9", "recall>=0.9", "precision>=0.9 ", ""])
def test_no_such_promise(name: str) -> None:
    """A name that promises nothing is refused rather than guessed at."""
    with pytest.raises(ValueError, match="is no promise"):
        point("spoiler", name, CURVE, base_rate=0.1, rows=MANY)


@pytest.mark.parametrize(("rows", "threshold"), [((5_000, 50), 0.1), ((500, 500), 0.4), ((10, 1_000), 0.7)])
def test_balanced(rows: tuple[int, int], threshold: float) -> None:
    """The threshold with the best F1 at the rows' own share of positives, whatever the base rate."""
    found = balanced("spoiler", CURVE, base_rate=0.03, rows=rows)
    assert (found.name, found.threshold, found.base_rate, found.rows) == (BALANCED, threshold, 0.03, rows)
    assert found.recall == {at[0]: at[1] for at in CURVE}[threshold]


def test_balanced_without_data() -> None:
    """Without a curve there is no threshold to quote F1 at."""
    found = balanced("spoiler", (), base_rate=0.03, rows=(0, 0))
    assert (found.name, found.threshold) == (BALANCED, None)


@pytest.mark.parametrize(
    ("curve", "rising"),
    [
        (CURVE, True),
        ((), True),
        (CURVE[::-1], False),
        (((0.1, 0.5, 0.1), (0.1, 0.4, 0.1)), False),
        (((0.1, 0.5, 0.1), (0.2, 0.6, 0.1)), False),
        (((0.1, 0.5, 0.1), (0.2, 0.5, 0.1)), True),
    ],
)
def test_a_curve_rises(curve: Curve, rising: bool) -> None:
    """Thresholds rise and recall never does."""
    assert rises(curve) is rising
