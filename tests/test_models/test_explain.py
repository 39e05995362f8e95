"""Spans: stretches of the author's own text, whatever that text is made of."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from numpy.typing import NDArray

from models.bundle import Bundle
from models.columns import pair_columns, read_batch, text_columns
from models.comment import Article, Comment
from models.explain import located, nearest, sentence_spans, severity_of, word_spans
from models.features import TextScorer, strongest
from models.heads import head
from models.scores import Severity, Span
from models.text import fold
from models.tokens import Tokens
from tests.factories import drawn_parts, one_hot_parts
from tests.test_models.hostile import ARTICLES, COMMENTS, LONG_TEXTS, SHORT, TEXTS, with_short_texts

PROFANITY, SPOILER = head("profanity"), head("spoiler")


#: Parts with drawn weights. Not a fixture: hypothesis would print all of it.
PARTS = drawn_parts().parts


def margins(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """A head that scores a segment by its text margin alone."""
    return matrix[:, 0]


def always(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """A head that is sure of everything."""
    return np.ones(len(matrix))


def only_profane(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """A head that is sure of whatever the lexicon calls strong or a slur, and of nothing else."""
    first = 4 + 2  # after the text columns come mild and mild_ambiguous
    strongest_evidence: NDArray[np.float64] = matrix[:, first : first + 4].max(axis=1)
    return strongest_evidence


def read(text: str) -> None:
    """Read a text, as scoring does before it explains."""
    PARTS.reader.read([text])
    PARTS.words.update()


@with_short_texts
@given(TEXTS)
def test_located_words(text: str) -> None:
    """Words stand in the author's text, none is empty, and they are in the author's order."""
    tokens = located(PARTS, text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(one.start <= other.start for one, other in pairwise(tokens))


@with_short_texts
@given(TEXTS)
def test_located_words_are_what_was_read(text: str) -> None:
    """A word's stretch of the author's text holds what the word was read from."""
    for token in located(PARTS, text):
        word = PARTS.reader.word(token.id)
        assert word[0].isupper() or word in fold(text[token.start : token.end])


@pytest.mark.parametrize(
    ("text", "covered", "reads_as"),
    [
        ("go fuck yourself", ["fuck"], None),
        ("Go, FUCK!", ["FUCK"], None),
        ("ﬁne, ﬃ ﷺ fuck 🎉", ["fuck"], None),
        ("👨\u200d👩\u200d👧 fuck 👍🏽", ["fuck"], None),
        ("you f\u200bu\u200bck now", ["f\u200bu\u200bck"], None),
        ("fu\u0336c\u0336k\u0336 it", ["fu\u0336c\u0336k\u0336"], None),
        ("𝐟𝐮𝐜𝐤 it", ["𝐟𝐮𝐜𝐤"], None),
        ("ﬀ shits", ["shits"], None),
        ("that shіt.", ["shіt"], "shit"),
        ("(f.u.c.k)", ["f.u.c.k"], "fuck"),
        ("so f u c k you", ["f u c k"], "fuck"),
        ("ﷺ f u c k you", ["f u c k"], "fuck"),
        ("@$$hole?!", ["@$$hole"], "asshole"),
        ("f***!", ["f***"], "fuck"),
        ("bull shi t", ["shi t"], "shit"),
        ("fuuuck this", ["fuuuck"], "fuck"),
        ("fuck the b1tch", ["fuck", "b1tch"], None),
        ("a fine day", [], None),
    ],
)
def test_spans_cover_just_the_word(text: str, covered: list[str], reads_as: str | None) -> None:
    """The word as its author wrote it, without the punctuation around; a disguise says what it stands for."""
    read(text)
    spans = word_spans(PARTS, PROFANITY, text, 1.0, 0.5, only_profane) if covered else ()
    assert [text[span.start : span.end] for span in spans] == covered
    assert all(span.severity is Severity.STRONG and span.score == 1 for span in spans)
    if spans:
        assert spans[0].reads_as == reads_as


@with_short_texts
@given(TEXTS)
def test_word_spans_lie_in_the_text(text: str) -> None:
    """Where every word is enough by itself, each has its span, none is empty and none overlaps another."""
    read(text)
    spans = word_spans(PARTS, PROFANITY, text, 1.0, 0.5, always)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.start <= other.start for one, other in pairwise(spans))


def test_no_span_below_the_cut() -> None:
    """A comment below the cut whose words are all below it has nothing to show."""
    read("go fuck yourself")
    assert word_spans(PARTS, PROFANITY, "go fuck yourself", 0.4, 0.5, lambda matrix: always(matrix) * 0.3) == ()
    assert word_spans(PARTS, PROFANITY, "", 1.0, 0.5, always) == ()


@pytest.mark.parametrize("text", ["the bridge is closed", "go to the river now", "bridge plonk ferry qwzrt", "one two"])
def test_the_word_that_is_missed_most(text: str) -> None:
    """Where only all words together reach the cut, the one without which the score falls most is shown."""
    read(text)
    tokens = located(PARTS, text)

    def without(at: int) -> float:
        ids = np.array([token.id for i, token in enumerate(tokens) if i != at], np.int32)
        features = PARTS.scorer.features(PROFANITY, Tokens(ids, np.array([0, len(ids)])))
        return float(strongest(margins(features.matrix), features.segments)[0])

    missed = tokens[min(range(len(tokens)), key=without)]
    (span,) = word_spans(PARTS, PROFANITY, text, 1e6, 1e6, margins)
    assert (span.start, span.end) == (missed.start, missed.end)


@pytest.mark.parametrize("at", [3, 40, 77, 110])
def test_the_word_that_is_missed_most_in_a_long_text(shipped: Bundle, at: int) -> None:
    """It is a word of the strongest window, wherever in the text that is; no word reaches this cut by itself."""
    text = " ".join("fuck" if i == at else "bridge" for i in range(120))
    (span,) = word_spans(shipped.parts, PROFANITY, text, 1e6, 1e6, shipped._heads["profanity"]._layer.margins)
    assert text[span.start : span.end] == "fuck"


def features_scored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by how many words are scored each time that columns are computed."""
    counts: list[int] = []
    real = TextScorer.features

    def spy(self: TextScorer, one: object, tokens: Tokens, around: object = None) -> object:
        counts.append(len(tokens.ids))
        return real(self, one, tokens, around)  # type: ignore[arg-type]

    monkeypatch.setattr(TextScorer, "features", spy)
    return counts


@pytest.mark.parametrize("words", [500, 1_000])
def test_explaining_a_long_text_costs_what_its_length_costs(monkeypatch: pytest.MonkeyPatch, words: int) -> None:
    """Finding the word that is missed most looks at a bounded number of words for each word there is."""
    text = "bridge ferry " * (words // 2)
    read(text)
    counts = features_scored(monkeypatch)
    spans = word_spans(PARTS, PROFANITY, text, 1e6, 1e6, margins)
    assert len(spans) == 1
    assert sum(counts) <= 300 * words


@settings(max_examples=50)
@given(COMMENTS)
@example(Comment("the㏂ he dies"))
def test_sentence_spans(comment: Comment) -> None:
    """Where every sentence reaches the cut, each has its span: in order, in the author's text, none empty."""
    batch = read_batch(PARTS, [comment])
    (spans,) = sentence_spans(PARTS, SPOILER, batch, 0.5, always)
    assert all(0 <= span.start < span.end <= len(comment.text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


def test_sentence_spans_by_example() -> None:
    """A sentence's span runs from its first word to its mark; only those that reach the cut are shown."""
    texts = ["The killer dies… The bridge is closed.\nHe wins!", "ﷺ he dies", "the bridge"]
    batch = read_batch(PARTS, [Comment(text) for text in texts])
    found = sentence_spans(PARTS, SPOILER, batch, 0.5, always)
    covered = [
        [text[span.start : span.end].strip() for span in spans] for text, spans in zip(texts, found, strict=True)
    ]
    assert covered == [["The killer dies…", "The bridge is closed.", "He wins!"], ["ﷺ he dies"], ["the bridge"]]
    scores = margins(text_columns(PARTS, SPOILER, batch).matrix)
    cut = float(np.sort(scores)[-2])
    some = sentence_spans(PARTS, SPOILER, batch, cut, margins)
    assert sorted(span.score for spans in some for span in spans) == sorted(
        float(score) for score in scores if score >= cut
    )


@pytest.mark.parametrize("text", SHORT)
def test_sentence_spans_of_short_texts(text: str) -> None:
    """A text without a single word can be explained like any other, beside others."""
    batch = read_batch(PARTS, [Comment("the bridge"), Comment(text), Comment("he dies. he wins")])
    before, spans, after = sentence_spans(PARTS, SPOILER, batch, 0.5, always)
    assert (before, [span.start for span in after]) == ((Span(0, 10, 1.0),), [0, 9])
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_the_nearest_stretch() -> None:
    """The paragraph that the comment comes closest to, with its place in the body and the cosine."""
    parts = one_hot_parts({})
    body = "The council closed the bridge.\n\nFerry water river.\n\nBread and salt."
    comments = [
        Comment("bread salt", Article("Bridge", body)),
        Comment("water river", Article(None, body)),
        Comment("ferry", Article("Ferry", None)),
        Comment("ferry", None, "ferry"),
    ]
    batch = read_batch(parts, comments)
    _, read_comments = pair_columns(parts, batch)
    first, second, *others = (nearest(batch, read_comments, i) for i in range(4))
    assert others == [None, None]
    assert first is not None
    assert second is not None
    assert body[first.start : first.end] == "Bread and salt."
    assert first.similarity == pytest.approx(2 / np.sqrt(6), abs=1e-2)
    assert body[second.start : second.end] == "Ferry water river."


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("the bridge", None),
        ("damn", Severity.MILD),
        ("damn fuck crap", Severity.STRONG),
        ("fuck you spaz, damn", Severity.SLUR),
        ("sp4z", Severity.SLUR),
        ("plonk", None),
    ],
)
def test_the_strongest_severity(text: str, severity: Severity | None) -> None:
    """A comment is as severe as its most severe word."""
    tokens = PARTS.reader.read([text])
    assert severity_of(PARTS.words, tokens.ids.tolist()) == severity


@pytest.mark.parametrize("bundle", ["drawn", "shipped"])
@pytest.mark.parametrize("text", [*SHORT, *LONG_TEXTS.values()], ids=[*map(repr, SHORT), *LONG_TEXTS])
def test_every_answer_can_be_explained(request: pytest.FixtureRequest, bundle: str, text: str) -> None:
    """Under any article, explaining a comment never fails, and all that it points at is there."""
    one: Bundle = request.getfixturevalue(bundle)
    for article in ARTICLES if len(text) < 3_000 else ARTICLES[3:5]:
        (answer,) = one.score([Comment(text, article, "the parent")], explain=True)
        for found in answer.heads.values():
            assert all(0 <= span.start < span.end <= len(text) for span in found.spans or ())
            if found.nearest is not None:
                body = (article and article.body) or ""
                assert body[found.nearest.start : found.nearest.end].strip()
