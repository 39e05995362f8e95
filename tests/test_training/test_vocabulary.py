"""Which words a bundle knows, and how rare each is."""

from __future__ import annotations

import math

import pytest

from models.comment import Article
from models.lexicon import Flag, Lexicon, Term
from models.record import Record
from models.scores import Severity
from models.vocabulary import RESERVED, Vocabulary, decoded_word
from tests.test_training.written import record
from training.vocabulary import document_rarity, learn_vocabulary, our_lexicon, texts_of

LEXICON = Lexicon(
    (
        Term("shit", Severity.STRONG, "excrement", frozenset({Flag.STEM})),
        Term("damn", Severity.MILD, "blasphemy", frozenset({Flag.EXACT})),
    ),
    frozenset({"shiitake"}),
)


def learnt(texts: list[str], *, comments: int = 1, words: int = 100, profane: tuple[str, ...] = ()) -> list[str]:
    """The words beyond those that every vocabulary has, in their order."""
    records = [record("set", n, text, {"profanity": int(text in profane)}) for n, text in enumerate(texts)]
    vocabulary = learn_vocabulary(records, LEXICON, comments=comments, words=words)
    fixed = {*RESERVED, *LEXICON.forms, *(decoded_word(LEXICON, index) for index in range(len(LEXICON.terms)))}
    return [word for word in vocabulary.words if word not in fixed]


def test_the_commonest_first_and_ties_by_spelling() -> None:
    """The order depends on the texts alone, never on the order of a set in memory."""
    texts = ["pylon tide lanes", "tide lanes", "tide girders", "girders pylon zebra"]
    assert learnt(texts) == ["tide", "girders", "lanes", "pylon", "zebra"]
    assert learnt(texts[::-1]) == learnt(texts)


def test_a_word_must_stand_in_enough_comments() -> None:
    """One comment's pet word is no vocabulary, however often it stands there; a text that comes twice counts once."""
    texts = ["lanes lanes lanes", "tide is low", "tide is high", "hives are loud", "hives are loud"]
    assert set(learnt(texts, comments=2)) == {"tide", "is"}


def test_no_more_words_than_asked() -> None:
    """The commonest are kept."""
    assert learnt(["tide lanes", "tide lanes", "tide girders", "Tide!"], words=1) == ["tide"]


def test_what_spells_a_term_is_left_to_the_decoder() -> None:
    """A spelling seen only in profane comments stays unknown, so that it is decoded; a clean comment's word is kept."""
    profane = ("utter shiiit here", "what shiiit again", "more shiiit now")
    assert "shiiit" not in learnt([*profane], profane=profane)
    clean = ["we cooked shiitake", "shiitake and rice", "fresh shiitake"]
    assert "shiitake" in learnt([*profane, *clean], profane=profane)


def test_the_lexicon_is_always_known() -> None:
    """A rare term is in the vocabulary without a single comment."""
    assert {"shit", "shitting", "damn"} <= set(learn_vocabulary([], LEXICON, comments=3, words=10).words)


def test_numbers_and_signs_are_no_words() -> None:
    """What reading itself stands in for is never learnt."""
    assert learnt(["call 555 now!", "555 or 556"]) == ["call", "now", "or"]


def test_everything_that_people_wrote_is_read() -> None:
    """Comment, parent, title and body; not what is empty or missing."""
    one = Record("1", "comment", {}, parent="parent", article=Article("title", "body"))
    assert texts_of(one) == ["comment", "parent", "title", "body"]
    assert texts_of(Record("2", "comment", {}, parent="", article=Article(None, "body"))) == ["comment", "body"]


def test_our_lexicon() -> None:
    """All languages' terms in one list, each once, and the exceptions folded as comments are."""
    lexicon = our_lexicon()
    texts = [term.text for term in lexicon.terms]
    assert len(texts) == len(set(texts)) > 600
    assert {"fuck", "scheisse", "caralho"} <= set(lexicon.forms)
    assert "scunthorpe" in lexicon.innocent


def test_rarity() -> None:
    """log((texts + 1) / (texts with the word + 1)); an unknown word's id counts for nothing."""
    rarity = document_rarity(iter([[0, 0, 1], [0, 7], [0, 2]]), 4)
    assert rarity.tolist() == pytest.approx([0.0, math.log(2), math.log(2), math.log(4)])


def test_a_learnt_vocabulary_is_stored_whole() -> None:
    """What a fit learns comes back from a bundle's bytes."""
    vocabulary = learn_vocabulary([record("s", 1, "Straße, naïve ōkami", {})], our_lexicon(), comments=1, words=9)
    assert Vocabulary.load(vocabulary.dump()).words == vocabulary.words
