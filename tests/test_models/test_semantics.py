"""Static embeddings: sums and cosines that do not depend on neighbours, to the last bit, and small rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.segments import sentences, whole
from models.semantics import Embedding, cosines, quantised, unit
from tests.factories import DIMENSIONS
from tests.test_models.test_segments import joined

KNOWN = 50
DRAW = np.random.default_rng(5)
#: Floats whose sums depend on the order that they are added in.
VECTORS = (DRAW.normal(size=(KNOWN, DIMENSIONS)) * 10 ** DRAW.uniform(-3, 3, size=(KNOWN, 1))).astype(np.float32)
EMBEDDING = quantised(VECTORS)

#: Texts of known and unknown words.
TEXTS = st.lists(st.lists(st.integers(0, KNOWN + 10), min_size=1, max_size=40), min_size=1, max_size=6)


def same_bits(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether two arrays are the same, byte for byte."""
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


@given(TEXTS)
def test_sums_do_not_depend_on_neighbours(texts: list[list[int]]) -> None:
    """A text's vector in a batch is its vector alone, to the last bit."""
    tokens = joined(texts)
    together = EMBEDDING.sums(tokens, whole(tokens))
    for text, row in zip(texts, together, strict=True):
        alone = joined([text])
        assert same_bits(EMBEDDING.sums(alone, whole(alone))[0], row)


@given(TEXTS)
def test_sums(texts: list[list[int]]) -> None:
    """Each segment's vector is the sum of its words' vectors; unknown words add nothing."""
    tokens = joined(texts)
    cut = sentences(tokens)
    rows = np.vstack([EMBEDDING.rows * EMBEDDING.scales[:, None].astype(np.float64), np.zeros((11, DIMENSIONS))])
    expected = [rows[tokens.ids[a : a + n]].sum(axis=0) for a, n in zip(cut.starts, cut.lengths, strict=True)]
    np.testing.assert_allclose(EMBEDDING.sums(tokens, cut), expected, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("count", [2, 3, 7, 64])
@pytest.mark.parametrize("others", [1, 2, 5, 97])
@pytest.mark.parametrize("dimensions", [3, 64, DIMENSIONS])
def test_cosines_and_lengths_do_not_depend_on_neighbours(count: int, others: int, dimensions: int) -> None:
    """A row's length and its cosine with another do not move, to the last bit, with what else is asked."""
    left = DRAW.normal(size=(count, dimensions)).astype(np.float32)
    right = DRAW.normal(size=(others, dimensions)).astype(np.float32)
    together, units = cosines(left, right), unit(left)
    for i in range(count):
        assert same_bits(unit(left[i : i + 1])[0], units[i])
        assert same_bits(cosines(left[i][None], right)[0], together[i])
    for j in range(others):
        assert same_bits(cosines(left, right[j][None])[:, 0].copy(), together[:, j].copy())


def test_cosines() -> None:
    """The cosine of every left row with every right row."""
    left, right = unit(VECTORS[:4]), unit(VECTORS[4:9])
    np.testing.assert_allclose(cosines(left, right), left @ right.T, atol=1e-6)
    np.testing.assert_allclose(np.diag(cosines(left, left)), 1, atol=1e-6)


def test_unit() -> None:
    """Rows keep their direction and get length one; a row of nothing stays nothing."""
    rows = np.vstack([VECTORS[:3], np.zeros((1, DIMENSIONS), np.float32)])
    lengths = np.linalg.norm(unit(rows), axis=1)
    np.testing.assert_allclose(lengths[:3], 1, rtol=1e-6)
    assert lengths[3] == 0
    np.testing.assert_allclose(unit(rows)[0] * np.linalg.norm(rows[0]), rows[0], rtol=1e-5)


def test_quantised() -> None:
    """Eight bits a number: each is off by at most half a step of its row, and the largest is exact."""
    assert EMBEDDING.rows.dtype == np.int8
    assert EMBEDDING.dimensions == DIMENSIONS
    back = EMBEDDING.rows * EMBEDDING.scales[:, None]
    assert (np.abs(back - VECTORS) <= EMBEDDING.scales[:, None] * 0.5001).all()
    assert (np.abs(EMBEDDING.rows).max(axis=1) == 127).all()


def test_a_word_without_meaning() -> None:
    """A vector of zeros stays one."""
    embedding = quantised(np.zeros((2, 4), np.float32))
    assert not embedding.rows.any()
    tokens = joined([[0, 1]])
    assert not embedding.sums(tokens, whole(tokens)).any()


def test_dimensions() -> None:
    """As many as a row has."""
    assert Embedding(np.zeros((3, 7), np.int8), np.ones(3, np.float32)).dimensions == 7
