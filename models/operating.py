"""Promises and the thresholds that keep them: "precision at least 0.95 at a base rate of 3 %" → where to cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from models.scores import OperatingPoint

#: (threshold, recall, false-positive rate)
Curve = Sequence[tuple[float, float, float]]

#: The point that F1 figures are quoted at.
BALANCED = "balanced"
PROMISES = ("precision>=0.7", "precision>=0.8", "precision>=0.9", "precision>=0.95", "precision>=0.99")
#: Base rates at which a card shows a point's precision.
SHOWN_RATES = ("0.001", "0.01", "0.1")

_PROMISE = re.compile(r"precision>=(0\.\d+)")


def precision(recall: float, false_positives: float, base_rate: float) -> float:
    """Share of flagged comments that are rightly flagged, where ``base_rate`` of all comments are positive."""
    right, wrong = recall * base_rate, false_positives * (1 - base_rate)
    return right / (right + wrong) if right + wrong > 0 else 0.0


def point(
    head: str, name: str, curve: Curve, *, base_rate: float, rows: tuple[int, int], negatives: float | None = None
) -> OperatingPoint:
    """The operating point of that name: the lowest threshold that keeps its promise with some caution.

    False positives count one more than were seen and a standard error on top, so that without data there is no promise.
    Where no threshold keeps it, the threshold is null.

    :param curve: by rising threshold, on rows the classifier was not fitted to.
    :param rows: positives and negatives behind the curve.
    :param negatives: how many equally weighted negatives the curve is worth, where rows have weights of their own.
    """
    promise = _PROMISE.fullmatch(name)
    if promise is None:
        raise ValueError(f"{name} is no promise: precision>=0.…")
    worth = rows[1] if negatives is None else negatives
    cautious = [
        (threshold, recall, (wrong * worth + sqrt(wrong * worth) + 1) / (worth + 1))
        for threshold, recall, wrong in curve
    ]
    kept = next((at for at in cautious if precision(at[1], at[2], base_rate) >= float(promise.group(1))), None)
    return _described(head, name, kept, base_rate, rows)


def balanced(head: str, curve: Curve, *, base_rate: float, rows: tuple[int, int]) -> OperatingPoint:
    """The threshold with the best F1 on the rows behind the curve, at their own share of positives."""
    share = rows[0] / max(sum(rows), 1)
    best = max(curve, key=lambda at: _f1(precision(at[1], at[2], share), at[1]), default=None)
    return _described(head, BALANCED, best, base_rate, rows)


def _described(
    head: str, name: str, at: tuple[float, float, float] | None, base_rate: float, rows: tuple[int, int]
) -> OperatingPoint:
    if at is None:
        return OperatingPoint(head, name, None, base_rate, rows=rows)
    threshold, recall, wrong = at
    shown = {rate: precision(recall, wrong, float(rate)) for rate in SHOWN_RATES}
    return OperatingPoint(head, name, threshold, base_rate, recall, shown, rows)


def _f1(share_right: float, recall: float) -> float:
    return 2 * share_right * recall / (share_right + recall) if share_right + recall > 0 else 0.0


def rises(curve: Curve) -> bool:
    """Whether thresholds rise and recall never does: what a curve must be."""
    return all(a[0] < b[0] and a[1] >= b[1] for a, b in pairwise(curve))
