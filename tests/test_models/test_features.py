"""Segments → the columns of a text head, recomputed here word by word."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.classifier import PAIR_BITS, SHORTEST
from models.features import WORK_MODEL, Surroundings, TextScorer, column_names, strongest
from models.heads import HEADS, Head, Unit
from models.ngrams import pair_slots
from models.segments import WINDOW, Segments, sentences, whole, windows
from models.sums import log_probability
from models.tokens import Tokens
from tests.factories import drawn_parts
from tests.test_models.hostile import TEXTS

TEXT_HEADS = [head for head in HEADS if head.unit is not Unit.PAIR]
PROFANITY, SPOILER = TEXT_HEADS


#: Parts with drawn weights. Not a fixture: hypothesis would print all of it.
DRAWN = drawn_parts()


def read(texts: list[str]) -> Tokens:
    """Texts as tokens whose rows are filled."""
    tokens = DRAWN.parts.reader.read(texts)
    DRAWN.parts.words.update()
    return tokens


def around(count: int) -> Surroundings:
    """Every comment under an article, each more about a work than the last."""
    return Surroundings(np.ones(count), np.linspace(-1, 3, count))


def expected_margin(name: str, ids: list[int]) -> float:
    """A text model's margin of one segment, term by term."""
    row, model = next((i, model) for i, model in enumerate(DRAWN.models) if model.name == name)
    table = DRAWN.parts.words
    total = sum(float(table.weights[number, row]) for number in ids)
    for left, right in pairwise(ids):
        slot = pair_slots(table.hashes[[left]], table.hashes[[right]], PAIR_BITS)[0]
        total += float(model.pairs[slot])
    return total / math.sqrt(max(len(ids), SHORTEST)) + model.intercept


def log_of_probability(margin: float) -> float:
    """The logarithm of the logistic function, for margins of any size."""
    return margin if margin < -700 else -math.log1p(math.exp(-margin))


def column(head: Head, text: str, name: str) -> list[float]:
    """One column of a text's segments."""
    features = DRAWN.parts.scorer.features(head, read([text]), around(1) if head.work else None)
    values: list[float] = features.matrix[:, column_names(head).index(name)].tolist()
    return values


@pytest.mark.parametrize("head", TEXT_HEADS, ids=lambda head: head.name)
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=30)
def test_margins(head: Head, texts: list[str]) -> None:
    """A segment's margin: its words' weights and its pairs', over the root of its length."""
    tokens = read(texts)
    features = DRAWN.parts.scorer.features(head, tokens, around(len(texts)))
    cut = features.segments
    ids = [tokens.ids[a : a + n].tolist() for a, n in zip(cut.starts, cut.lengths, strict=True)]
    expected = [expected_margin(head.name, one) for one in ids]
    np.testing.assert_allclose(features.matrix[:, 0], expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(DRAWN.parts.scorer.margins(head.name, tokens, cut), features.matrix[:, 0])


@pytest.mark.parametrize("head", TEXT_HEADS, ids=lambda head: head.name)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=50)
def test_rows_do_not_depend_on_neighbours(head: Head, texts: list[str]) -> None:
    """A text's rows in a batch are its rows alone, to the last bit."""
    places = around(len(texts))
    together = DRAWN.parts.scorer.features(head, read(texts), places)
    owners = together.segments.owners()
    for i, text in enumerate(texts):
        one = Surroundings(places.has_article[i : i + 1], places.article_work[i : i + 1])
        alone = DRAWN.parts.scorer.features(head, read([text]), one)
        np.testing.assert_array_equal(alone.matrix, together.matrix[owners == i], strict=True)


@pytest.mark.parametrize("head", TEXT_HEADS, ids=lambda head: head.name)
def test_columns_have_names(head: Head) -> None:
    """As many columns as names, and no name twice."""
    names = column_names(head)
    features = DRAWN.parts.scorer.features(head, read(["The bridge. Fuck!"]), around(1))
    assert features.matrix.shape == (2 if head.unit is Unit.SENTENCE else 1, len(names))
    assert len(set(names)) == len(names)
    assert features.matrix.dtype == np.float64


def test_what_is_cut() -> None:
    """Profanity looks at windows, spoilers at sentences; without a cut a margin is the whole text's."""
    tokens = read(["the bridge. " * WINDOW, "he dies"])
    for head, cut in ((PROFANITY, windows), (SPOILER, sentences)):
        found = DRAWN.parts.scorer.features(head, tokens, around(2)).segments
        assert found.starts.tolist() == cut(tokens).starts.tolist()
    scorer = DRAWN.parts.scorer
    np.testing.assert_array_equal(scorer.margins("spoiler", tokens), scorer.margins("spoiler", tokens, whole(tokens)))


def test_weights_of_words() -> None:
    """The strongest word, what leans towards the head, and how long the segment is."""
    text = "the bridge and the ferry closed"
    row = [model.name for model in DRAWN.models].index("profanity")
    weights = [float(DRAWN.parts.words.weights[number, row]) for number in read([text]).ids]
    assert column(PROFANITY, text, "strongest_word") == [max(weights)]
    leaning = sum(max(weight, 0) for weight in weights) / np.sqrt(SHORTEST)
    assert column(PROFANITY, text, "leaning_words") == pytest.approx([leaning], rel=1e-5)
    assert column(PROFANITY, text, "length") == pytest.approx([np.log(7)])


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("the bridge", "any_strong", 0),
        ("fuck the fuck", "any_strong", 1),
        ("fuck the fuck", "count_strong", np.log(3)),
        ("fuck the fuck", "any_hidden", 0),
        ("f.u.c.k the", "any_strong", 1),
        ("f.u.c.k the", "any_hidden", 1),
        ("f.u.c.k the", "any_hidden_severe", 1),
        ("fuck the", "any_hidden_severe", 0),
        ("daaaamn fuck", "any_hidden", 1),
        ("daaaamn fuck", "any_hidden_severe", 0),
        ("a s s fuck", "any_hidden", 1),
        ("a s s fuck", "any_hidden_severe", 0),
        ("dick and ass", "any_strong_ambiguous", 1),
        ("dick and ass", "any_strong", 0),
        ("dick and ass", "count_mild_ambiguous", np.log(2)),
        ("sp4z", "any_slur", 1),
        ("damn", "any_mild", 1),
    ],
)
def test_lexicon_columns(text: str, name: str, value: float) -> None:
    """Which severities a segment holds, how often, and whether a severe term was hidden."""
    assert column(PROFANITY, text, name) == pytest.approx([value])


def test_work_columns() -> None:
    """A spoiler head knows how much the comment and its article are about a work, and joins the two."""
    texts = ["he dies. she wins", "the bridge"]
    tokens = read(texts)
    matrix = DRAWN.parts.scorer.features(
        SPOILER, tokens, Surroundings(np.array([0.0, 1.0]), np.array([0.0, 5.0]))
    ).matrix
    at = {name: i for i, name in enumerate(column_names(SPOILER))}
    own = DRAWN.parts.scorer.margins(WORK_MODEL, tokens)
    on_work = [log_of_probability(own[0])] * 2 + [log_of_probability(own[1])]
    spoils = [a + log_of_probability(b) for a, b in zip(on_work, matrix[:, at["margin"]], strict=True)]
    assert matrix[:, at["comment_on_work"]].tolist() == pytest.approx(on_work)
    assert matrix[:, at["spoils_a_work"]].tolist() == pytest.approx(spoils)
    assert matrix[:, at["article_on_work"]].tolist() == pytest.approx(list(map(log_of_probability, (0, 0, 5))))
    assert matrix[:, at["has_article"]].tolist() == [0, 0, 1]
    assert matrix[:, at["margin_in_work"]].tolist() == [0, 0, 2 * matrix[2, at["margin"]]]


@pytest.mark.parametrize("margin", [-800.0, -30.0, -1.0, 0.0, 1.0, 30.0, 800.0])
def test_log_probability(margin: float) -> None:
    """A margin's probability as a logarithm, however sure it is."""
    found = log_probability(np.array([margin]))[0]
    assert found == pytest.approx(log_of_probability(margin), abs=1e-12)
    assert np.isfinite(found)


def test_one_bad_word_is_not_drowned() -> None:
    """In a text of any length the window that holds a word has that word's evidence, at one window's length."""
    text = "the bridge is closed and the ferry is full " * 100 + "fuck"
    found = column(PROFANITY, text, "any_strong")
    assert len(found) > 10
    assert found == [0.0] * (len(found) - 1) + [1.0]
    assert max(column(PROFANITY, text, "length")) <= np.log1p(WINDOW)


def test_strongest() -> None:
    """A text is as strong as its strongest segment."""
    segments = Segments(np.arange(5), np.array([0, 2, 3]), 5)
    assert strongest(np.array([0.1, 0.4, -3.0, 0.2, 0.1]), segments).tolist() == [0.4, -3.0, 0.2]


def test_an_unknown_model_is_an_error() -> None:
    """Asking for a text model that there is not does not answer with another."""
    scorer: TextScorer = DRAWN.parts.scorer
    with pytest.raises(KeyError, match="sarcasm"):
        scorer.margins("sarcasm", read(["the"]))
