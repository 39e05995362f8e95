"""The served arithmetic: square roots with a floor, pairs inside segments, and a last layer column by column."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.classifier import (
    SHORTEST,
    Layer,
    pair_positions,
    root_length,
)
from models.segments import sentences
from tests.test_models.test_segments import IDS, joined

DRAW = np.random.default_rng(3)


def test_root_length() -> None:
    """The square root of a length: short segments are not blown up, and no length is too long."""
    floored = [SHORTEST, SHORTEST, SHORTEST, SHORTEST + 1, 64, 4096, 4096]
    roots = root_length(np.array([0, 1, SHORTEST, SHORTEST + 1, 64, 4096, 20_000]))
    assert roots.tolist() == np.sqrt(np.array(floored, np.float32)).tolist()


@given(st.lists(IDS, min_size=1, max_size=4))
def test_pairs_stay_inside_segments(texts: list[list[int]]) -> None:
    """Every word has a pair with its right neighbour but the last of each segment."""
    tokens = joined(texts)
    cut = sentences(tokens)
    expected = [at for start, n in zip(cut.starts, cut.lengths, strict=True) for at in range(start, start + n - 1)]
    assert pair_positions(tokens, cut).tolist() == expected


@pytest.mark.parametrize("rows", [1, 2, 17, 400])
def test_margins(rows: int) -> None:
    """Weighted columns and the intercept, the same to the last bit in whatever batch a row stands."""
    layer = Layer(("one", "two", "three", "four", "five"), DRAW.normal(size=5), 0.5)
    matrix = DRAW.normal(size=(rows, 5))
    margins = layer.margins(matrix)
    np.testing.assert_allclose(margins, matrix @ layer.weights + 0.5, rtol=1e-12, atol=1e-12)
    assert [layer.margins(row[None])[0] for row in matrix] == margins.tolist()


def test_a_layer_takes_its_own_columns() -> None:
    """A matrix with another number of columns than there are weights is an error, not a guess."""
    with pytest.raises(ValueError, match="broadcast"):
        Layer(("one", "two"), np.ones(2), 0.0).margins(np.ones((3, 3)))
