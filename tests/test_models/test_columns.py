"""A batch is read in one place: comments with their articles and parents, and which questions have an answer."""

from __future__ import annotations

import numpy as np
import pytest

from models.columns import pair_columns, read_batch, text_columns, unanswerable
from models.comment import Article, Comment
from models.features import column_names
from models.heads import HEADS, Head, Unit
from models.pairs import PAIR_COLUMNS
from models.parts import Parts, head_columns
from models.scores import Why
from models.sums import log_probability
from tests.factories import drawn_parts, words_of

ARTICLE = Article("The bridge", "The ferry is free.")


@pytest.fixture(scope="module")
def parts() -> Parts:
    """Parts with drawn weights."""
    return drawn_parts().parts


def test_reading(parts: Parts) -> None:
    """Comments, articles and parents are kept apart, each parent with its comment."""
    comments = [
        Comment("the bridge", ARTICLE, "a parent"),
        Comment("the ferry"),
        Comment("fuck", Article(" ", ""), " \n"),
        Comment("f u c k", ARTICLE, "other plonk"),
    ]
    batch = read_batch(parts, comments)
    assert words_of(parts.reader, batch.tokens) == [["the", "bridge"], ["the", "ferry"], ["fuck"], ["Fuck"]]
    assert batch.parents is not None
    assert words_of(parts.reader, batch.parents) == [["a", "parent"], ["other", "plonk"]]
    assert batch.parent_of == (0, None, None, 1)
    first, *between, last = batch.articles
    assert first is last is not None
    assert between == [None, None]
    assert batch.comments == comments


def test_a_batch_without_parents(parts: Parts) -> None:
    """No parent, no parents' tokens."""
    batch = read_batch(parts, [Comment("the bridge"), Comment("", None, "")])
    assert batch.parents is None
    assert batch.parent_of == (None, None)


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        (Comment("the bridge is closed"), Why.NO_CONTEXT),
        (Comment("the bridge", Article()), Why.NO_CONTEXT),
        (Comment("the bridge", Article(" ", "\n")), Why.NO_CONTEXT),
        (Comment("the bridge", Article(None, None, "film")), Why.NO_CONTEXT),
        (Comment("the bridge", None, " "), Why.NO_CONTEXT),
        (Comment("", None), Why.NO_CONTEXT),
        (Comment("bridge", ARTICLE), Why.TOO_SHORT),
        (Comment("", ARTICLE), Why.TOO_SHORT),
        (Comment("!!! 🎉", ARTICLE), Why.TOO_SHORT),
        (Comment("First! 42. https://example.org", ARTICLE), Why.TOO_SHORT),
        (Comment("the bridge", ARTICLE), None),
        (Comment("the bridge", Article("Bridge", None)), None),
        (Comment("the bridge", Article(None, "Bridge")), None),
        (Comment("the bridge", None, "the ferry"), None),
        (Comment("plonk qwzrt", ARTICLE), None),
    ],
)
def test_questions_without_an_answer(parts: Parts, comment: Comment, why: Why | None) -> None:
    """No article and no parent, or a comment too short to be about anything: no score is invented."""
    other = Comment("the ferry is free", ARTICLE)
    assert unanswerable(read_batch(parts, [other, comment, other])) == [None, why, None]


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_columns_of_each_head(parts: Parts, head: Head) -> None:
    """Each head has its columns, in the order of their names; all of them finite whatever was written."""
    comments = [
        Comment("the bridge. fuck", ARTICLE, "so what"),
        Comment("🎉"),
        Comment("plonk", Article("🎉", "\u200b")),
    ]
    batch = read_batch(parts, comments)
    matrix = pair_columns(parts, batch)[0] if head.unit is Unit.PAIR else text_columns(parts, head, batch).matrix
    assert matrix.shape[1] == len(head_columns(head))
    assert np.isfinite(matrix).all()
    assert head_columns(head) == (PAIR_COLUMNS if head.needs_context else column_names(head))


def test_an_articles_work_reaches_its_comments(parts: Parts) -> None:
    """What an article is about is a column of its comments' spoiler rows, and nobody else's."""
    spoiler = next(head for head in HEADS if head.work)
    batch = read_batch(parts, [Comment("he dies"), Comment("he dies", ARTICLE), Comment("he dies", Article(" "))])
    matrix = text_columns(parts, spoiler, batch).matrix
    names = column_names(spoiler)
    assert matrix[:, names.index("has_article")].tolist() == [0, 1, 0]
    works = matrix[:, names.index("article_on_work")].tolist()
    article = batch.articles[1]
    assert article is not None
    assert works == log_probability(np.array([0, article.work, 0])).tolist()
    assert article.work != 0
