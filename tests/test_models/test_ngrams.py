"""Hashes that every process and every batch agrees on; the bundle's tables are laid out by them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.classifier import CHARACTER_BITS, CHARACTER_ORDERS, PAIR_BITS
from models.ngrams import LONGEST_HASHED, character_ngrams, pair_slots, word_hashes

HASHED_WORDS = st.lists(
    st.text(min_size=1, max_size=12) | st.sampled_from(["the", "漢字", "\ud800", "x" * 200]), max_size=8
)
_32 = 0xFFFFFFFF


def slots_of(words: list[str], bits: int = CHARACTER_BITS) -> list[Counter[int]]:
    """Each word's table indices."""
    slots, owners = character_ngrams(words, CHARACTER_ORDERS, bits)
    found: list[Counter[int]] = [Counter() for _ in words]
    for slot, owner in zip(slots.tolist(), owners.tolist(), strict=True):
        found[owner][slot] += 1
    return found


def expected_slots(word: str, bits: int) -> Counter[int]:
    """The same, one n-gram after another with Python's integers."""
    marked = b"\x02" + word.encode("utf-8", "surrogatepass")[:LONGEST_HASHED] + b"\x03"
    found: Counter[int] = Counter()
    for order in CHARACTER_ORDERS:
        for start in range(len(marked) - order + 1):
            hashed = 0
            for byte in marked[start : start + order]:
                hashed = (hashed * 0x01000193 + byte + 1) & _32
            hashed = (hashed + order) & _32
            found[(((hashed ^ (hashed >> 16)) * 0x9E3779B1) & _32) >> (32 - bits)] += 1
    return found


@given(HASHED_WORDS)
def test_character_ngrams(words: list[str]) -> None:
    """Every n-gram of a word with its boundaries has one place in the table, and a word gives what it gives alone."""
    assert slots_of(words) == [expected_slots(word, CHARACTER_BITS) for word in words]


@pytest.mark.parametrize("bits", [1, 8, 17])
def test_places_lie_in_the_table(bits: int) -> None:
    """A table of 2**bits rows has a row for every n-gram."""
    slots, _ = character_ngrams(["bridge", "漢字", "don't"], CHARACTER_ORDERS, bits)
    assert 0 <= slots.min() <= slots.max() < 1 << bits


def test_a_beginning_is_no_middle() -> None:
    """Word boundaries count: the same letters at the start of a word and inside one are two n-grams."""
    start, inside = slots_of(["abxyz", "xyzab"])
    assert start != inside


def test_no_words() -> None:
    """Nothing gives nothing."""
    slots, owners = character_ngrams([], CHARACTER_ORDERS, CHARACTER_BITS)
    assert len(slots) == len(owners) == 0


def test_word_hashes_are_fnv_1a() -> None:
    """The published test vectors of 32-bit FNV-1a."""
    assert word_hashes(["", "a", "foobar", "b"]).tolist() == [0x811C9DC5, 0xE40C292C, 0xBF9CF968, 0xE70C2DE5]


def test_long_words_are_hashed_by_their_beginning() -> None:
    """What comes after the 80th byte changes nothing."""
    one, other, shorter = word_hashes(["x" * 80 + "a", "x" * 80 + "b" * 900, "x" * 79 + "a"])
    assert one == other != shorter


def test_pairs_keep_their_places() -> None:
    """Where a pair's weight lies is part of the bundle's format: these places may never move."""
    left, right = word_hashes(["the", "bridge", "漢字"]), word_hashes(["bridge", "the", "fuck"])
    assert pair_slots(left, right, PAIR_BITS).tolist() == [127070, 79086, 33972]
    assert PAIR_BITS == CHARACTER_BITS == 17


def test_order_matters() -> None:
    """ "dog bites" is not "bites dog"."""
    words = word_hashes([f"word{i}" for i in range(200)])
    there, back = pair_slots(words[:-1], words[1:], PAIR_BITS), pair_slots(words[1:], words[:-1], PAIR_BITS)
    assert (there != back).mean() > 0.99


def test_places_are_spread() -> None:
    """Few of many pairs and words meet in one place: about as many as chance has it."""
    words = word_hashes([f"{a}{b}{c}" for a in "abcdefghij" for b in "klmnopqrst" for c in "uvwxyzabcd"])
    assert len(np.unique(words)) == len(words)
    slots = pair_slots(np.repeat(words[:100], 100), np.tile(words[100:200], 100), PAIR_BITS)
    chance = (1 << PAIR_BITS) * (1 - np.exp(-len(slots) / (1 << PAIR_BITS)))
    assert len(np.unique(slots)) > 0.98 * chance
