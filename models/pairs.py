"""A comment against its article and parent: the columns of the off-topic head's last layer.

Cosines of static embeddings (whole texts, title, the closest stretch, sentence by sentence), shared rare words, and how
much the comment has to compare at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from models.articles import ReadArticle
from models.kernel import Kernel
from models.segments import Segments, gaps
from models.semantics import Embedding, cosines
from models.sums import LOG1P, Sums
from models.tokens import Tokens
from models.vocabulary import END
from models.words import ADDRESS, RARE_WORD, WORD, WordTable

#: A margin of promotion beyond which more says no more.
_CERTAIN = 6
PAIR_COLUMNS = (
    "with_title", "with_whole", "closest", "three_closest", "sentence_closest", "sentences_mean", "with_parent",
    "shared", "shared_title", "rarest_shared", "shared_parent", "rarest_shared_parent", "words", "rare_words",
    "promotion", "has_address", "no_title", "no_body", "has_parent", "best_cosine", "best_shared",
    "leaning_promotion", "promotion_without_body", "title_in_thread", "best_in_thread", "words_in_thread",
    "near_words", "near_whole",
)  # fmt: skip
#: The last ones, which bundles before 2026.11.3 have no weights for.
LATER_COLUMNS = 2
_COLUMN = {name: i for i, name in enumerate(PAIR_COLUMNS)}


@dataclass(frozen=True, slots=True)
class ReadComments:
    """A batch of comments as the pair head sees it."""

    tokens: Tokens
    segments: Segments
    #: Vectors of length one: a comment's sentences', then its own, then the next comment's. Shape (rows, dimensions).
    rows: NDArray[np.float32]
    #: Which of the rows are whole comments'. Shape (n,).
    wholes: NDArray[np.int64]

    @property
    def vectors(self) -> NDArray[np.float32]:
        """Each whole comment's vector. Shape (n, dimensions)."""
        return self.rows[self.wholes]


def read_comments(tokens: Tokens, cut: Segments, embedding: Embedding, kernel: Kernel | None = None) -> ReadComments:
    """Vectors of the batch's sentences and whole texts."""
    return ReadComments(tokens, cut, *embedding.vectors(tokens, cut, kernel))


@dataclass(frozen=True, slots=True)
class Parents:
    """What some of the comments answer."""

    tokens: Tokens
    #: Vectors of length one. Shape (parents, dimensions).
    vectors: NDArray[np.float32]
    #: Which comment answers each parent; no comment answers two. Shape (parents,).
    answers: NDArray[np.int64]


class PairFeatures:
    """Computes the columns; one row for every comment, zeros where it has nothing to be compared with."""

    def __init__(self, words: WordTable) -> None:
        self._words = words

    def rows(
        self,
        comments: ReadComments,
        articles: Sequence[ReadArticle | None],
        parents: Parents | None,
        counts: NDArray[np.int64],
        promotion: Sums,
    ) -> NDArray[np.float64]:
        """Columns for each comment, whose words have those flags (``WordTable.counts``). Shape (n, columns).

        ``promotion`` is what the model of promotion makes of each comment as a whole.
        """
        kernel = self._words.kernel
        matrix = np.zeros((len(articles), len(PAIR_COLUMNS)))
        starts = comments.tokens.starts
        stems, shared = self._rarity(comments.tokens)
        chances = np.exp(promotion.logs)
        if parents is not None:
            self._put_parents(matrix, shared, stems, comments, parents)
        if kernel is not None:
            sentences = comments.rows, comments.segments.first, comments.wholes
            runs = [(start, stop, *article.places) for start, stop, article in _runs(articles)]
            kernel.compared((stems, shared, starts), sentences, runs, matrix)
            kernel.shares(shared, starts, counts, (chances, promotion.margins, _CERTAIN), LOG1P, matrix)
            return matrix
        under = list(_runs(articles))
        _put_articles(matrix, shared, stems, starts, under)
        _put_cosines(matrix, comments, under)
        _put_shares(matrix, shared, starts)
        _put_counts(matrix, counts)
        matrix[:, _COLUMN["promotion"]] = chances
        matrix[:, _COLUMN["best_cosine"]] = matrix[:, _COSINE_COLUMNS].max(axis=1)
        matrix[:, _COLUMN["leaning_promotion"]] = promotion.margins.clip(-_CERTAIN, _CERTAIN)
        # What is compared means something else in an answer, less where a title is all there is, and more of a long
        # comment; near to a stretch and to the whole is more than both.
        matrix[:, _PRODUCTS] = matrix[:, _LEFT] * matrix[:, _RIGHT]
        return matrix

    def _rarity(self, tokens: Tokens) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """Each word's stem; its rarity, and three rows for where the article, its title and the parent have it too."""
        words = self._words
        if words.kernel is not None:
            return words.kernel.rarity(tokens.ids, words.stems, words.idf)
        shared = np.zeros((4, len(tokens.ids)), np.float32)
        shared[0] = words.idf.take(tokens.ids) * (tokens.ids > END)
        return words.stems.take(tokens.ids), shared

    def _put_parents(
        self,
        matrix: NDArray[np.float64],
        shared: NDArray[np.float32],
        stems: NDArray[np.uint32],
        comments: ReadComments,
        parents: Parents,
    ) -> None:
        """What parents say of the comments that answer them, and in the last row of ``shared`` their words' rarity."""
        shared[3] = shared[0] * self._in_parents(stems, comments.tokens.starts, parents)
        matrix[parents.answers, _COLUMN["has_parent"]] = 1
        with_parent = np.einsum("ij,ij->i", comments.vectors[parents.answers], parents.vectors)
        matrix[parents.answers, _COLUMN["with_parent"]] = with_parent

    def _in_parents(self, stems: NDArray[np.uint32], starts: NDArray[np.int64], parents: Parents) -> NDArray[np.bool_]:
        """Whether each word of the comments has its stem in the comment's parent. Shape (words,)."""
        own = stems + (np.arange(len(starts) - 1) << 32).repeat(starts[1:] - starts[:-1])
        lengths = parents.tokens.starts[1:] - parents.tokens.starts[:-1]
        theirs = self._words.stems.take(parents.tokens.ids) + (parents.answers << 32).repeat(lengths)
        theirs.sort()
        found: NDArray[np.bool_] = theirs.take(theirs.searchsorted(own), mode="clip") == own
        return found


def _put_articles(
    matrix: NDArray[np.float64],
    shared: NDArray[np.float32],
    stems: NDArray[np.uint32],
    starts: NDArray[np.int64],
    runs: Sequence[tuple[int, int, ReadArticle]],
) -> None:
    """What articles lack, and in two rows of ``shared`` the rarity of words that they and their titles have too."""
    for start, stop, article in runs:
        words = slice(int(starts[start]), int(starts[stop]))
        at = article.stems.searchsorted(stems[words])
        same = article.stems.take(at, mode="clip") == stems[words]
        shared[1:3, words] = article.holders.take(at, axis=1, mode="clip") * (shared[0, words] * same)
        lacks = not article.has_title, not article.has_body
        matrix[start:stop, _COLUMN["no_title"] : _COLUMN["no_body"] + 1] = lacks


def _put_cosines(
    matrix: NDArray[np.float64], comments: ReadComments, runs: Sequence[tuple[int, int, ReadArticle]]
) -> None:
    """The columns that compare vectors with an article's. Articles of any length share one table, padded."""
    first, wholes = comments.segments.first, comments.wholes
    width = max((len(article.vectors) for _, _, article in runs), default=3)
    near = np.zeros((len(comments.rows), width), np.float32)
    stretches = np.ones(len(first), np.float32)
    for start, stop, article in runs:
        rows, count = slice(int(first[start]) + start, int(wholes[stop - 1]) + 1), len(article.vectors)
        near[rows, :count] = cosines(comments.rows[rows], article.vectors)
        near[rows, count:] = -np.inf
        stretches[start:stop] = min(count - 2, 3)
    matrix[:, _COLUMN["with_title"]], matrix[:, _COLUMN["with_whole"]] = near[wholes, :2].T
    closest = near[:, 2:].max(axis=1)
    matrix[:, _COLUMN["closest"]] = closest[wholes]
    top = np.sort(near[wholes, 2:], axis=1).T[:-4:-1]
    top[top == -np.inf] = 0
    matrix[:, _COLUMN["three_closest"]] = reduce(np.add, top) / stretches
    of_sentences = np.delete(closest, wholes)
    matrix[:, _COLUMN["sentence_closest"]] = np.maximum.reduceat(of_sentences, first)
    matrix[:, _COLUMN["sentences_mean"]] = np.add.reduceat(of_sentences, first) / gaps(first, len(of_sentences))


def _put_shares(matrix: NDArray[np.float64], shared: NDArray[np.float32], starts: NDArray[np.int64]) -> None:
    """Of each comment's rarity (summed idf), the share that another text has too, and the rarest shared word's."""
    total, *parts = np.add.reduceat(shared, starts[:-1], axis=1)
    rarest = np.maximum.reduceat(shared, starts[:-1], axis=1)
    for name, part in zip(("shared", "shared_title", "shared_parent"), parts, strict=True):
        matrix[:, _COLUMN[name]] = part / np.where(total > 0, total, 1)
    matrix[:, _COLUMN["rarest_shared"]], matrix[:, _COLUMN["rarest_shared_parent"]] = rarest[1], rarest[3]
    matrix[:, _COLUMN["best_shared"]] = np.maximum(matrix[:, _COLUMN["shared"]], matrix[:, _COLUMN["shared_parent"]])


def _put_counts(matrix: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
    matrix[:, _COLUMN["words"]] = LOG1P.take(counts[:, WORD], mode="clip")
    matrix[:, _COLUMN["rare_words"]] = LOG1P.take(counts[:, RARE_WORD], mode="clip")
    matrix[:, _COLUMN["has_address"]] = counts[:, ADDRESS] > 0


def _runs(articles: Sequence[ReadArticle | None]) -> Iterator[tuple[int, int, ReadArticle]]:
    """Where comments under one article stand beside each other: first, behind the last, article."""
    start = 0
    for stop, article in enumerate(articles, start=1):
        if stop == len(articles) or articles[stop] is not article:
            if article is not None and (article.has_title or article.has_body):
                yield start, stop, article
            start = stop


_PRODUCT_OF = {
    "promotion_without_body": ("leaning_promotion", "no_body"),
    "title_in_thread": ("with_title", "has_parent"),
    "best_in_thread": ("best_cosine", "has_parent"),
    "words_in_thread": ("words", "has_parent"),
    "near_words": ("best_cosine", "words"),
    "near_whole": ("best_cosine", "with_whole"),
}
_PRODUCTS = [_COLUMN[name] for name in _PRODUCT_OF]
_LEFT, _RIGHT = ([_COLUMN[pair[side]] for pair in _PRODUCT_OF.values()] for side in (0, 1))
_COSINES = ("with_title", "with_whole", "closest", "sentence_closest", "with_parent")
_COSINE_COLUMNS = [_COLUMN[name] for name in _COSINES]
