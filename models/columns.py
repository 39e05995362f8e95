"""Comments → every head's columns. The one place that reads a batch; training fits on what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.articles import ReadArticle
from models.comment import Comment
from models.features import PROMOTION_MODEL, Surroundings, TextFeatures
from models.heads import Head, Unit
from models.pairs import Parents, ReadComments, read_comments
from models.parts import Parts
from models.scores import Why
from models.tokens import Tokens
from models.words import WORD

#: Kinds of articles that say that there is something to be given away, and the margin that stands for "it is so".
WORK_KINDS = frozenset({"book", "comic", "film", "game", "movie", "novel", "series", "theatre", "tv"})
WORK_SAID = 4.0
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
    #: How many of each comment's words have which flag (``WordTable.counted``). Shape (n, flags).
    counts: NDArray[np.int64]


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
    own = tokens.part(0, count)
    return Batch(comments, own, articles, parents, tuple(parent_of), parts.words.counts(own))


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
        work = np.array([_work(*one) for one in zip(batch.comments, batch.articles, strict=True)])
        around = Surroundings(has_article, work)
    return parts.scorer.features(head, batch.tokens, around)


def _work(comment: Comment, article: ReadArticle | None) -> float:
    """The margin of "the article is about a work": what its sender says goes before what its text looks like."""
    if article is None:
        return 0.0
    said = comment.article is not None and comment.article.kind in WORK_KINDS
    return max(article.work, WORK_SAID) if said else article.work


def pair_columns(parts: Parts, batch: Batch) -> tuple[NDArray[np.float64], ReadComments]:
    """One row a comment, whether or not it can be scored (see :func:`unanswerable`)."""
    cut = parts.scorer.cut(batch.tokens, Unit.SENTENCE)
    comments = read_comments(batch.tokens, cut, parts.embedding, parts.words.kernel)
    parents = None
    if batch.parents is not None:
        vectors = parts.embedding.text_vectors(batch.parents, parts.reader.kernel)
        parents = Parents(
            batch.parents, vectors, np.array([i for i, one in enumerate(batch.parent_of) if one is not None])
        )
    promotion = parts.scorer.sums(PROMOTION_MODEL, batch.tokens)
    return parts.pairs.rows(comments, batch.articles, parents, batch.counts, promotion), comments


def unanswerable(batch: Batch) -> list[Why | None]:
    """Why a pair question has no answer, for each comment; null where it has one."""
    reasons: list[Why | None] = []
    for article, parent, count in zip(batch.articles, batch.parent_of, batch.counts[:, WORD].tolist(), strict=True):
        if article is None and parent is None:
            reasons.append(Why.NO_CONTEXT)
        else:
            reasons.append(Why.TOO_SHORT if count < FEWEST_WORDS else None)
    return reasons
