"""What a sample says about all comments, with 95 % intervals. Pure.

- Shares: Wilson, E. B. (1927): Probable inference, the law of succession, and statistical inference. Journal of the
  American Statistical Association 22, 209–212.
- Recall: what is found and what is missed are totals over comments that came before a person with known chances, so
  each counts for 1 / its chance (Horvitz, D. G. and Thompson, D. J. (1952), ibid. 47, 663–685). The interval of their
  ratio is taken on the logarithm by the delta method, with half a comment added to either (Gart, J. J. (1966):
  Alternative analyses of contingency tables. Journal of the Royal Statistical Society B 28, 164–179), so that a sample
  without a miss does not say that nothing is ever missed.
- Calibration: Naeini, M. P., Cooper, G. F. and Hauskrecht, M. (2015): Obtaining well calibrated probabilities using
  Bayesian binning. AAAI 29. The interval is a bootstrap's, drawn from each bin's own spread (Davison, A. C. and
  Hinkley, D. V. (1997): Bootstrap Methods and their Application, §5.2 and §5.3).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

Z: Final = 1.959963984540054
"""So many standard errors either way hold 95 %."""
BINS: Final = 10
_DRAWS: Final = 800


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its 95 % interval; all null where there is nothing to tell it from."""

    value: float | None
    low: float | None
    high: float | None
    #: Comments it rests on.
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Comments with scores in one stretch: what was promised of them, and what people said."""

    low: float
    high: float
    count: int
    #: The mean score, and the share of yes.
    score: float
    yes: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far scores lie from what people say: the mean distance of the bins, by how many comments they stand for."""

    error: Estimate
    bins: Sequence[Bin]


@dataclass(frozen=True, slots=True)
class Seen:
    """A comment that came before a person by chance, and the answer to a head's question."""

    weight: float
    found: bool
    yes: bool
    score: float | None = None


def share(hits: int, count: int) -> Estimate:
    """The share of hits, by Wilson."""
    if not count:
        return Estimate(None, None, None, 0)
    value = hits / count
    middle = (value + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(value * (1 - value) / count + Z**2 / (4 * count**2))
    low, high = 0.0 if not hits else middle - half, 1.0 if hits == count else middle + half
    return Estimate(value, low, high, count)


def recall(seen: Iterable[Seen]) -> Estimate:
    """Of all comments that the answer is yes for, the share that was found."""
    yes = [0.0, 0.0]
    squares = [0.0, 0.0]
    heaviest = [1.0, 1.0]
    count = 0
    for one in seen:
        heaviest[one.found] = max(heaviest[one.found], one.weight)
        if one.yes:
            yes[one.found] += one.weight
            squares[one.found] += one.weight**2
            count += 1
    if not count:
        return Estimate(None, None, None, 0)
    missed, found = (total + weight / 2 for total, weight in zip(yes, heaviest, strict=True))
    spread = [total + weight**2 / 2 for total, weight in zip(squares, heaviest, strict=True)]
    odds = math.log(found / missed)
    half = Z * math.sqrt(spread[0] / missed**2 + spread[1] / found**2)
    return Estimate(yes[1] / sum(yes), _logistic(odds - half), _logistic(odds + half), count)


def calibration(seen: Iterable[Seen]) -> Calibration:
    """Over stretches of equal width; what has no score is left out."""
    filled: list[list[Seen]] = [[] for _ in range(BINS)]
    for one in seen:
        if one.score is not None:
            filled[min(int(one.score * BINS), BINS - 1)].append(one)
    bins, shares, gaps, errors = [], [], [], []
    for number, inside in enumerate(filled):
        if inside:
            weight = sum(one.weight for one in inside)
            score = sum(one.weight * (one.score or 0.0) for one in inside) / weight
            yes = sum(one.weight * one.yes for one in inside) / weight
            bins.append(Bin(number / BINS, (number + 1) / BINS, len(inside), score, yes))
            shares.append(weight)
            gaps.append(yes - score)
            errors.append(_error(inside, weight, yes - score))
    if not bins:
        return Calibration(Estimate(None, None, None, 0), ())
    total = sum(shares)
    shares = [one / total for one in shares]
    error = sum(part * abs(gap) for part, gap in zip(shares, gaps, strict=True))
    low, high = _interval(error, shares, gaps, errors)
    return Calibration(Estimate(error, low, high, sum(one.count for one in bins)), bins)


def median(values: Sequence[float]) -> float | None:
    """The middle one of sorted values; null where there is none."""
    return None if not values else (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def _error(inside: Sequence[Seen], weight: float, gap: float) -> float:
    """The standard error of a weighted mean, never less than one comment of the other answer would make it."""
    spread = sum((one.weight * (one.yes - (one.score or 0.0) - gap)) ** 2 for one in inside)
    heaviest = max(one.weight for one in inside)
    return math.sqrt(spread + heaviest**2 / 4) / weight


def _interval(error: float, shares: list[float], gaps: list[float], errors: list[float]) -> tuple[float, float]:
    """Noise adds to the error, and the more so to what is drawn from it: the lower end is the basic bootstrap's, which
    takes that back, or 0 where noise alone would show as large an error; the upper end is the percentile's."""
    draw = random.Random(0)  # the same figures give the same interval
    parts = list(zip(shares, gaps, strict=True))
    noise = [[draw.gauss(0.0, spread) for spread in errors] for _ in range(_DRAWS)]
    drawn = sorted(sum(part * abs(gap + z) for (part, gap), z in zip(parts, one, strict=True)) for one in noise)
    alone = sorted(sum(part * abs(z) for part, z in zip(shares, one, strict=True)) for one in noise)
    high = int(0.975 * _DRAWS)
    lowest = 0.0 if error <= alone[high] else max(2 * error - drawn[high], 0.0)
    return lowest, min(max(drawn[high], error), 1.0)


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
