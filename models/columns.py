"""Comments → every head's columns. The one place that reads a batch; training fits on what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.articles import ReadArticle
from models.comment import Comment
from models.features import PROMOTION_MODEL, Surroundings, TextFeatures, log_probability
from models.heads import Head
from models.pairs import ReadComments, read_comments
from models.parts import Parts
from models.scores import Why
from models.segments import whole
from models.semantics import unit
from models.tokens import Tokens
from models.vocabulary import NUMBER

#: A comment with fewer words than this has no subject of its own.
FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """Comments as read, before any head."""

    comments: Sequence[Comment]
    tokens: Tokens
    articles: tuple[ReadArticle | None, ...]
    parents: Tokens | None
    #: For each comment the index of its parent among ``parents``, or null.
    parent_of: tuple[int | None, ...]


def read_batch(parts: Parts, comments: Sequence[Comment]) -> Batch:
    """Read comments with their articles and parents. Its tokens are good until the next batch is read."""
    articles = _read_articles(parts, comments)
    parent_of: list[int | None] = []
    parent_texts: list[str] = []
    for comment in comments:
        has_parent = bool(comment.parent and comment.parent.strip())
        parent_of.append(len(parent_texts) if has_parent else None)
        if has_parent:
            parent_texts.append(comment.parent or "")
    tokens = parts.reader.read([*(comment.text for comment in comments), *parent_texts])
    parts.words.update()
    count = len(comments)
    parents = tokens.part(count, count + len(parent_texts)) if parent_texts else None
    return Batch(comments, tokens.part(0, count), articles, parents, tuple(parent_of))


def _read_articles(parts: Parts, comments: Sequence[Comment]) -> tuple[ReadArticle | None, ...]:
    """Each comment's article; one that several comments share is looked up once."""
    read: dict[int, ReadArticle | None] = {id(None): None}
    for comment in comments:
        article = comment.article
        if article is not None and id(article) not in read:
            read[id(article)] = None if article.is_empty else parts.articles.read(article)
    return tuple(read[id(comment.article)] for comment in comments)


def text_columns(parts: Parts, head: Head, batch: Batch) -> TextFeatures:
    """One row a segment."""
    around = None
    if head.work:
        has_article = np.array([article is not None for article in batch.articles], float)
        work = np.array([article.work if article is not None else 0.0 for article in batch.articles])
        around = Surroundings(has_article, work)
    return parts.scorer.features(head, batch.tokens, around)


def pair_columns(parts: Parts, batch: Batch) -> tuple[NDArray[np.float64], ReadComments]:
    """One row a comment, whether or not it can be scored (see :func:`unanswerable`)."""
    comments = read_comments(batch.tokens, parts.embedding)
    vectors = None if batch.parents is None else unit(parts.embedding.sums(batch.parents, whole(batch.parents)))
    promotion = np.exp(log_probability(parts.scorer.margins(PROMOTION_MODEL, batch.tokens)))
    rows = parts.pairs.rows(comments, batch.articles, batch.parents, batch.parent_of, vectors, promotion)
    return rows, comments


def unanswerable(batch: Batch) -> list[Why | None]:
    """Why a pair question has no answer, for each comment; null where it has one."""
    words = np.add.reduceat((batch.tokens.ids > NUMBER).astype(np.int64), batch.tokens.starts[:-1])
    reasons: list[Why | None] = []
    for article, parent, count in zip(batch.articles, batch.parent_of, words.tolist(), strict=True):
        if article is None and parent is None:
            reasons.append(Why.NO_CONTEXT)
        else:
            reasons.append(Why.TOO_SHORT if count < FEWEST_WORDS else None)
    return reasons
