"""Comments in, scores out: batches change speed, never answers."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import bundle as scoring
from models import columns
from models import tokens as reading
from models import words as word_rows
from models.bundle import Bundle
from models.comment import Article, Comment
from models.decoding import Decoder
from models.heads import HEAD_NAMES
from models.pairs import LATER_COLUMNS
from models.scores import CommentScores, Severity, Why
from models.tokens import Reader
from tests.factories import drawn_bundle, drawn_manifest, drawn_tables
from tests.test_models.hostile import ADVERSARIAL, COMMENTS, LONG_TEXTS, MANY_WORDS, TEXTS

ARTICLE = Article("The bridge", "The ferry is free.")
BUNDLES = ("drawn", "shipped")

#: Another copy of the bundle in ``drawn``, for scoring without anything having been read before.
TABLES = drawn_tables()


def fresh() -> Bundle:
    """The drawn bundle, having read nothing."""
    return Bundle(drawn_manifest(), TABLES)


def alone(bundle: Bundle, comments: list[Comment], **options: Any) -> list[CommentScores]:
    """Each comment's answer, asked one at a time."""
    return [answer for comment in comments for answer in bundle.score([comment], **options)]


def differing(one: list[CommentScores], other: list[CommentScores]) -> list[int]:
    """Places where two lists of answers are not the same to the last bit; repr tells every bit and NaN from NaN."""
    assert len(one) == len(other)
    return [i for i, pair in enumerate(zip(one, other, strict=True)) if repr(pair[0]) != repr(pair[1])]


@settings(max_examples=60)
@given(st.lists(COMMENTS, max_size=8))
def test_together_as_alone(comments: list[Comment]) -> None:
    """n comments together score, and are explained, as each is alone by a bundle that has read nothing else."""
    together = fresh().score(comments, explain=True)
    assert [
        i
        for i, comment in enumerate(comments)
        if differing(together[i : i + 1], alone(fresh(), [comment], explain=True))
    ] == []


@settings(max_examples=30)
@given(st.lists(COMMENTS, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_order_does_not_matter(comments: list[Comment], draw: random.Random) -> None:
    """The same comments in another order get the same answers in that order."""
    order = list(range(len(comments)))
    draw.shuffle(order)
    answers = fresh().score(comments, explain=True)
    shuffled = fresh().score([comments[i] for i in order], explain=True)
    assert differing([answers[i] for i in order], shuffled) == []


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("explain", [False, True])
def test_the_adversarial_batch(request: pytest.FixtureRequest, name: str, explain: bool) -> None:
    """Everything that could make neighbours matter, in one batch: to the last bit what each comment gets alone."""
    bundle: Bundle = request.getfixturevalue(name)
    # Explaining the longest texts word by word takes minutes of a test's time and no other path.
    batch = ADVERSARIAL if not explain else [one for one in ADVERSARIAL if len(one.text) < 3_000]
    together = bundle.score(batch, explain=explain)
    assert differing(together, alone(bundle, batch, explain=explain)) == []
    assert differing(together, bundle.score(batch[::-1], explain=explain)[::-1]) == []
    halves = bundle.score(batch[::2], explain=explain), bundle.score(batch[1::2], explain=explain)
    assert differing(together[::2], halves[0]) == differing(together[1::2], halves[1]) == []


@pytest.mark.parametrize("name", BUNDLES)
def test_every_batch_size(request: pytest.FixtureRequest, name: str) -> None:
    """Vectorised sums take other paths for other sizes; none of them changes a bit."""
    bundle: Bundle = request.getfixturevalue(name)
    expected = alone(bundle, ADVERSARIAL)
    for size in (2, 5, 17):
        batches = [ADVERSARIAL[start : start + size] for start in range(0, len(ADVERSARIAL), size)]
        assert differing([answer for batch in batches for answer in bundle.score(batch)], expected) == []


def test_large_batches_are_sliced(drawn: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more characters are scored at a time than was promised, unless one comment has more, and none is left out."""
    sizes: list[int] = []
    real = columns.read_batch

    def spy(parts: Any, comments: Any) -> Any:
        sizes.append(sum(len(comment.text) + len(comment.parent or "") for comment in comments))
        assert sizes[-1] <= scoring.SLICE or len(comments) == 1
        return real(parts, comments)

    monkeypatch.setattr(scoring, "read_batch", spy)
    comments = [Comment(f"the bridge {number}" * 40, None, "so " * number) for number in range(300)]
    comments.insert(7, Comment("ferry " * 10_000))
    assert len(drawn.score(comments)) == 301
    assert sum(sizes) == sum(len(comment.text) + len(comment.parent or "") for comment in comments)
    assert len(sizes) < 40


def test_a_full_memory_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown words come and go, articles in between: what was forgotten is read anew and scores the same."""
    monkeypatch.setattr(reading, "MOST_UNKNOWN", 60)
    monkeypatch.setattr(word_rows, "MOST_UNKNOWN", 60)
    bundle = fresh()
    letters = "bcdfglmnpqrtvwxz"
    comments = [
        Comment(f"q{a}{b}zx plonk w{b}{a}qx the bridge", Article(f"x{a}{b}qz", f"plonk z{b}{a}wx"), f"p{a}lq{b}")
        for a in letters
        for b in letters[:6]
    ]
    expected = [answer for comment in comments for answer in Bundle(drawn_manifest(), TABLES).score([comment])]
    assert (
        differing(
            [answer for i in range(0, len(comments), 2) for answer in bundle.score(comments[i : i + 2])], expected
        )
        == []
    )
    assert bundle.parts.reader.generation > 3


def test_asking_for_some_heads(drawn: Bundle) -> None:
    """A head's answer does not depend on which others are asked; the answer has those that were, in that order."""
    comments = [one for one in ADVERSARIAL if len(one.text) < 3_000]
    everything = drawn.score(comments, explain=True)
    for heads in [(name,) for name in HEAD_NAMES] + [HEAD_NAMES[::-1]]:
        for one, other in zip(drawn.score(comments, heads=heads, explain=True), everything, strict=True):
            assert list(one.heads) == list(heads)
            assert {name: repr(found) for name, found in one.heads.items()} == {n: repr(other.heads[n]) for n in heads}
            assert one.language == other.language


@pytest.mark.parametrize("name", BUNDLES)
def test_explaining_changes_no_score(request: pytest.FixtureRequest, name: str) -> None:
    """Spans and the nearest paragraph come on top, and only where they are asked for."""
    bundle: Bundle = request.getfixturevalue(name)
    comments = [one for one in ADVERSARIAL if len(one.text) < 3_000]
    for plain, explained in zip(bundle.score(comments), bundle.score(comments, explain=True), strict=True):
        for head in HEAD_NAMES:
            one, other = plain.heads[head], explained.heads[head]
            assert (one.score, one.why, one.severity) == (other.score, other.why, other.severity)
            assert (one.spans, one.nearest) == (None, None)
            assert other.spans is not None or head == "off_topic"


def test_an_older_layer_has_no_weight_for_later_columns() -> None:
    """A bundle of a site's own making scores as it did; one that lacks anything else is refused."""
    weights = TABLES["layer/off_topic/weights"]
    known = len(weights) - LATER_COLUMNS
    older = drawn_bundle({**TABLES, "layer/off_topic/weights": weights[:known]})
    silent = drawn_bundle({**TABLES, "layer/off_topic/weights": np.append(weights[:known], np.zeros(LATER_COLUMNS))})
    comments = [Comment("The ferry is free.", ARTICLE), Comment("Bread and salt.", ARTICLE, "What else?")]
    assert older.score(comments) == silent.score(comments) != drawn_bundle(TABLES).score(comments)
    with pytest.raises(ValueError, match="columns, not"):
        drawn_bundle({**TABLES, "layer/off_topic/weights": weights[: known - 1]})


def test_nothing_asked(drawn: Bundle) -> None:
    """No comments give no answers, and an unknown head is an error, not a guess."""
    assert drawn.score([]) == []
    with pytest.raises(KeyError, match="sarcasm"):
        drawn.score([Comment("the bridge")], heads=("profanity", "sarcasm"))


@settings(max_examples=50)
@given(COMMENTS)
def test_scores_are_probabilities(comment: Comment) -> None:
    """Whatever was written: a score between 0 and 1, or none with the reason; only profanity has a severity."""
    (answer,) = fresh().score([comment])
    for name, found in answer.heads.items():
        assert (found.score is None) == (found.why is not None)
        assert found.score is None or 0 <= found.score <= 1
        assert name == "off_topic" or found.score is not None
        assert name == "profanity" or found.severity is None
    assert 0 <= answer.language_confidence <= 1


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        (Comment("the bridge is closed"), Why.NO_CONTEXT),
        (Comment("First!", ARTICLE), Why.TOO_SHORT),
        (Comment("the bridge", ARTICLE), None),
        (Comment("the bridge", None, "which one?"), None),
    ],
)
def test_no_score_is_invented(drawn: Bundle, comment: Comment, why: Why | None) -> None:
    """Off-topic answers null with the reason where the question has no answer, also beside comments that have one."""
    answers = drawn.score([Comment("the ferry is free", ARTICLE), comment], explain=True)
    found = answers[1].heads["off_topic"]
    assert found.why == why
    assert (found.score is None) == (why is not None)
    assert answers[0].heads["off_topic"].score is not None


@pytest.mark.parametrize(
    ("text", "severity"),
    [("damn it", Severity.MILD), ("damn f.u.c.k", Severity.STRONG), ("sp4z", Severity.SLUR), ("hi", None)],
)
def test_severity(drawn: Bundle, text: str, severity: Severity | None) -> None:
    """The strongest severity of the comment's words, alone and beside others."""
    assert drawn.score([Comment("spaz"), Comment(text), Comment("damn")])[1].heads["profanity"].severity == severity


@settings(max_examples=50)
@given(TEXTS)
def test_words_to_mask(text: str) -> None:
    """Only stretches of the author's text are masked, each of them enough by itself."""
    bundle = fresh()
    for span in bundle.profane_words(text):
        assert 0 <= span.start < span.end <= len(text)
        assert span.score >= 0.5


def test_masking_as_explaining(shipped: Bundle) -> None:
    """The shipped bundle masks the word and nothing else, and nothing in a clean comment."""
    text = "Oh, f.u.c.k the new bridge, you assholes!"
    assert [text[span.start : span.end] for span in shipped.profane_words(text)] == ["f.u.c.k", "assholes"]
    assert shipped.profane_words("The new bridge is lovely, and the class was assessed.") == ()
    assert shipped.profane_words("") == ()


def test_more_words_than_there_is_room_for(drawn: Bundle) -> None:
    """A text with more unknown words than the memory holds gets its scores."""
    (answer,) = drawn.score([Comment(MANY_WORDS)])
    assert answer.heads["profanity"].score is not None


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS.keys())
def test_hostile_texts_are_decoded_once(drawn: Bundle, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Scoring by all heads reads a text once: the decoder sees its characters a few times, not once a head."""
    handed: list[int] = []
    for name in ("word", "chunk", "letters"):
        real = getattr(Decoder, name)

        def spy(self: Decoder, part: str, real: Any = real) -> Any:
            handed.append(len(part))
            return real(self, part)

        monkeypatch.setattr(Decoder, name, spy)
    drawn.parts.reader.forget()
    drawn.score([Comment(text)])
    assert sum(handed) <= 4 * len(text) * 4 + 100


def test_an_article_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand comments under one article read it once."""
    texts: list[str] = []
    real = Reader.read

    def spy(self: Reader, batch: Any) -> Any:
        texts.extend(batch)
        return real(self, batch)

    monkeypatch.setattr(Reader, "read", spy)
    article = Article("The harbour bridge", "It is closed.\n\nTake the ferry.")
    fresh().score([Comment(f"comment {number}", article) for number in range(1_000)])
    assert texts.count("The harbour bridge") == 1
    # Its title, its two paragraphs, the whole of it, and that in one line.
    assert len(texts) == 1_000 + 5


def test_scores_are_finite(shipped: Bundle) -> None:
    """No text makes a score of the shipped bundle anything but a number."""
    for answer in shipped.score(ADVERSARIAL):
        scores = [found.score for found in answer.heads.values() if found.score is not None]
        assert np.isfinite(scores).all()
