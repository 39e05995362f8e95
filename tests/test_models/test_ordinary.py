"""Words that are ordinary without standing in a dictionary."""

from __future__ import annotations

import pytest

from models.decoding import Decoder
from models.ordinary import may_stand_beside, uninflected
from tests.factories import WORDS, small_lexicon

LEXICON = small_lexicon()


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("cities", "city"), ("shipping", "ship"), ("priced", "price"), ("benches", "bench"), ("sandbags", "sandbag"),
        ("Cuba's", "Cuba"), ("ox's", "ox"), ("happily", "happy"), ("kindness", "kind"),
    ],
)  # fmt: skip
def test_endings(word: str, base: str) -> None:
    """What stands before an ending, as English spells it."""
    assert base in uninflected(word)


@pytest.mark.parametrize("word", ["city", "gas", "red", "bed", "thing", "", "s", "'s"])
def test_words_without_an_ending(word: str) -> None:
    """Too little is left to be a word."""
    assert [base for base in uninflected(word) if len(base) > 1] == []


def test_an_inflected_word_is_not_guessed_at() -> None:
    """Letters swapped make a term of it; but it is a word of the dictionary with an ending. One that is as good as a
    term itself clears nothing."""
    terms = frozenset(WORDS) | LEXICON.forms.keys()
    assert Decoder(LEXICON, terms).word("bicths") is not None
    assert Decoder(LEXICON, terms | {"bicthe"}).word("bicths") is None
    assert Decoder(LEXICON, terms | {"bicth"}).word("bicths") is not None
    assert Decoder(LEXICON, terms | {"bitche"}).word("bitchness") is not None


def test_fragments_are_no_words() -> None:
    """Three letters beside a short term are hardly ever meant, unless they are a common word."""
    decoder = Decoder(LEXICON, frozenset(WORDS) | LEXICON.forms.keys() | {"com", "tion", "game", "big"})
    assert decoder.word("comspaztion") is None
    assert decoder.word("bigspazgame") is not None
    assert may_stand_beside("you")
    assert not may_stand_beside("com")
