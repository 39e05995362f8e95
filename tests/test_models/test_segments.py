"""Texts are cut into windows and sentences without gaps, each as it would be cut alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.segments import WINDOW, Segments, sentences, whole, windows
from models.tokens import Tokens
from models.vocabulary import END

#: Word ids of texts: ends of sentences are frequent, lengths lie around a window's.
IDS = st.lists(st.sampled_from([END, END, 4, 7]), min_size=1, max_size=2 * WINDOW + 3)
CUTS: dict[str, Callable[[Tokens], Segments]] = {"windows": windows, "sentences": sentences, "whole": whole}


def joined(texts: list[list[int]]) -> Tokens:
    """Texts as one batch."""
    starts = np.cumsum([0, *map(len, texts)])
    return Tokens(np.array([number for text in texts for number in text], np.int32), starts)


def stretches(texts: list[list[int]], cut: Callable[[Tokens], Segments]) -> list[list[list[int]]]:
    """Each text's segments as lists of ids."""
    tokens = joined(texts)
    segments = cut(tokens)
    found: list[list[list[int]]] = [[] for _ in texts]
    for owner, start, length in zip(segments.owners(), segments.starts, segments.lengths, strict=True):
        found[owner].append(tokens.ids[start : start + length].tolist())
    return found


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
@given(texts=st.lists(IDS, min_size=1, max_size=5))
def test_every_cut(cut: Callable[[Tokens], Segments], texts: list[list[int]]) -> None:
    """Segments hold each text's words, all of them once and in order, none is empty, and neighbours change nothing."""
    found = stretches(texts, cut)
    assert [[number for part in parts for number in part] for parts in found] == texts
    assert all(part for parts in found for part in parts)
    assert found == [stretches([text], cut)[0] for text in texts]
    segments = cut(joined(texts))
    assert segments.owners()[segments.first].tolist() == list(range(len(texts)))


@given(IDS)
def test_windows(text: list[int]) -> None:
    """As few windows as hold the text, as equal as can be."""
    lengths = list(map(len, stretches([text], windows)[0]))
    assert max(lengths) <= WINDOW
    assert len(lengths) == -(-len(text) // WINDOW)
    assert max(lengths) - min(lengths) <= 1


@given(IDS)
def test_sentences(text: list[int]) -> None:
    """A sentence ends with its marks, however many, and the next begins behind them."""
    parts = stretches([text], sentences)[0]
    for part in parts:
        words = [number != END for number in part]
        assert words == sorted(words, reverse=True) or not any(words[: words.index(True)])
    assert all(part[-1] == END for part in parts[:-1])
    assert all(part[0] != END for part in parts[1:])


def test_sentences_by_example() -> None:
    """Marks at the beginning belong to the first sentence, several in a row to the sentence that they end."""
    assert stretches([[END, 4, 7, END, END, 4, END, 7]], sentences) == [[[END], [4, 7, END, END], [4, END], [7]]]


def test_a_window_of_its_own_size() -> None:
    """Cutting smaller is cutting into more of them."""
    assert list(map(len, stretches([[4] * 10], lambda tokens: windows(tokens, 4))[0])) == [3, 3, 4]
