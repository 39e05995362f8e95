"""A comment against its article and parent: the columns of the off-topic head's last layer.

Cosines of static embeddings (whole texts, title, the closest stretch, sentence by sentence), shared rare words, and how
much the comment has to compare at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.articles import ReadArticle
from models.segments import Segments, gaps, sentences
from models.semantics import Embedding, cosines, unit
from models.tokens import Tokens
from models.vocabulary import END, NUMBER, URL
from models.words import WordTable

#: Words rarer than this (inverse document frequency) say something about the subject.
RARE = 3.0

PAIR_COLUMNS = (
    "with_title", "with_whole", "closest", "three_closest", "sentence_closest", "sentences_mean", "with_parent",
    "shared", "shared_title", "rarest_shared", "shared_parent", "rarest_shared_parent", "words", "rare_words",
    "promotion", "has_address", "no_title", "no_body", "has_parent", "best_cosine", "best_shared",
)  # fmt: skip
_COLUMN = {name: i for i, name in enumerate(PAIR_COLUMNS)}


@dataclass(frozen=True, slots=True)
class ReadComments:
    """A batch of comments as the pair head sees it."""

    tokens: Tokens
    segments: Segments
    #: Each sentence's vector, of length one. Shape (sentences, dimensions).
    sentence_vectors: NDArray[np.float32]
    #: Each comment's vector, of length one. Shape (n, dimensions).
    vectors: NDArray[np.float32]


def read_comments(tokens: Tokens, embedding: Embedding) -> ReadComments:
    """Vectors of the batch's sentences and whole texts."""
    cut = sentences(tokens)
    sums = embedding.sums(tokens, cut)
    return ReadComments(tokens, cut, unit(sums), unit(np.add.reduceat(sums, cut.first, axis=0)))


class PairFeatures:
    """Computes the columns; one row for every comment that has something to be compared with."""

    def __init__(self, words: WordTable) -> None:
        self._words = words

    def rows(
        self,
        comments: ReadComments,
        articles: Sequence[ReadArticle | None],
        parents: Tokens | None,
        parent_of: Sequence[int | None],
        parent_vectors: NDArray[np.float32] | None,
        promotion: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Columns for each comment. ``parent_of`` says which of ``parents`` is whose. Shape (n, columns)."""
        matrix = np.zeros((len(articles), len(PAIR_COLUMNS)))
        self._own(matrix, comments.tokens, promotion)
        for members, article in _grouped(articles):
            self._against_article(matrix, comments, members, article)
        if parents is not None and parent_vectors is not None:
            for i, parent in enumerate(parent_of):
                if parent is not None:
                    self._against_parent(matrix, comments, i, parents, parent, parent_vectors)
        matrix[:, _COLUMN["best_cosine"]] = matrix[:, _COSINE_COLUMNS].max(axis=1)
        matrix[:, _COLUMN["best_shared"]] = np.maximum(
            matrix[:, _COLUMN["shared"]], matrix[:, _COLUMN["shared_parent"]]
        )
        return matrix

    def _own(self, matrix: NDArray[np.float64], tokens: Tokens, promotion: NDArray[np.float64]) -> None:
        starts = tokens.starts[:-1]
        real = tokens.ids > NUMBER
        rare = (self._words.idf.take(tokens.ids) > RARE) & real
        matrix[:, _COLUMN["words"]] = _log_counts(np.add.reduceat(real.astype(np.int64), starts))
        matrix[:, _COLUMN["rare_words"]] = _log_counts(np.add.reduceat(rare.astype(np.int64), starts))
        matrix[:, _COLUMN["has_address"]] = np.maximum.reduceat(tokens.ids == URL, starts)
        matrix[:, _COLUMN["promotion"]] = promotion

    def _against_article(
        self, matrix: NDArray[np.float64], comments: ReadComments, members: NDArray[np.int64], article: ReadArticle
    ) -> None:
        matrix[members, _COLUMN["no_title"]] = not article.has_title
        matrix[members, _COLUMN["no_body"]] = not article.has_body
        vectors = comments.vectors[members]
        matrix[members, _COLUMN["with_title"]] = cosines(vectors, article.title[None])[:, 0]
        matrix[members, _COLUMN["with_whole"]] = cosines(vectors, article.whole[None])[:, 0]
        near = cosines(vectors, article.stretches)
        near.sort(axis=1)
        near = near[:, ::-1]
        matrix[members, _COLUMN["closest"]] = near[:, 0]
        matrix[members, _COLUMN["three_closest"]] = _row_means(near[:, :3])
        self._sentence_columns(matrix, comments, members, article)
        self._shared_columns(matrix, comments.tokens, members, article)

    def _sentence_columns(
        self, matrix: NDArray[np.float64], comments: ReadComments, members: NDArray[np.int64], article: ReadArticle
    ) -> None:
        rows, first = _ranges(comments.segments.first, len(comments.segments.starts), members)
        closest = cosines(comments.sentence_vectors[rows], article.stretches).max(axis=1)
        counts = gaps(first, len(rows))
        matrix[members, _COLUMN["sentence_closest"]] = np.maximum.reduceat(closest, first)
        matrix[members, _COLUMN["sentences_mean"]] = np.add.reduceat(closest, first) / counts

    def _shared_columns(
        self, matrix: NDArray[np.float64], tokens: Tokens, members: NDArray[np.int64], article: ReadArticle
    ) -> None:
        at, first = _ranges(tokens.starts[:-1], len(tokens.ids), members)
        share, rarest = self._shared(tokens.ids[at], first, article.stems)
        matrix[members, _COLUMN["shared"]], matrix[members, _COLUMN["rarest_shared"]] = share, rarest
        matrix[members, _COLUMN["shared_title"]] = self._shared(tokens.ids[at], first, article.title_stems)[0]

    def _against_parent(
        self,
        matrix: NDArray[np.float64],
        comments: ReadComments,
        i: int,
        parents: Tokens,
        parent: int,
        vectors: NDArray[np.float32],
    ) -> None:
        matrix[i, _COLUMN["has_parent"]] = 1
        matrix[i, _COLUMN["with_parent"]] = cosines(comments.vectors[i][None], vectors[parent][None])[0, 0]
        stems = np.unique(self._words.stems.take(parents.ids[parents.starts[parent] : parents.starts[parent + 1]]))
        own = comments.tokens.ids[comments.tokens.starts[i] : comments.tokens.starts[i + 1]]
        share, rarest = self._shared(own, np.zeros(1, np.int64), stems)
        matrix[i, _COLUMN["shared_parent"]], matrix[i, _COLUMN["rarest_shared_parent"]] = share[0], rarest[0]

    def _shared(
        self, ids: NDArray[np.int32], first: NDArray[np.int64], stems: NDArray[np.uint32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Of each text's rarity (summed idf), the share that the other text has too, and the rarest shared word's."""
        weight: NDArray[np.float32] = self._words.idf.take(ids) * (ids > END)
        if not len(stems):
            return np.zeros(len(first), np.float32), np.zeros(len(first), np.float32)
        own = self._words.stems.take(ids)
        found = stems[np.minimum(stems.searchsorted(own), len(stems) - 1)] == own
        shared = weight * found
        total = np.add.reduceat(weight, first)
        share = np.add.reduceat(shared, first) / np.where(total > 0, total, 1)
        return share.astype(np.float32, copy=False), np.maximum.reduceat(shared, first)


_COSINES = ("with_title", "with_whole", "closest", "sentence_closest", "with_parent")
_COSINE_COLUMNS = [_COLUMN[name] for name in _COSINES]
_LOG1P = np.log1p(np.arange(4097))


def _log_counts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return _LOG1P[np.minimum(counts, len(_LOG1P) - 1)]


def _row_means(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    total = matrix[:, 0].copy()
    for column in matrix.T[1:]:
        total += column
    return total / np.float32(matrix.shape[1])


def _grouped(articles: Sequence[ReadArticle | None]) -> list[tuple[NDArray[np.int64], ReadArticle]]:
    groups: dict[int, tuple[list[int], ReadArticle]] = {}
    for i, article in enumerate(articles):
        if article is not None and (article.has_title or article.has_body):
            groups.setdefault(id(article), ([], article))[0].append(i)
    return [(np.array(members), article) for members, article in groups.values()]


def _ranges(
    starts: NDArray[np.int64], total: int, members: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions that belong to the members, one after another, and where each member's begin among them."""
    lengths = gaps(starts, total)[members]
    first = lengths.cumsum() - lengths
    return (starts[members] - first).repeat(lengths) + np.arange(lengths.sum()), first
