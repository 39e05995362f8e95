"""Margins become probabilities along straight lines, and how far those are from the truth is measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import BINS, expected_calibration_error, probabilities
from models.manifest import Calibration

KNOTS = Calibration((-2.0, 0.0, 4.0), (0.01, 0.2, 0.9))


@pytest.mark.parametrize(
    ("margin", "probability"),
    [(-2.0, 0.01), (0.0, 0.2), (4.0, 0.9), (-1.0, 0.105), (2.0, 0.55), (-50.0, 0.01), (50.0, 0.9), (-np.inf, 0.01)],
)
def test_probabilities(margin: float, probability: float) -> None:
    """A knot gives its own probability, between two lies the line, beyond the last ones nothing moves."""
    assert probabilities(KNOTS, np.array([margin])) == pytest.approx(probability)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20))
def test_order_is_kept(margins: list[float]) -> None:
    """A higher margin never gives a lower probability."""
    found = probabilities(KNOTS, np.sort(margins))
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_a_calibrated_score_has_no_error() -> None:
    """Where a share of 20 % are positives among what scores 0.2, and so on, nothing is wrong."""
    scores = np.repeat([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 15 * 20)
    within = np.tile(np.arange(20), 6 * 15)
    labels = (within < np.round(scores * 20)).astype(int)
    order = np.random.default_rng(0).permutation(len(scores))
    assert expected_calibration_error(scores, labels) == pytest.approx(0)
    # Equal scores keep their order, so a shuffled tie is spread over its bins as drawn.
    assert expected_calibration_error(scores[order], labels[order]) < 0.05


@pytest.mark.parametrize(
    ("scores", "labels", "error"),
    [
        ([0.5] * 30, [0] * 30, 0.5),
        ([1.0] * 30, [0] * 30, 1.0),
        ([0.0] * 10 + [1.0] * 20, [1] * 10 + [0] * 20, 1.0),
        ([0.1] * 10 + [0.9] * 20, [0] * 10 + [1] * 20, 0.1),
        ([0.1] * 20 + [0.8] * 10, [0] * 20 + [1] * 10, 0.4 / 3),
    ],
)
def test_error(scores: list[float], labels: list[int], error: float) -> None:
    """The mean distance between what was said and what was so."""
    assert expected_calibration_error(scores, labels) == pytest.approx(error)


def test_bins_hold_the_same_mass() -> None:
    """Fifteen bins of equal mass: errors that cancel inside one do not count, those in two do."""
    assert BINS == 15
    one_bin = [0.5] * 2 + [1.0] * 28
    assert expected_calibration_error(one_bin, [0, 1] + [1] * 28) == pytest.approx(0)
    two_bins = [0.5] * 2 + [1.0] * 13
    assert expected_calibration_error(two_bins, [0, 1] + [1] * 13) == pytest.approx(1 / 15)


def test_weights_are_mass() -> None:
    """A row of weight 3 counts as three rows."""
    scores, labels = [0.1, 0.6, 0.9], [0, 0, 1]
    thrice = [score for score in scores for _ in range(15)]
    once = expected_calibration_error(scores, labels, [15, 15, 15])
    assert once == pytest.approx(expected_calibration_error(thrice, [label for label in labels for _ in range(15)]))
    # Ten bins are filled by one row of weight 3 each, five by three rows of weight 1 that are right on average.
    mixed = expected_calibration_error([0.1] * 10 + [2 / 3] * 15, [0] * 10 + [0, 1, 1] * 5, [3] * 10 + [1] * 15)
    assert mixed == pytest.approx(10 * 3 * 0.1 / 45)
    heavy = expected_calibration_error(scores, labels, [1, 1000, 1])
    assert heavy == pytest.approx(0.6, abs=0.01)
