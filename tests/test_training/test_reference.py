"""Promises and calibration, checked on rows that chose nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.bundle import Bundle
from models.scores import OperatingPoint
from training.data import load
from training.reference import _kept, on_mix, table


def point(name: str, threshold: float | None) -> OperatingPoint:
    """An operating point of the profanity head."""
    return OperatingPoint("profanity", name, threshold, 0.5)


def test_precision_is_measured_at_the_base_rate() -> None:
    """Weights count, not rows: of what 0.5 flags, three quarters of the mass is right."""
    scores, labels = np.array([0.9, 0.8, 0.6, 0.1]), np.array([1, 1, 0, 0])
    weights = np.array([0.5, 0.25, 0.25, 1.0])
    (kept,) = _kept([point("precision>=0.7", 0.5), point("precision>=0.9", None)], scores, labels, weights)
    assert kept.name == "precision>=0.7"
    assert kept.precision == pytest.approx(0.75)
    assert kept.low < kept.precision <= kept.high


def test_a_point_that_flags_nothing_here_promises_nothing_here() -> None:
    """No row reaches it, so there is no precision to tell."""
    assert not list(_kept([point("precision>=0.9", 0.99)], np.array([0.5]), np.array([1]), np.array([1.0])))


def test_a_fitted_bundle(fitted: Path, labelled: Path) -> None:
    """Every head with both kinds held out is there, with an error between 0 and 1 and a line for each point."""
    bundle = Bundle.load(fitted)
    found = on_mix(bundle, load([labelled]))
    assert found
    for one in found:
        assert 0 < one.positives < one.rows
        assert 0 <= one.calibration_error <= 1
        assert {kept.name for kept in one.points} <= bundle.operating_points[one.head].keys()
    printed = table(found)
    assert all(
        f"| {one.head} | {one.rows:,} ({one.positives:,}) | {one.calibration_error:.3f} |" in printed for one in found
    )
