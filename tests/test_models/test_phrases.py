"""Words that mean different things in different company: phrases, names, other languages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.language import small_word_sets, small_words
from models.lexicon import Lexicon, merge, parse_terms
from models.phrases import Phrases, Seen
from models.text import fold
from models.tokens import LONGEST_CHUNK, Reader
from models.vocabulary import NAME, build_vocabulary
from tests.factories import WORDS, small_lexicon, small_reader, words_of
from tests.test_models.work import steps


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("give head now", ["Givehead", "now"]),
        ("Give HEAD!", ["Givehead", "End"]),
        ("give a head", ["give", "a", "head"]),
        ("give. head", ["give", "End", "head"]),
        ("head give", ["head", "give"]),
        ("give head give head give", ["Givehead", "Givehead", "give"]),
        ("son of a bitch", ["son", "of", "a", "bitch"]),
    ],
)
def test_phrases(text: str, words: list[str]) -> None:
    """A profane phrase of innocent words is one term; one that holds a profane word needs no phrase."""
    reader = small_reader()
    assert words_of(reader, reader.read([text])) == [words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Moby Dick is long", ["Name", "is", "long"]),
        ("I read moby dick", ["i", "read", "Name"]),
        ("the ass of Balaam", ["the", "Name"]),
        ("moby's dick", ["moby's", "dick"]),
        ("an ass of the city", ["an", "ass", "of", "the", "city"]),
        ("the head ass", ["the", "Name"]),
        ("give head ass", ["Givehead", "ass"]),
    ],
)
def test_innocent_phrases(text: str, words: list[str]) -> None:
    """Where a listed innocent phrase holds an ambiguous word, it is no evidence."""
    reader = small_reader()
    assert words_of(reader, reader.read([text])) == [words]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Dick Cheney was minister", 1),
        ("ask Dick Cheney or Dick Tracy", 2),
        ("Spotted Dick", 1),
        ("you dick", 0),
        ("dick cheney", 0),
        ("Dick", 0),
        ("you Dick", 0),
        ("Dick Fuck", 0),
        ("Dick I said", 0),
        ("Cock Robin", 0),
    ],
)
def test_names(text: str, names: int) -> None:
    """A term that is also a name is one where it has a capital beside another capitalised word that is nothing bad."""
    reader = small_reader()
    ids = reader.read([text]).ids.tolist()
    assert ids.count(NAME) == names


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("you git", True),
        ("git", True),
        ("das ist nicht git und das haben wir auch", False),
        ("the git is not the one, das ist it", True),
    ],
)
def test_words_of_other_languages(text: str, english: bool) -> None:
    """A term that is an everyday word elsewhere counts unless the text is clearly in another language."""
    reader = small_reader()
    assert ("git" in words_of(reader, reader.read([text]))[0]) is english


def phrases_of(lexicon: Lexicon) -> tuple[Phrases, Reader]:
    """The phrases of a lexicon, and a reader that knows the small vocabulary."""
    vocabulary = build_vocabulary(lexicon, WORDS)
    return Phrases(vocabulary, lexicon, small_words(vocabulary.words, small_word_sets(fold))), Reader(
        vocabulary, lexicon
    )


def test_a_phrase_of_words_that_nobody_knows() -> None:
    """A phrase of the list is found also where none of its words is common enough for the vocabulary."""
    _, reader = phrases_of(merge([parse_terms("term\tseverity\tkind\tflags\nblarg znorp\tstrong\tinsult\t")], []))
    assert words_of(reader, reader.read(["you blarg znorp you"])) == [["you", "Blargznorp", "you"]]


#: Names, the more often for the test to mean much, and what may stand around them.
PIECES = [
    *("Dick", "Dick", "Dick", "dick", "D", "Cheney", "Cheney", "DICK", "you", "git", "das", "I", "b", "Ü", "Díck"),
    *(" ", " ", " ", " ", "\n", "\x00", "\x1c", "\u200b", "\u3164", "-", "--", ".", "…", "’", "”", "'", "_", "@", "*"),
    *("Sh1t", "1"),
]


@settings(max_examples=500)
@example(["Cheney", " ", "!" * LONGEST_CHUNK + "a", " ", "Dick"])
@example(["Cheney", "\x00", "b", " ", "Dick"])
@given(st.lists(st.sampled_from(PIECES)))
def test_no_name_is_missed(pieces: list[str]) -> None:
    """A text that is not looked at again reads as if it had been."""
    reader = small_reader()
    text = "x " + "".join(pieces)
    assert reader.read([text]).ids.tolist() == [token.id for token in reader.locate(text)]


@given(
    st.lists(st.sampled_from(["give", "head", "moby", "Dick", "dick", "Cheney", "git", "das", "ist", "ass", "of", "."]))
)
def test_replacements_do_not_overlap(words: list[str]) -> None:
    """Replacements stand in order, each holds at least one word, and no word is in two."""
    phrases, reader = phrases_of(small_lexicon())
    seen = [Seen(word.lower(), word, reader.vocabulary.ids.get(word.lower(), len(reader.vocabulary))) for word in words]
    found = phrases.replacements(seen)
    assert all(0 <= one.start < one.stop <= len(words) for one in found)
    assert all(one.stop <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize("text", ["give head ", "Dick Cheney ", "moby dick ", "git das ist "])
def test_many_phrases_cost_what_their_length_costs(text: str) -> None:
    """Twice the phrases cost twice the work."""

    def work(times: int) -> int:
        return steps(lambda: small_reader().locate(text * times))

    base = steps(small_reader)
    assert work(200) - base <= 2.3 * (work(100) - base) + 2_000
