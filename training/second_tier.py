"""The second tier of a bundle: fitted on what the first one doubts of the training rows, by margins it never saw.

It is built as the first is: what a text's vector says is one cross-fitted column among others, a last layer weighs
them, and calibration and promises come from layers that never saw a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.calibration import probabilities
from models.classifier import Layer
from models.doubts import Doubt, passage
from models.encoder import excerpt
from models.heads import Head, Unit
from models.manifest import Calibration, HeadManifest, SecondHead
from models.parts import Parts
from models.second_tier import alone, article_texts, compared, encoded, second_columns
from training.crossfit import HeadRows
from training.examples import Example
from training.layers import FittedHead, calibrate, fit_layer, folded, mix_weights, promised, unseen_margins
from training.recipe import Recipe
from training.teacher import VectorCache, teacher_vectors, text_key

#: The first tier's scores below this are no doubts.
_DOUBTED = 0.01
#: Ends that a band may have.
_LOWS = (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
_HIGHS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
#: How much of what the best band gains in average precision the chosen one keeps.
_KEPT = 0.9
#: Rows of the mix that a band needs, of each label.
_ROWS = 40
#: Inverse penalty of the regression on vectors.
_MEANING_C = 0.001


@dataclass(frozen=True)
class FittedSecondHead:
    """One head of the second tier: what its manifest says, its tables, and what scikit-learn fitted."""

    described: SecondHead
    tables: dict[str, NDArray[Any]]
    estimators: dict[str, Pipeline]


class Vectors:
    """The encoder's vectors, from the cache of the fit's teacher."""

    def __init__(self, cache: VectorCache, *, threads: int) -> None:
        self._cache, self._threads = cache, threads
        self._known: dict[bytes, NDArray[np.float16]] = {}

    def fetch(self, texts: Sequence[str]) -> None:
        """Make the texts' vectors known.

        :raises EncoderMissing: the cache lacks some, and the encoder is not installed.
        """
        missing = {text for text in texts if text and text_key(text) not in self._known}
        self._known |= teacher_vectors(missing, self._cache, threads=self._threads)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As ``Encoder.encode``, of fetched texts."""
        return np.array([self._known[text_key(text)] for text in texts], np.float32)


def fit_second_head(
    fitted: FittedHead, examples: Sequence[Example], rows: HeadRows, parts: Parts, vectors: Vectors, recipe: Recipe
) -> FittedSecondHead | None:
    """The head's second look; null where no band gains anything.

    :param examples, rows: those that the head was fitted on.
    :raises EncoderMissing: the cache lacks vectors, and the encoder is not installed.
    """
    first = probabilities(fitted.calibration, fitted.margins)
    doubts = _doubts(fitted, examples, rows, parts, first)
    mix = mix_weights(examples, fitted.margins, fitted.mix, recipe.base_rate[fitted.head.name])
    labels = np.array([example.label for example in examples])
    if not doubts or set(labels[list(doubts)].tolist()) != {0, 1}:
        return None
    seen = _columns(fitted, examples, doubts, vectors, recipe)
    estimator = fit_layer(fitted.head.name, examples, seen.rows, recipe)
    layer = folded(second_columns(fitted.head.name), estimator)
    second = unseen_margins(fitted.head.name, layer, examples, seen.rows, recipe)
    chosen = _chosen_band(first, second, labels, mix)
    if chosen is None:
        return None
    band, calibration = chosen
    both = _combined(first, second, band, calibration)
    curve, points = promised(fitted.head.name, examples, both, mix, recipe)
    described = HeadManifest(
        name=fitted.head.name, mix=fitted.mix, base_rate=recipe.base_rate[fitted.head.name], calibration=calibration,
        operating_points=points, curve=curve, metrics={}, parameters={"intercept": layer.intercept, **seen.parameters},
    )  # fmt: skip
    share = float(mix[(first >= band[0]) & (first < band[1])].sum() / mix.sum())
    name = f"second/{fitted.head.name}"
    tables = {f"{name}/weights": layer.weights} | {f"{name}/{key}": table for key, table in seen.tables.items()}
    estimators = {name: estimator} | {f"{name}/{key}": found for key, found in seen.estimators.items()}
    return FittedSecondHead(SecondHead(band, share, described), tables, estimators)


def encoded_texts(head: Head, examples: Sequence[Example]) -> list[str]:
    """What the encoder may be asked for about the examples, whatever the first tier says; of long texts, the openings.

    Some may be empty.
    """
    if head.unit is Unit.PAIR:
        return [text for example in examples for text in _compared_texts(example)]
    return [excerpt(example.comment.text) for example in examples]


@dataclass(frozen=True)
class _Columns:
    """The last layer's columns for each doubt, and what of them is a model of its own."""

    rows: HeadRows
    parameters: dict[str, float]
    tables: dict[str, NDArray[Any]]
    estimators: dict[str, Pipeline]


def _doubts(
    fitted: FittedHead, examples: Sequence[Example], rows: HeadRows, parts: Parts, first: NDArray[np.float64]
) -> dict[int, Doubt]:
    """By example, what the first tier doubts."""
    order = np.lexsort((np.arange(len(rows.owners)), rows.owners))
    margins, owners = fitted.layer.margins(rows.matrix[order]), rows.owners[order]
    found: dict[int, Doubt] = {}
    bounds = np.flatnonzero(np.append(True, np.diff(owners) > 0))
    for start, stop in zip(bounds, np.append(bounds[1:], len(owners)), strict=True):
        i = int(owners[start])
        if first[i] >= _DOUBTED:
            comment, strongest = examples[i].comment, int(margins[start:stop].argmax())
            is_pair = fitted.head.unit is Unit.PAIR
            text = excerpt(comment.text) if is_pair else passage(parts, comment.text, strongest)
            columns = rows.matrix[order[start + strongest]]
            found[i] = Doubt(fitted.head.name, float(first[i]), columns, text, comment.article, comment.parent)
    return found


def _columns(
    fitted: FittedHead, examples: Sequence[Example], doubts: dict[int, Doubt], vectors: Vectors, recipe: Recipe
) -> _Columns:
    owners = np.array(list(doubts))
    nothing = np.zeros(len(owners), bool)
    if fitted.head.unit is Unit.PAIR:
        vectors.fetch([text for i in doubts for text in _compared_texts(examples[i])])
        return _Columns(
            HeadRows(np.array([_pair(one, vectors) for one in doubts.values()]), owners, nothing), {}, {}, {}
        )
    vectors.fetch([one.text for one in doubts.values()])
    own = encoded(vectors.encode, [one.text for one in doubts.values()])
    estimator, meaning, unseen = _meaning([examples[i] for i in doubts], own, recipe)
    matrix = np.array([alone(one, margin) for one, margin in zip(doubts.values(), unseen.tolist(), strict=True)])
    parameters, tables = {"meaning_intercept": meaning.intercept}, {"meaning": meaning.weights}
    return _Columns(HeadRows(matrix, owners, nothing), parameters, tables, {"meaning": estimator})


def _pair(one: Doubt, vectors: Vectors) -> NDArray[np.float64]:
    own, parent = encoded(vectors.encode, [one.text, excerpt(one.parent or "")])
    article = None if one.article is None or one.article.is_empty else article_texts(one.article)
    return compared(one, own, None if article is None else encoded(vectors.encode, article), parent)


def _compared_texts(example: Example) -> list[str]:
    comment = example.comment
    texts = [excerpt(comment.text), excerpt(comment.parent or "")]
    return texts if comment.article is None else texts + article_texts(comment.article)


def _meaning(
    examples: Sequence[Example], own: NDArray[np.float32], recipe: Recipe
) -> tuple[Pipeline, Layer, NDArray[np.float64]]:
    """A regression on vectors; the estimator, the same folded, and each example's margin by one that never saw it."""
    labels = np.array([example.label for example in examples])
    weights = np.array([example.weight for example in examples])
    fold = np.array([example.fold(recipe.folds) for example in examples])
    unseen = np.zeros(len(examples))
    final = _regression(own, labels, weights)
    for held in range(recipe.folds):
        rest = fold != held
        apart = _regression(own[rest], labels[rest], weights[rest]) if len(set(labels[rest].tolist())) == 2 else final
        unseen[~rest] = folded((), apart).margins(own[~rest].astype(float))
    return final, folded((), final), unseen


def _regression(own: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64]) -> Pipeline:
    estimator = make_pipeline(StandardScaler(), LogisticRegression(C=_MEANING_C, max_iter=500))
    return estimator.fit(own.astype(float), labels, logisticregression__sample_weight=weights)


def _chosen_band(
    first: NDArray[np.float64], second: NDArray[np.float64], labels: NDArray[np.int64], mix: NDArray[np.float64]
) -> tuple[tuple[float, float], Calibration] | None:
    """Of the bands that keep most of the best one's gain in average precision, the one that asks for the least."""
    used = mix > 0
    plain = average_precision_score(labels[used], first[used], sample_weight=mix[used])
    found: list[tuple[float, float, tuple[float, float], Calibration]] = []
    for band in ((low, high) for low in _LOWS for high in _HIGHS if low < high):
        asked = used & (first >= band[0]) & (first < band[1]) & ~np.isnan(second)
        if np.bincount(labels[asked], minlength=2).min() >= _ROWS:
            calibration = calibrate(second[asked], labels[asked], mix[asked])
            both = _combined(first, second, band, calibration)
            gain = average_precision_score(labels[used], both[used], sample_weight=mix[used]) - plain
            found.append((float(gain), float(mix[asked].sum()), band, calibration))
    most = max((gain for gain, *_ in found), default=0.0)
    if most <= 0:
        return None
    _, _, band, calibration = min((one for one in found if one[0] >= _KEPT * most), key=lambda one: one[1])
    return band, calibration


def _combined(
    first: NDArray[np.float64], second: NDArray[np.float64], band: tuple[float, float], calibration: Calibration
) -> NDArray[np.float64]:
    """Each example's score by both tiers."""
    asked = (first >= band[0]) & (first < band[1]) & ~np.isnan(second)
    return np.where(asked, probabilities(calibration, np.where(asked, second, 0.0)), first)
