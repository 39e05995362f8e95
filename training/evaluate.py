"""Measures a bundle on the named held-out sets and prints the table that the README and the model card show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve, roc_auc_score

from models.bundle import Bundle
from models.calibration import expected_calibration_error
from models.operating import BALANCED
from training.heldout import HeldOut

#: The point at which the default policy acts, by head; the others only sort.
ACTING_POINT = {"profanity": "precision>=0.9", "spoiler": "precision>=0.7", "off_topic": "precision>=0.9"}
#: Precision at which recall is quoted.
FIXED_PRECISION = 0.9


@dataclass(frozen=True)
class Measured:
    """One held-out set's figures. A figure that the set cannot give (one class only) is absent."""

    head: str
    name: str
    counted: str
    rows: int
    positives: int
    metrics: dict[str, float]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]
    slices: tuple[str, ...]


def measure(bundle: Bundle, sets: Iterable[HeldOut]) -> list[Measured]:
    """Score every set with the bundle, as the service would."""
    return [_measured(bundle, one) for one in sets if one.comments]


def table(measured: Sequence[Measured]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| head | held-out set | labels counted | rows (positive) | AUC | AP | F1 at balanced | flagged at the acting "
        "point: positives / negatives | recall at precision 0.9 | calibration error |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in measured:
        m = one.metrics
        cells = [one.head, one.name, one.counted, f"{one.rows:,} ({one.positives:,})"]
        cells += [_shown(m, key) for key in ("auc", "average_precision", "f1_balanced")]
        cells += [f"{_share(m, 'recall_acting')} / {_share(m, 'false_positives_acting')}"]
        cells += [_shown(m, "recall_at_precision_0.9"), _shown(m, "calibration_error")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def side_by_side(bundles: Sequence[tuple[str, Sequence[Measured]]]) -> str:
    """Several named bundles' main figures on the same sets, one column each, as a Markdown table."""
    names = " | ".join(name for name, _ in bundles)
    lines = [f"| head | held-out set | labels counted | rows (positive) | {names} |"]
    lines.append("|---" * (4 + len(bundles)) + "|")
    for same in zip(*(measured for _, measured in bundles), strict=True):
        one = same[0]
        cells = [one.head, one.name, one.counted, f"{one.rows:,} ({one.positives:,})"]
        lines.append(f"| {' | '.join([*cells, *(main_figures(each.metrics) for each in same)])} |")
    return "\n".join(lines)


def compared(scores: Sequence[float], labels: Sequence[int], threshold: float, *, graded: bool) -> str:
    """An engine's figures on one set: AUC where its answers are graded, F1, and the shares flagged, at a threshold."""
    given, label = np.array(scores), np.array(labels)
    flagged = given >= threshold
    figures = []
    if 0 < label.sum() < len(label):
        figures += [f"AUC {roc_auc_score(label, given):.3f}"] if graded else []
        figures += [f"F1 {f1_score(label, flagged):.3f}"]
    figures += [f"{flagged[label == 1].mean():.1%} found"] if label.any() else []
    figures += [f"{flagged[label == 0].mean():.1%} false"] if not label.all() else []
    return ", ".join(figures)


def main_figures(metrics: Mapping[str, float]) -> str:
    """AUC and F1 where a set has both kinds, else the share that is flagged at the acting point."""
    if "auc" in metrics:
        return f"AUC {metrics['auc']:.3f}, F1 {metrics['f1_balanced']:.3f}"
    shares = [f"{metrics[key]:.1%} flagged" for key in ("recall_acting", "false_positives_acting") if key in metrics]
    return shares[0] if shares else "–"


def _measured(bundle: Bundle, one: HeldOut) -> Measured:
    answers = bundle.score(one.comments, heads=(one.head,))
    given = [answer.heads[one.head].score for answer in answers]
    kept = [i for i, score in enumerate(given) if score is not None]
    scores = np.array([given[i] for i in kept], float)
    labels = np.array([one.labels[i] for i in kept])
    metrics = _metrics(bundle, one.head, scores, labels) if kept else {}
    slices = tuple(one.slices[i] for i in kept)
    return Measured(one.head, one.name, one.counted, len(kept), int(labels.sum()), metrics, scores, labels, slices)


def _metrics(bundle: Bundle, head: str, scores: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, float]:
    points = bundle.operating_points[head]
    acting, balanced = points[ACTING_POINT[head]].threshold, points[BALANCED].threshold
    metrics = {"rows": float(len(labels)), "positives": float(labels.sum())}
    for name, threshold in (("acting", acting), ("balanced", balanced)):
        flagged = scores >= (2.0 if threshold is None else threshold)
        if labels.any():
            metrics[f"recall_{name}"] = float(flagged[labels == 1].mean())
        if not labels.all():
            metrics[f"false_positives_{name}"] = float(flagged[labels == 0].mean())
        if 0 < labels.sum() < len(labels) and name == "balanced":
            metrics["f1_balanced"] = float(f1_score(labels, flagged))
    if 0 < labels.sum() < len(labels):
        metrics |= _ranking(scores, labels)
    return metrics


def _ranking(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, float]:
    precision, recall, _ = precision_recall_curve(labels, scores)
    return {
        "auc": float(roc_auc_score(labels, scores)),
        "average_precision": float(average_precision_score(labels, scores)),
        "recall_at_precision_0.9": float(recall[precision >= FIXED_PRECISION].max(initial=0.0)),
        "calibration_error": expected_calibration_error(scores, labels),
    }


def _shown(metrics: dict[str, float], key: str) -> str:
    return f"{metrics[key]:.3f}" if key in metrics else "–"


def _share(metrics: dict[str, float], key: str) -> str:
    return f"{metrics[key]:.1%}" if key in metrics else "–"
