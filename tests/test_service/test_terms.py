"""A site's own terms: whole words, however disguised, and nothing else. What is an ordinary word the bundle knows."""

from __future__ import annotations

import pytest

from service.scoring.engine import open_bundle
from service.scoring.terms import MOST_TOLD, TermFinder, without
from service.settings import SHIPPED_BUNDLE

TERMS = ("banana", "buy now", "cop", "coat", "спам", "god", "widget", "4chan", "don", "ass", "Straße")


@pytest.fixture(scope="module")
def finder() -> TermFinder:
    """With the shipped bundle's dictionary."""
    bundle = open_bundle(SHIPPED_BUNDLE)
    return TermFinder(TERMS, lambda: bundle.parts.reader)


@pytest.mark.parametrize(
    ("text", "term", "written"),
    [
        ("I like BANANA.", "banana", "BANANA"),
        ("Is this a (bánana)?", "banana", "bánana"),
        ("ｂａｎａｎａ", "banana", "ｂａｎａｎａ"),
        ("a b4nana here", "banana", "b4nana"),
        ("oh b@n@n@!", "banana", "b@n@n@"),
        ("b.a.n.a.n.a", "banana", "b.a.n.a.n.a"),
        ("so b a n a n a it is", "banana", "b a n a n a"),
        ("a bаnаna in two scripts", "banana", "bаnаna"),
        ("baaaanana", "banana", "baaaanana"),
        ("ba\u200bnana", "banana", "ba\u200bnana"),
        ("my banana's colour", "banana", "banana's"),
        ("b*n*na", "banana", "b*n*na"),
        ("banana99", "banana", "banana99"),
        ("see https://banana.example/x", "banana", "banana"),
        ("_banana_", "banana", "banana"),
        ("a w!dget", "widget", "w!dget"),
        ("BUY  NOW", "buy now", "BUY  NOW"),
        ("buy-now", "buy now", "buy-now"),
        ("это спам", "спам", "спам"),
        ("это cпам", "спам", "cпам"),
        ("on 4chan", "4chan", "4chan"),
        ("die STRASSE", "Straße", "STRASSE"),
        ("🙂 ﬁne widget", "widget", "widget"),
    ],
)
def test_found(finder: TermFinder, text: str, term: str, written: str) -> None:
    """Each with where it stands in the text as given."""
    (found,) = finder.disguised(text)
    assert (found.term, text[found.start : found.end]) == (term, written)


@pytest.mark.parametrize(
    "text",
    [
        "bananas are two",
        "bananarama and Bananarepublic",
        "The copper pipe",
        "мусор и сор",
        "c**t",
        "good, gooood",
        "I don't know",
        "assess the class, pass the cl@ss",
        "Should I buy? Now I wonder",
        "buy one now",
        "",
        "...",
    ],
)
def test_not_found(finder: TermFinder, text: str) -> None:
    """Other words that hold or resemble one; another word's mask; words apart."""
    assert finder.disguised(text) == []


@pytest.mark.parametrize(("text", "count"), [("Banana bánana", 2), ("b4nana bаnana baaaanana b.a.n.a.n.a", 0)])
def test_plain(finder: TermFinder, text: str, count: int) -> None:
    """Plainly written is plainly written: every one of them."""
    assert len(finder.plain(text)) == count


def test_only_so_many_are_told() -> None:
    """The first ones, each once."""
    bundle = open_bundle(SHIPPED_BUNDLE)
    words = [f"zword{first}{second}" for first in "abcdefgh" for second in "abcdefgh"]
    found = TermFinder(words, lambda: bundle.parts.reader).disguised(" ".join(words * 3))
    assert [one.term for one in found] == words[:MOST_TOLD]


def test_emptied_words_join_nothing(finder: TermFinder) -> None:
    """The text keeps its length, and what stood around an emptied word still stands apart."""
    text = "shi banana t"
    emptied = without(text, finder.plain(text))
    assert len(emptied) == len(text)
    assert emptied.split() == ["shi", "t"]
    assert "\n" in emptied
