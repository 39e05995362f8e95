"""How a bundle keeps its promises on held-out rows of each head's reference mix: calibration, precision at its points.

These rows chose nothing: not the weights, not the calibration, not the thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.calibration import expected_calibration_error
from models.scores import OperatingPoint
from training.data import Corpus
from training.examples import Example
from training.head_examples import all_examples
from training.layers import mix_weights
from training.recipe import Recipe

#: Redrawings of the rows behind an interval.
_DRAWS = 400
#: Stretches of the score from 0 to 1 that a reliability curve has, and the rows that a stretch needs to be on it.
_STRETCHES, _ROWS = 10, 20


@dataclass(frozen=True)
class Kept:
    """One operating point on held-out rows: its precision at the base rate, with the middle 95 % of redrawings."""

    name: str
    threshold: float
    precision: float
    low: float
    high: float


@dataclass(frozen=True)
class OnMix:
    """One head on the held-out rows of its reference mix."""

    head: str
    rows: int
    positives: int
    calibration_error: float
    points: tuple[Kept, ...]
    #: By rising score: mean score of a stretch, share of positives there, both at the base rate, and rows.
    reliability: tuple[tuple[float, float, int], ...]


def on_mix(bundle: Bundle, corpus: Corpus) -> list[OnMix]:
    """Every head that has held-out positives and negatives in its mix."""
    recipe = Recipe(seed=int(str(bundle.manifest.parameters["seed"])), obfuscated=0, innocent=0, plain_spoilers=0)
    found: list[OnMix] = []
    for name, examples in all_examples(corpus, recipe).items():
        if name in bundle.operating_points:
            mix = bundle.manifest.head(name).mix
            held = [example for example in examples if example.held_out and example.source in mix]
            if len({example.label for example in held}) == 2:
                found.append(_on_mix(bundle, name, held))
    return found


def table(heads: Sequence[OnMix]) -> str:
    """The figures as a Markdown table."""
    lines = ["| head | rows (positive) | calibration error | point | precision promised | measured (95 % interval) |"]
    lines.append("|---|---|---|---|---|---|")
    for one in heads:
        cells = (one.head, f"{one.rows:,} ({one.positives:,})", f"{one.calibration_error:.3f}")
        for kept in one.points or [Kept("–", 0, np.nan, np.nan, np.nan)]:
            promised = kept.name.partition(">=")[2] or "–"
            measured = f"{kept.precision:.2f} ({kept.low:.2f}–{kept.high:.2f})"
            lines.append(f"| {' | '.join(cells)} | {kept.name} | {promised} | {measured} |")
            cells = ("", "", "")
    return "\n".join(lines)


def _on_mix(bundle: Bundle, name: str, examples: Sequence[Example]) -> OnMix:
    described = bundle.manifest.head(name)
    answers = bundle.score([example.comment for example in examples], heads=(name,))
    given = [answer.heads[name].score for answer in answers]
    scores = np.array([np.nan if score is None else score for score in given])
    labels = np.array([example.label for example in examples])
    weights = mix_weights(examples, scores, dict(described.mix), described.base_rate)
    used = weights > 0
    scores, labels, weights = scores[used], labels[used], weights[used]
    error = expected_calibration_error(scores, labels, weights)
    points = tuple(_kept(list(bundle.operating_points[name].values()), scores, labels, weights))
    return OnMix(name, len(labels), int(labels.sum()), error, points, tuple(_reliability(scores, labels, weights)))


def _reliability(
    scores: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> Iterator[tuple[float, float, int]]:
    stretch = np.minimum((scores * _STRETCHES).astype(int), _STRETCHES - 1)
    for number in range(_STRETCHES):
        own = stretch == number
        if own.sum() >= _ROWS:
            mean, share = (float(np.average(values[own], weights=weights[own])) for values in (scores, labels))
            yield mean, share, int(own.sum())


def _kept(
    points: Sequence[OperatingPoint],
    scores: NDArray[np.float64],
    labels: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> Iterator[Kept]:
    draws = np.random.default_rng(0).poisson(1.0, (_DRAWS, len(labels)))
    for point in points:
        threshold = point.threshold
        if threshold is None or not (scores >= threshold).any():
            continue
        flagged = scores >= threshold
        redrawn = [_precision(flagged, labels, weights * drawn) for drawn in draws]
        low, high = np.nanquantile(redrawn, (0.025, 0.975))
        yield Kept(point.name, threshold, _precision(flagged, labels, weights), low, high)


def _precision(flagged: NDArray[np.bool_], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    right, total = float(weights[flagged & (labels == 1)].sum()), float(weights[flagged].sum())
    return right / total if total > 0 else float("nan")
