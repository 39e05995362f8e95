"""Agreement: against tables worked out by hand, and against what chance gives."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.agreement import agreement

Pairs = list[tuple[str, str]]

PAIRS = some.lists(some.tuples(some.sampled_from("abc"), some.sampled_from("abc")), min_size=1, max_size=60)


def table(**cells: int) -> Pairs:
    """``ab=3``: three comments that the first called a and the second b."""
    return [(cell[0], cell[1]) for cell, count in cells.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("pairs", "observed", "kappa"),
    [
        # 35 of 50 agree; by chance 25/50 · 30/50 + 25/50 · 20/50 = 1/2 would.
        (table(yy=20, yn=5, ny=10, nn=15), 0.7, 0.4),
        # The same share of agreement, and more of it by chance: 60·70 + 40·30 and 60·30 + 40·70 of 100².
        (table(yy=45, yn=15, ny=25, nn=15), 0.6, (0.6 - 0.54) / (1 - 0.54)),
        (table(yy=25, yn=35, ny=5, nn=35), 0.6, (0.6 - 0.46) / (1 - 0.46)),
        # Three answers: 4+3+2 of 12 agree; by chance (5·6 + 4·3 + 3·3)/144.
        (table(aa=4, ab=1, bb=2, ba=2, cc=2, cb=0, ca=0, bc=0, ac=0) + table(cc=1), 9 / 12, None),
        (table(aa=5, bb=5), 1.0, 1.0),
        (table(ab=5, ba=5), 0.0, -1.0),
    ],
)
def test_by_hand(pairs: Pairs, observed: float, kappa: float | None) -> None:
    """Cohen's kappa of small tables."""
    found = agreement(pairs)
    assert found.observed == pytest.approx(observed)
    if kappa is None:
        rows = [sum(a == c for a, _ in pairs) * sum(b == c for _, b in pairs) for c in "abc"]
        expected = sum(rows) / len(pairs) ** 2
        kappa = (observed - expected) / (1 - expected)
    assert found.kappa == pytest.approx(kappa)


def test_the_interval_by_hand() -> None:
    """Fleiss, Cohen and Everitt's formula for the first table, written out."""
    found = agreement(table(yy=20, yn=5, ny=10, nn=15))
    # a: Σ p_ii (1 − (p_i. + p_.i)(1 − κ))²; b: (1 − κ)² Σ p_ij (p_.i + p_j.)²; c: (κ − p_e (1 − κ))²
    a = 0.4 * (1 - (0.5 + 0.6) * 0.6) ** 2 + 0.3 * (1 - (0.5 + 0.4) * 0.6) ** 2
    b = 0.6**2 * (0.1 * (0.6 + 0.5) ** 2 + 0.2 * (0.4 + 0.5) ** 2)
    c = (0.4 - 0.5 * 0.6) ** 2
    error = ((a + b - c) / 50) ** 0.5 / (1 - 0.5)
    assert found.low == pytest.approx(0.4 - 1.96 * error, abs=1e-4)
    assert found.high == pytest.approx(0.4 + 1.96 * error, abs=1e-4)


@pytest.mark.parametrize(
    ("pairs", "low", "high"),
    [
        # Wilson's low end of 17 of 17 is 17/(17 + 1.96²) = 0.816; by chance 9² + 8² of 17² would agree.
        (table(aa=9, bb=8), (17 / (17 + 1.96**2) - 145 / 289) / (144 / 289), 1.0),
        # Nearly everything is the same: 16² + 1 of 17² by chance, so that seventeen pairs say next to nothing.
        (table(aa=16, bb=1), (17 / (17 + 1.96**2) - 257 / 289) / (32 / 289), 1.0),
        # None of ten agrees, half would by chance; Wilson's high end is 1.96²/(10 + 1.96²).
        (table(ab=5, ba=5), -1.0, (1.96**2 / (10 + 1.96**2) - 0.5) / 0.5),
    ],
)
def test_where_all_agree_or_none(pairs: Pairs, low: float, high: float) -> None:
    """That no pair came out otherwise does not prove that none ever will."""
    found = agreement(pairs)
    assert found.low == pytest.approx(low, abs=1e-3)
    assert found.high == pytest.approx(high, abs=1e-3)


def test_nothing_to_tell_from() -> None:
    """No pair; and one answer for everything, where chance agrees as well."""
    assert agreement([]).observed is None
    same = agreement(table(aa=9))
    assert (same.pairs, same.observed, same.kappa) == (9, 1.0, None)


@given(PAIRS)
def test_it_does_not_matter_who_was_first(pairs: Pairs) -> None:
    """Nor in which order the comments come, nor what the answers are called; and it stays within its bounds."""
    found = agreement(pairs)
    turned = agreement([(other, one) for one, other in reversed(pairs)])
    renamed = agreement([(one * 2, other * 2) for one, other in pairs])
    for again in (turned, renamed):
        for name in ("pairs", "observed", "kappa", "low", "high"):
            assert getattr(again, name) == pytest.approx(getattr(found, name))
    if found.kappa is not None:
        assert -1 - 1e-9 <= found.kappa <= 1 + 1e-9
    if found.low is not None and found.high is not None:
        assert found.low - 1e-9 <= (found.kappa or 0.0) <= found.high + 1e-9


def test_the_interval_covers() -> None:
    """About 95 of 100 samples of a known table have its kappa in their interval."""
    draw = random.Random(5)
    cells = {("y", "y"): 0.35, ("y", "n"): 0.1, ("n", "y"): 0.05, ("n", "n"): 0.5}
    expected = 0.45 * 0.4 + 0.55 * 0.6
    true = (0.85 - expected) / (1 - expected)
    covered = 0
    for _ in range(400):
        found = agreement(draw.choices(list(cells), list(cells.values()), k=150))
        covered += (found.low or 0.0) <= true <= (found.high or 0.0)
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize("agreeing", [0.9, 0.95, 0.98])
def test_the_interval_of_few_pairs_covers(agreeing: float) -> None:
    """Seventeen pairs of people who agree nearly always: often all do, and the truth is inside even so."""
    draw = random.Random(7)
    cells = {("y", "y"): agreeing / 2, ("n", "n"): agreeing / 2, ("y", "n"): (1 - agreeing) / 2}
    cells["n", "y"] = cells["y", "n"]
    covered = 0
    for _ in range(400):
        found = agreement(draw.choices(list(cells), list(cells.values()), k=17))
        covered += found.low is None or (found.low <= 2 * agreeing - 1 <= (found.high or 0.0))
    assert covered / 400 >= 0.92
