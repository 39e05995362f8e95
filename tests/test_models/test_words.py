"""What is known of each word: rows of the vocabulary, and rows worked out for words that it lacks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import tokens as reading
from models import words as word_rows
from models.classifier import CHARACTER_BITS, CHARACTER_ORDERS
from models.ngrams import character_ngrams, word_hashes
from models.scores import Severity
from models.text import stem
from models.tokens import MOST_UNKNOWN
from models.vocabulary import decoded_word
from models.words import EVIDENCE, WordTable, lexicon_evidence, plain_hashes, plain_words
from tests.factories import Drawn, drawn_parts, small_reader
from tests.test_models.hostile import MANY_WORDS

#: Words that the small vocabulary lacks and that hide nothing.
UNKNOWN = st.lists(st.text("bcdfglmnpqrtvwxz", min_size=4, max_size=9), min_size=1, max_size=8, unique=True)


def row_of(table: WordTable, number: int) -> tuple[list[float], int, int, float, list[float], list[int]]:
    """Everything that the table holds of one word."""
    return (
        table.weights[number].tolist(),
        int(table.hashes[number]),
        int(table.stems[number]),
        float(table.idf[number]),
        table.evidence[number].tolist(),
        table.languages[number].tolist(),
    )


def expected_row(drawn: Drawn, word: str) -> tuple[list[float], int, int, float, list[float], list[int]]:
    """An unknown word's row, worked out from the text models' own tables."""
    slots, _ = character_ngrams([word], CHARACTER_ORDERS, CHARACTER_BITS)
    table = drawn.parts.words
    return (
        [float(np.float32(np.bincount(slots * 0, model.characters[slots])[0])) for model in drawn.models],
        int(word_hashes([word])[0]),
        int(word_hashes([stem(word)])[0]),
        float(drawn.idf.max()),
        [0.0] * len(EVIDENCE),
        [0] * table.languages.shape[1],
    )


def read_rows(drawn: Drawn, words: list[str]) -> list[object]:
    """The words' rows after reading them as one text."""
    ids = drawn.parts.reader.read([" ".join(words)]).ids.tolist()
    drawn.parts.words.update()
    return [row_of(drawn.parts.words, number) for number in ids]


@settings(max_examples=30)
@given(UNKNOWN)
def test_unknown_words(words: list[str]) -> None:
    """An unknown word's weight is that of its characters; it is as rare as any, and its row depends on it alone."""
    drawn = drawn_parts()
    assert read_rows(drawn, words) == [expected_row(drawn, word) for word in words]


def test_rows_are_filled_anew_after_forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the reader has emptied its memory, an id means another word, and its row is that word's."""
    monkeypatch.setattr(reading, "MOST_UNKNOWN", 40)
    monkeypatch.setattr(word_rows, "MOST_UNKNOWN", 40)
    drawn = drawn_parts()
    for number in range(120):
        words = [f"qz{chr(97 + number % 26)}x{chr(97 + number // 26)}{letter}x" for letter in "bcd"]
        assert read_rows(drawn, words) == [expected_row(drawn, word) for word in words]
    assert drawn.parts.reader.generation > 3


def test_more_unknown_words_than_there_are_rows() -> None:
    """Of a text with more new words than there is room for, those past it weigh nothing."""
    drawn = drawn_parts()
    words = MANY_WORDS.split()
    rows = read_rows(drawn, words)
    assert rows[MOST_UNKNOWN - 1] == expected_row(drawn, words[MOST_UNKNOWN - 1])
    assert not any(drawn.parts.words.weights[len(drawn.parts.vocabulary) + MOST_UNKNOWN])


def test_known_words() -> None:
    """A known word has the rows that the bundle gave it."""
    drawn = drawn_parts()
    table, vocabulary = drawn.parts.words, drawn.parts.vocabulary
    for word in ("bridge", "the", "fuck", "End", "a"):
        number = vocabulary.ids[word]
        assert table.weights[number].tolist() == [float(model.words[number]) for model in drawn.models]
        assert table.idf[number] == drawn.idf[number]
        assert table.stems[number] == word_hashes([stem(word)])[0]
    assert table.languages[vocabulary.ids["the"]].sum() == 1
    assert table.languages[vocabulary.ids["bridge"]].sum() == 0


def test_a_decoded_term_counts_as_the_term_plainly_written() -> None:
    """Text models see ``f.u.c.k`` as the word that it stands for; every other word counts as itself."""
    reader = small_reader()
    vocabulary = reader.vocabulary
    plain = plain_words(vocabulary, reader.lexicon)
    assert plain[vocabulary.ids["Fuck"]] == vocabulary.ids["fuck"]
    assert plain[vocabulary.ids["bridge"]] == vocabulary.ids["bridge"]
    decoded = {vocabulary.ids[decoded_word(reader.lexicon, i)] for i in range(len(reader.lexicon.terms))}
    assert [number for number, other in enumerate(plain.tolist()) if number != other and number not in decoded] == []
    hashes = plain_hashes(vocabulary, reader.lexicon)
    assert hashes[vocabulary.ids["Fuck"]] == word_hashes(["fuck"])[0]


@pytest.mark.parametrize(
    ("word", "columns", "term"),
    [
        ("fuck", {"strong"}, "fuck"),
        ("fucking", {"strong"}, "fuck"),
        ("Fuck", {"strong", "hidden"}, "fuck"),
        ("dick", {"strong_ambiguous"}, "dick"),
        ("spaz", {"slur"}, "spaz"),
        ("Spaz", {"slur", "hidden"}, "spaz"),
        ("damn", {"mild"}, "damn"),
        ("Sodoff", {"mild", "hidden"}, "sod off"),
        ("ass", {"mild_ambiguous"}, "ass"),
        ("bridge", set(), None),
        ("End", set(), None),
    ],
)
def test_evidence(word: str, columns: set[str], term: str | None) -> None:
    """The lexicon's word on each word: how severe, whether it is often innocent, whether it was hidden."""
    reader = small_reader()
    evidence, terms = lexicon_evidence(reader.vocabulary, reader.lexicon)
    number = reader.vocabulary.ids[word]
    assert {name for name, value in zip(EVIDENCE, evidence[number], strict=True) if value} == columns
    assert (reader.lexicon.terms[terms[number]].text if terms[number] >= 0 else None) == term


def test_evidence_has_a_column_for_everything() -> None:
    """Each severity, plain and ambiguous, then what was hidden."""
    assert len(EVIDENCE) == 2 * len(Severity) + 1
    assert EVIDENCE[-1] == "hidden"
