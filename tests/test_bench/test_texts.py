"""Generated texts are like what they stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.texts import Talk, hostile
from models.bundle import Bundle

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """The shipped one."""
    return Bundle.load(ROOT / "models" / "default")


def test_a_seed_gives_the_same_texts(bundle: Bundle) -> None:
    """Two runs measure the same; another seed, or going on, gives others."""
    texts = Talk(bundle).texts(20)
    assert texts == Talk(bundle).texts(20)
    assert len({*texts, *Talk(bundle, seed=2).texts(20)}) == 40
    assert {len(text) for text in texts} == {400}


def test_words_are_as_rare_as_in_comments(bundle: Bundle) -> None:
    """Neither a vocabulary that fits into a memory of any size, nor one that nobody writes."""
    tokens = bundle.parts.reader.read(Talk(bundle).texts(1_000))
    unknown = float((tokens.ids >= len(bundle.parts.vocabulary)).mean())
    assert 0.008 < unknown < 0.025
    assert len(np.unique(tokens.ids)) > 5_000


@pytest.mark.parametrize("name", hostile(10))
def test_hostile_texts_are_as_long_as_asked(name: str) -> None:
    """Otherwise growth with length would be measured wrongly."""
    for length in (2_000, 20_000):
        assert 0.98 * length < len(hostile(length)[name]) <= length
