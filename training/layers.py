"""A head's last layer, its calibration to the reference mix, and its operating points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.calibration import probabilities
from models.classifier import Layer
from models.heads import Head
from models.manifest import CURVE_POINTS, Calibration
from models.operating import PROMISES, balanced, point
from models.parts import head_columns
from models.scores import OperatingPoint
from training.crossfit import HeadRows
from training.examples import Example
from training.recipe import Recipe
from training.text_model import training_weights

#: Margins beyond these are certain for all purposes.
_FARTHEST = 40.0
#: Bins of margins that one probability is estimated from.
_BINS = 40

Curve = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class FittedHead:
    """Everything about one head that a fit decides."""

    head: Head
    layer: Layer
    estimator: Pipeline
    calibration: Calibration
    points: tuple[OperatingPoint, ...]
    curve: Curve
    #: Cross-fitted margins of the examples; NaN where one can't be scored.
    margins: NDArray[np.float64]
    #: The reference mix, as far as its sets were at hand.
    mix: dict[str, float]


def shares_at_hand(
    examples: Sequence[Example], margins: NDArray[np.float64], mix: dict[str, float]
) -> dict[str, float]:
    """The recipe's mix without missing sets; all other sets that have a label the rest lacks stand in for it."""
    labels: dict[str, set[int]] = {}
    for example, margin in zip(examples, margins, strict=True):
        if not np.isnan(margin):
            labels.setdefault(example.source, set()).add(example.label)
    shares = {name: share for name, share in mix.items() if name in labels}
    for label in (0, 1):
        if not any(label in labels[name] for name in shares):
            shares |= {name: 1.0 for name, found in labels.items() if label in found}
    total = sum(shares.values())
    return {name: share / total for name, share in sorted(shares.items())}


def fit_head(head: Head, examples: Sequence[Example], rows: HeadRows, recipe: Recipe) -> FittedHead:
    """Fit the layer on cross-fitted columns; calibrate and choose points on margins of layers that never saw a row."""
    rows = _without_doubted(head, examples, rows)
    columns = head_columns(head)
    estimator = fit_layer(head.name, examples, rows, recipe)
    layer = folded(columns, estimator)
    margins = unseen_margins(head.name, layer, examples, rows, recipe)
    shares = shares_at_hand(examples, margins, recipe.mix[head.name])
    mix = mix_weights(examples, margins, shares, recipe.base_rate[head.name])
    labels = np.array([example.label for example in examples])
    calibration = calibrate(margins, labels, mix)
    curve, points = promised(head.name, examples, probabilities(calibration, margins), mix, recipe)
    return FittedHead(head, layer, estimator, calibration, points, curve, margins, shares)


def promised(
    name: str, examples: Sequence[Example], scores: NDArray[np.float64], mix: NDArray[np.float64], recipe: Recipe
) -> tuple[Curve, tuple[OperatingPoint, ...]]:
    """A head's curve and operating points, from scores of rows that it was not fitted to and their share of the mix."""
    labels = np.array([example.label for example in examples])
    curve = recall_curve(scores[mix > 0], labels[mix > 0], mix[mix > 0])
    chosen = np.isin([example.source for example in examples], recipe.balanced_on[name]) & (mix > 0)
    if len(set(labels[chosen].tolist())) < 2:
        chosen = mix > 0
    return curve, _points(name, curve, scores, labels, mix, chosen, recipe.base_rate[name])


def folded(columns: tuple[str, ...], estimator: Pipeline) -> Layer:
    """A scaled logistic regression as one weight a column."""
    scaler, regression = estimator[0], estimator[-1]
    weights = regression.coef_.ravel() / scaler.scale_
    return Layer(columns, weights, float(regression.intercept_[0] - weights @ scaler.mean_))


def strongest_margins(layer: Layer, rows: HeadRows, count: int) -> NDArray[np.float64]:
    """Each example's strongest row; NaN for examples without one. Shape (count,)."""
    margins = np.full(count, -np.inf)
    np.maximum.at(margins, rows.owners, layer.margins(rows.matrix))
    return np.where(np.isneginf(margins), np.nan, margins)


def mix_weights(
    examples: Sequence[Example], margins: NDArray[np.float64], mix: dict[str, float], base_rate: float
) -> NDArray[np.float64]:
    """Each example's share of the reference mix: sets by their weights, positives together at the base rate."""
    usable = ~np.isnan(margins)
    sources = np.array([example.source for example in examples])
    labels = np.array([example.label for example in examples])
    weights = np.zeros(len(examples))
    for name, share in mix.items():
        for label in (0, 1):
            chosen = usable & (sources == name) & (labels == label)
            weights[chosen] = share / max(chosen.sum(), 1)
    for label, rate in ((0, 1 - base_rate), (1, base_rate)):
        total = weights[labels == label].sum()
        if total > 0:
            weights[labels == label] *= rate / total
    return weights


def calibrate(margins: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> Calibration:
    """Knots of margin → probability: shares of positives in bins of margins, made to rise (isotonic regression).

    Positives and negatives get bins of their own mass, so that both ends are resolved whatever the base rate. Each
    level stands at the centre of its bins, so that no stretch is flat and no threshold lies on one.
    Sources: Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates", KDD
    2002; Oron and Flournoy, "Centered Isotonic Regression", Statistics in Biopharmaceutical Research, 2017.
    """
    used = weights > 0
    margin, label, weight = np.clip(margins[used], -0.9 * _FARTHEST, 0.9 * _FARTHEST), labels[used], weights[used]
    per_class = [np.quantile(margin[label == value], np.linspace(0, 1, _BINS // 2 + 1)) for value in (0, 1)]
    edges = np.unique(np.concatenate(per_class))
    owner = np.clip(np.searchsorted(edges, margin, side="right") - 1, 0, len(edges) - 2)
    mass = np.bincount(owner, weight, len(edges) - 1)
    filled = mass > 0
    share = np.bincount(owner, weight * label, len(edges) - 1)[filled] / mass[filled]
    centre = np.bincount(owner, weight * margin, len(edges) - 1)[filled] / mass[filled]
    risen = np.clip(isotonic_regression(share, weights=mass[filled]).x, 1e-5, 1 - 1e-4)
    levels, level = np.unique(risen, return_inverse=True)
    centres = np.bincount(level, mass[filled] * centre) / np.bincount(level, mass[filled])
    knots = (-_FARTHEST, *centres.tolist(), _FARTHEST)
    return Calibration(knots, (0.0, *levels.tolist(), 1.0))


def recall_curve(scores: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> Curve:
    """(threshold, recall, false-positive rate) by rising threshold, thinned where nothing happens."""
    order = np.argsort(scores, kind="stable")
    score, label, weight = scores[order], labels[order], weights[order]
    recall = _tail_share(weight * (label == 1))
    wrong = _tail_share(weight * (label == 0))
    distinct = np.flatnonzero(np.append(True, np.diff(score) > 0))
    distinct = distinct[score[distinct] > 0]
    targets = np.unique(
        np.concatenate(
            [
                np.searchsorted(-recall[distinct], -np.linspace(1, 0, CURVE_POINTS // 2 - 2)),
                np.searchsorted(-wrong[distinct], -np.geomspace(1, 1e-5, CURVE_POINTS // 2 - 2)),
            ]
        ).clip(0, len(distinct) - 1)
    )
    return tuple((float(score[i]), float(recall[i]), float(wrong[i])) for i in distinct[targets])


def _tail_share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    total = weights.sum()
    shares: NDArray[np.float64] = np.cumsum(weights[::-1])[::-1] / (total if total > 0 else 1)
    return np.clip(shares, 0, 1)


def _points(
    name: str, curve: Curve, scores: NDArray[np.float64], labels: NDArray[np.int64], mix: NDArray[np.float64],
    chosen: NDArray[np.bool_], base_rate: float,
) -> tuple[OperatingPoint, ...]:  # fmt: skip
    used = mix > 0
    negative = mix[used & (labels == 0)]
    worth = float(negative.sum() ** 2 / max((negative**2).sum(), 1e-300))
    rows = (int(labels[used].sum()), int((1 - labels[used]).sum()))
    own = recall_curve(scores[chosen], labels[chosen], np.ones(int(chosen.sum())))
    own_rows = (int(labels[chosen].sum()), int((1 - labels[chosen]).sum()))
    promised = (point(name, promise, curve, base_rate=base_rate, rows=rows, negatives=worth) for promise in PROMISES)
    return (*promised, balanced(name, own, base_rate=base_rate, rows=own_rows))


def unseen_margins(
    name: str, layer: Layer, examples: Sequence[Example], rows: HeadRows, recipe: Recipe
) -> NDArray[np.float64]:
    """Each example's strongest row by a layer that never saw its fold; by the given one where the rest fits none."""
    fold = np.array([example.fold(recipe.folds) for example in examples])[rows.owners]
    margins = np.full(len(examples), np.nan)
    for own in range(recipe.folds):
        rest, part = _chosen(rows, fold != own), _chosen(rows, fold == own)
        label, weight = training_weights(examples, rest.owners, rest.evidence)
        fits = set(label[weight > 0].tolist()) == {0, 1}
        apart = folded(layer.columns, fit_layer(name, examples, rest, recipe)) if fits else layer
        found = strongest_margins(apart, part, len(examples))
        margins = np.where(np.isnan(found), margins, found)
    return margins


def _chosen(rows: HeadRows, kept: NDArray[np.bool_]) -> HeadRows:
    return HeadRows(rows.matrix[kept], rows.owners[kept], rows.evidence[kept])


def fit_layer(name: str, examples: Sequence[Example], rows: HeadRows, recipe: Recipe) -> Pipeline:
    """A scaled logistic regression on the rows."""
    label, weight = training_weights(examples, rows.owners, rows.evidence)
    used = weight > 0
    c = recipe.layer_c.get(name, recipe.layer_c_others)
    estimator = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=500))
    estimator.fit(rows.matrix[used], label[used], logisticregression__sample_weight=weight[used])
    return estimator


def _without_doubted(head: Head, examples: Sequence[Example], rows: HeadRows) -> HeadRows:
    """Without comments that a word list called clean though they hold a hidden spelling: it could not see that."""
    if not head.lexicon:
        return rows
    hidden = rows.matrix[:, head_columns(head).index("any_hidden_severe")] > 0
    doubted = np.array([not example.gold and example.label == 0 for example in examples])
    doubted &= np.bincount(rows.owners, hidden, len(examples)) > 0
    return _chosen(rows, ~doubted[rows.owners])
