"""Margin → probability, by straight lines between the knots that a bundle's manifest holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.manifest import Calibration

#: Bins of the expected calibration error, each holding the same mass.
BINS = 15


def probabilities(calibration: Calibration, margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Calibrated probabilities, 0–1, at the base rate of the head's reference mix. Shape as given."""
    return np.interp(margins, calibration.margins, calibration.probabilities)


def expected_calibration_error(scores: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean distance between score and share of positives over equal-mass bins, weighted by mass; 0 is perfect.

    Source: Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    score, label = np.asarray(scores, float), np.asarray(labels, float)
    mass = np.ones_like(score) if weights is None else np.asarray(weights, float)
    order = np.argsort(score, kind="stable")
    score, label, mass = score[order], label[order], mass[order]
    reached = np.cumsum(mass) - mass / 2
    owner = np.minimum((reached / mass.sum() * BINS).astype(int), BINS - 1)
    gaps = np.bincount(owner, mass * (label - score), BINS)
    return float(np.abs(gaps).sum() / mass.sum())
