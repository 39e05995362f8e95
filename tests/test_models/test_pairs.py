"""A comment against its article and its parent, with an embedding whose cosines can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.columns import pair_columns, read_batch
from models.comment import Article, Comment
from models.pairs import PAIR_COLUMNS
from models.parts import Parts
from models.words import RARE
from tests.factories import one_hot_parts

BODY = "The council closed the bridge.\n\nThe ferry is free.\n\nBread and salt."


@pytest.fixture(scope="module")
def parts() -> Parts:
    """Each word its own direction; common words mean and weigh little, "bridge" and "ferry" are rare."""
    return one_hot_parts({"the": 0.5, "is": 0.5, "and": 0.5, "bridge": 6.0, "ferry": 4.0, "council": 2.0})


def columns(parts: Parts, *comments: Comment) -> list[dict[str, float]]:
    """Each comment's columns by name."""
    matrix, _ = pair_columns(parts, read_batch(parts, comments))
    assert matrix.shape == (len(comments), len(PAIR_COLUMNS))
    return [dict(zip(PAIR_COLUMNS, row.tolist(), strict=True)) for row in matrix]


def test_cosines_with_an_article(parts: Parts) -> None:
    """With title, whole and stretches; a comment that says what a stretch says is as close to it as can be."""
    (found,) = columns(parts, Comment("ferry free", Article("bridge closed", BODY)))
    assert found["with_title"] == 0
    # "the ferry is free" holds both of the comment's words and two of its own.
    assert found["closest"] == pytest.approx(2 / np.sqrt(2 * 4), abs=1e-2)
    assert 0 < found["with_whole"] < found["closest"]
    assert found["three_closest"] == pytest.approx(found["closest"] / 3, rel=1e-5)
    assert found["best_cosine"] == found["closest"]
    (same,) = columns(parts, Comment("bridge closed", Article("bridge closed", BODY)))
    assert same["with_title"] == same["closest"] == pytest.approx(1, abs=1e-6)


def test_one_sentence_on_the_subject(parts: Parts) -> None:
    """A comment that strays still has a sentence that is close."""
    (found,) = columns(parts, Comment("ferry free. dog cat bird.", Article(None, BODY)))
    assert found["sentence_closest"] == pytest.approx(2 / np.sqrt(8), abs=1e-2)
    assert found["sentences_mean"] == pytest.approx(found["sentence_closest"] / 2, abs=1e-6)
    assert found["closest"] < found["sentence_closest"] == found["best_cosine"]


def test_shared_words(parts: Parts) -> None:
    """Of the comment's rarity, the share that the article has too, and the rarest word they share."""
    (found,) = columns(parts, Comment("the bridge and a dog", Article("Ferry", BODY)))
    assert found["shared"] == found["best_shared"] == pytest.approx((0.5 + 6 + 0.5) / (0.5 + 6 + 0.5 + 1 + 1))
    assert found["rarest_shared"] == 6
    assert found["shared_title"] == 0
    (found,) = columns(parts, Comment("no ferry!", Article("The ferry!", None)))
    assert found["shared_title"] == pytest.approx(4 / 5)
    (found,) = columns(parts, Comment("dog cat", Article("Ferry!", BODY)))
    assert found["shared"] == found["rarest_shared"] == 0


def test_an_unknown_word_is_shared_by_its_stem(parts: Parts) -> None:
    """Names that no vocabulary has are the rarest words there are, and meet in their forms."""
    (found,) = columns(parts, Comment("zorblaxes", Article("Zorblax", None)))
    assert (found["shared"], found["shared_title"], found["rarest_shared"]) == (1, 1, 6)


#: What a comment has whatever it is compared with.
OWN = ("words", "rare_words", "promotion", "leaning_promotion")


def test_parents(parts: Parts) -> None:
    """An answer is compared with what it answers."""
    without, found = columns(parts, Comment("the ferry"), Comment("the ferry", None, "ferry bread"))
    assert found["has_parent"] == 1
    assert found["with_parent"] == found["best_cosine"] == pytest.approx(0.5, abs=1e-2)
    assert found["shared_parent"] == found["best_shared"] == pytest.approx(4 / 4.5)
    assert found["rarest_shared_parent"] == 4
    assert not any(without[name] for name in PAIR_COLUMNS if name not in OWN)


def test_each_parent_is_its_own(parts: Parts) -> None:
    """Parents are not mixed up, and a comment without one in between changes nothing."""
    found = columns(
        parts,
        Comment("ferry", None, "ferry"),
        Comment("ferry"),
        Comment("ferry", None, "bread"),
        Comment("bread", None, "bread"),
    )
    assert [one["with_parent"] for one in found] == pytest.approx([1, 0, 0, 1], abs=1e-6)


def test_what_the_comment_is_like(parts: Parts) -> None:
    """How many words there are to compare, how many of them rare, and whether an address stands in it."""
    article = Article("bridge", None)
    (found,) = columns(parts, Comment("The bridge, the ferry! See https://example.org 42", article))
    rare = sum(idf > RARE for idf in (6.0, 4.0))
    assert found["words"] == pytest.approx(np.log1p(5))
    assert found["rare_words"] == pytest.approx(np.log1p(rare))
    assert found["has_address"] == 1
    (found,) = columns(parts, Comment("the bridge", article))
    assert found["has_address"] == 0


@pytest.mark.parametrize(
    ("article", "no_title", "no_body"),
    [(Article("bridge", "ferry"), 0, 0), (Article("bridge", " "), 0, 1), (Article(" ", "ferry"), 1, 0)],
)
def test_what_the_article_lacks(parts: Parts, article: Article, no_title: int, no_body: int) -> None:
    """A title or a body that is missing is told, and compares as nothing."""
    (found,) = columns(parts, Comment("bridge ferry", article))
    assert (found["no_title"], found["no_body"]) == (no_title, no_body)
    assert (found["with_title"] == 0) == bool(no_title)


def test_comments_of_many_articles(parts: Parts) -> None:
    """Comments are compared with their own article, whoever stands between them."""
    bridge, ferry = Article("bridge", None), Article("ferry", None)
    comments = [
        Comment(text, article) for text in ("bridge", "ferry", "the bridge") for article in (bridge, None, ferry)
    ]
    together = columns(parts, *comments)
    assert together == [columns(parts, comment)[0] for comment in comments]
    assert [one["with_title"] for one in together[:6]] == pytest.approx([1, 0, 0, 0, 0, 1])
