"""One list of heads that everything else is derived from."""

from __future__ import annotations

import pytest

from models.comment import Article
from models.heads import HEAD_NAMES, HEADS, Unit, head


def test_the_heads() -> None:
    """The three questions of the design, each with its words."""
    assert HEAD_NAMES == ("profanity", "off_topic", "spoiler") == tuple(one.name for one in HEADS)
    assert all(one.question.endswith("?") for one in HEADS)
    assert [head(name) for name in HEAD_NAMES] == list(HEADS)


def test_only_a_pair_needs_context() -> None:
    """Off-topic has no answer without an article or a parent; the others do. Spoilers are scored by sentence."""
    assert [one.name for one in HEADS if one.needs_context] == ["off_topic"]
    assert head("spoiler").unit is Unit.SENTENCE


def test_an_unknown_head() -> None:
    """There is no answer to a question that nobody put."""
    with pytest.raises(KeyError, match="sarcasm"):
        head("sarcasm")


@pytest.mark.parametrize(
    ("article", "empty"),
    [
        (Article(), True),
        (Article("", ""), True),
        (Article(" \n", "\t"), True),
        (Article(kind="film"), True),
        (Article("Bridge"), False),
        (Article(None, "Bridge"), False),
    ],
)
def test_empty_articles(article: Article, empty: bool) -> None:
    """An article without a word in title or body is no context."""
    assert article.is_empty is empty
