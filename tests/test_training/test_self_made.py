"""Self-made comments: hidden terms that people can still read, innocent texts that hold none, all from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from models.lexicon import Lexicon
from models.scores import Severity
from models.text import fold
from models.tokens import Reader
from models.vocabulary import build_vocabulary
from models.words import lexicon_evidence
from tests.test_training.written import SUBJECTS, remark
from training import self_made
from training.examples import Example
from training.self_made import innocent, obfuscated
from training.vocabulary import our_lexicon

CARRIERS = [remark(subject, random.Random(n)) for n in range(30) for subject in SUBJECTS]
WORDS = sorted({word for words in SUBJECTS.values() for word in words if word.isalpha()})
COUNT = 600


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The shipped word lists."""
    return our_lexicon()


@pytest.fixture(scope="module")
def hidden(lexicon: Lexicon) -> list[Example]:
    """Comments with a term put in."""
    return list(obfuscated(CARRIERS, lexicon, count=COUNT, weight=0.25, draw=random.Random(4)))


@pytest.fixture(scope="module")
def harmless(lexicon: Lexicon) -> list[Example]:
    """Comments that only look as if."""
    return list(innocent(CARRIERS, WORDS, lexicon, count=COUNT, weight=0.25, draw=random.Random(4)))


@pytest.fixture(scope="module")
def found(lexicon: Lexicon) -> Callable[[str], bool]:
    """Whether reading a text, as every head does, meets a severe term."""
    vocabulary = build_vocabulary(lexicon, sorted({w for text in CARRIERS for w in fold(text).split() if w.isalpha()}))
    reader, (_, terms) = Reader(vocabulary, lexicon), lexicon_evidence(vocabulary, lexicon)
    severe = {n for n, term in enumerate(lexicon.terms) if term.severity is not Severity.MILD}

    def reads(text: str) -> bool:
        ids = [number for number in reader.read([text]).ids.tolist() if number < len(vocabulary)]
        return any(int(terms[number]) in severe for number in ids)

    return reads


def test_counts_labels_and_weights(hidden: list[Example], harmless: list[Example]) -> None:
    """As many as asked; marked as self-made, so that they teach the last layer and never the text model."""
    assert len(hidden) == len(harmless) == COUNT
    assert {(e.label, e.weight, e.layer_only, e.source) for e in hidden} == {(1, 0.25, True, "self_made")}
    assert {(e.label, e.weight, e.layer_only, e.source) for e in harmless} == {(0, 0.25, True, "self_made")}
    assert len({example.group for example in (*hidden, *harmless)}) == 2 * COUNT
    assert all(example.comment.text.strip() for example in (*hidden, *harmless))


def test_the_same_seed_gives_the_same_comments(lexicon: Lexicon, hidden: list[Example]) -> None:
    """And another seed others."""
    again = list(obfuscated(CARRIERS, lexicon, count=COUNT, weight=0.25, draw=random.Random(4)))
    other = list(obfuscated(CARRIERS, lexicon, count=COUNT, weight=0.25, draw=random.Random(5)))
    assert again == hidden != other


def test_terms_are_put_into_clean_comments(hidden: list[Example]) -> None:
    """Most stand inside a carrier at any place; about a fifth alone."""
    openings = {" ".join(carrier.split()[:2]) for carrier in CARRIERS}
    inside = [e for e in hidden if any(c.split()[-2] in e.comment.text.split() for c in CARRIERS)]
    assert 0.7 < len(inside) / COUNT < 0.9
    assert 0 < sum(" ".join(e.comment.text.split()[:2]) not in openings for e in inside) < len(inside)


def test_a_long_carrier_is_cut(lexicon: Lexicon) -> None:
    """A term at the end of pages would teach nothing of the term."""
    made = list(obfuscated(["word " * 500], lexicon, count=50, weight=1.0, draw=random.Random(1)))
    assert max(len(example.comment.text) for example in made) < 400


def test_hidden_terms_can_be_read(hidden: list[Example], found: Callable[[str], bool]) -> None:
    """Reading recovers most of them, or the label would be noise; and not all, or there would be nothing to learn."""
    share = sum(found(example.comment.text) for example in hidden) / COUNT
    assert 0.7 < share < 1


def test_innocent_comments_hold_no_term(
    lexicon: Lexicon, harmless: list[Example], found: Callable[[str], bool]
) -> None:
    """Only a listed exception, such as a name, may hold a term; now and then a random code happens to look like one."""
    plain = [e.comment.text for e in harmless if not any(word in fold(e.comment.text) for word in lexicon.innocent)]
    assert len(plain) > COUNT / 2
    assert sum(map(found, plain)) <= COUNT // 100


def test_exceptions_are_among_the_innocent(lexicon: Lexicon, harmless: list[Example]) -> None:
    """The words that matchers are known to take are shown as innocent."""
    listed = {word for example in harmless for word in fold(example.comment.text).split()} & lexicon.innocent
    assert len(listed) > 50


@pytest.mark.parametrize("way", sorted({way.__name__ for way in self_made._WAYS}))
def test_no_way_of_hiding_loses_the_term(way: str, lexicon: Lexicon, found: Callable[[str], bool]) -> None:
    """Each way alone still reads as a term most of the time, and changes more than it keeps (the plain one aside)."""
    severe = [t for t in lexicon.terms if t.severity is not Severity.MILD and not t.ambiguous and len(t.text) > 3]
    draw = random.Random(9)
    written = [(term, getattr(self_made, way)(term, draw)) for term in draw.sample(severe, 150)]
    assert all(text for _, text in written)
    assert sum(found(text) for _, text in written) >= 0.5 * len(written)
    changed = sum(text.casefold() != term.text for term, text in written)
    assert (changed == 0) if way == "_plain" else (changed > 0.5 * len(written))
