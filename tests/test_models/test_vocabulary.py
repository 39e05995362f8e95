"""The words a bundle knows, in a fixed order."""

from __future__ import annotations

import numpy as np
import pytest

from models.vocabulary import (
    END,
    FIRST_LETTER,
    LAST_LETTER,
    NAME,
    NUMBER,
    RESERVED,
    URL,
    Vocabulary,
    build_vocabulary,
    decoded_word,
)
from tests.factories import WORDS, small_lexicon


def test_a_words_place_is_its_id() -> None:
    """Every word has the id that its place gives it, and nothing else is in it."""
    vocabulary = Vocabulary([*RESERVED, "bridge", "don't", "été", "漢字"])
    assert len(vocabulary) == len(RESERVED) + 4
    assert all(vocabulary.ids[word] == place for place, word in enumerate(vocabulary.words))
    assert "bridge" in vocabulary
    assert "Bridge" not in vocabulary
    assert 3 not in vocabulary


def test_reserved_words_come_first() -> None:
    """The words that reading itself writes have the ids that the constants say, and the letters follow in a row."""
    assert [RESERVED[number] for number in (END, URL, NAME, NUMBER)] == ["End", "Url", "Name", "Number"]
    assert "".join(RESERVED[FIRST_LETTER : LAST_LETTER + 1]) == "abcdefghijklmnopqrstuvwxyz"
    assert NUMBER + 1 == FIRST_LETTER


@pytest.mark.parametrize("words", [[], ["bridge"], [*RESERVED[1:], "End"], ["bridge", *RESERVED], RESERVED[:-1]])
def test_a_vocabulary_without_them_is_refused(words: list[str]) -> None:
    """Ids would mean something else than the code takes them for."""
    with pytest.raises(ValueError, match="a vocabulary begins with End, Url, Name, Number, a, b"):
        Vocabulary(words)


def test_round_trip() -> None:
    """What is dumped as bytes is loaded with every word in its place."""
    vocabulary = Vocabulary([*RESERVED, "bridge", "don't", "шіт", "漢字", "🎉"])
    stored = vocabulary.dump()
    assert stored.dtype == np.uint8
    assert Vocabulary.load(stored).words == vocabulary.words


def test_building() -> None:
    """Reserved words, decoded terms, the lexicon with the words of its phrases, then the given words; each once."""
    lexicon = small_lexicon()
    vocabulary = build_vocabulary(lexicon, [*WORDS, "fucking", "a", "z"])
    words = vocabulary.words
    assert words[: len(RESERVED)] == RESERVED
    assert len(set(words)) == len(words)
    assert set(words) == {
        *RESERVED,
        *lexicon.forms,
        *(word for phrase in lexicon.phrases for word in phrase),
        *("moby", "dick", "ass", "of", "balaam", "head"),
        *WORDS,
        *(decoded_word(lexicon, i) for i in range(len(lexicon.terms))),
    }
    listed = {*RESERVED, *lexicon.forms, *(word for phrase in lexicon.phrases for word in phrase), "of", "head"}
    assert [word for word in words if word in WORDS and word not in listed] == [w for w in WORDS if w not in listed]


def test_a_decoded_term_is_no_word_that_anyone_can_write() -> None:
    """It has a capital, which folded text never has, and a phrase has no space."""
    lexicon = small_lexicon()
    decoded = [decoded_word(lexicon, index) for index in range(len(lexicon.terms))]
    assert "Sonofabitch" in decoded
    assert all(word[0].isupper() and " " not in word for word in decoded)
