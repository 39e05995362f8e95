"""How well people agree, beyond what chance would give. Pure.

Cohen, J. (1960): A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 37–46.
The interval is the large-sample one of Fleiss, J. L., Cohen, J. and Everitt, B. S. (1969): Large sample standard errors
of kappa and weighted kappa. Psychological Bulletin 72, 323–327. Where all pairs agree, or none, its error is 0, as if
nothing else could have come: then what the share of agreement may be by Wilson's interval (``estimates.py``) is set
against chance, which is taken as known, as in Cohen's own interval of 1960.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Final

from service.estimates import Z, share


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the pairs of opinions. ``kappa`` is 1 where all agree and 0 where chance would do as well."""

    pairs: int
    #: The share that agreed; null without a pair.
    observed: float | None
    #: Null where everybody said the same of everything: then chance would agree as well.
    kappa: float | None
    #: Its 95 % interval; null where kappa is, or where there are too few pairs for one.
    low: float | None = None
    high: float | None = None


_LEAST_PAIRS: Final = 10
"""Below, the large-sample interval says nothing."""


def agreement(pairs: Iterable[tuple[Hashable, Hashable]]) -> Agreement:
    """Of first and second opinions about the same comments."""
    table = Counter(pairs)
    count = table.total()
    if not count:
        return Agreement(0, None, None)
    first: Counter[Hashable] = Counter()
    second: Counter[Hashable] = Counter()
    for (one, other), number in table.items():
        first[one] += number
        second[other] += number
    same = sum(number for (one, other), number in table.items() if one == other)
    observed = same / count
    expected = sum(first[one] * second[one] for one in first) / count**2
    if expected >= 1:
        return Agreement(count, observed, None)
    kappa = (observed - expected) / (1 - expected)
    if count < _LEAST_PAIRS:
        return Agreement(count, observed, kappa)
    if same in (0, count):
        may_be = share(same, count)
        low, high = (None if end is None else (end - expected) / (1 - expected) for end in (may_be.low, may_be.high))
        return Agreement(count, observed, kappa, low, high)
    error = _standard_error(table, first, second, expected, kappa)
    return Agreement(count, observed, kappa, max(kappa - Z * error, -1.0), min(kappa + Z * error, 1.0))


def _standard_error(
    table: Counter[tuple[Hashable, Hashable]],
    first: Counter[Hashable],
    second: Counter[Hashable],
    expected: float,
    kappa: float,
) -> float:
    """Of kappa, for a kappa that is not 0 (Fleiss, Cohen and Everitt 1969, equation 13)."""
    count = table.total()
    same = different = 0.0
    for (one, other), number in table.items():
        share = number / count
        if one == other:
            same += share * (1 - (first[one] + second[one]) / count * (1 - kappa)) ** 2
        else:
            different += share * ((second[one] + first[other]) / count) ** 2
    spread = same + (1 - kappa) ** 2 * different - (kappa - expected * (1 - kappa)) ** 2
    return math.sqrt(max(spread, 0.0) / count) / (1 - expected)
