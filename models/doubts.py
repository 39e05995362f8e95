"""What the first tier is not sure about, and all that the second is told of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.columns import pair_columns, read_batch, text_columns
from models.comment import Article, Comment
from models.encoder import EXCERPT, excerpt
from models.explain import located
from models.heads import Head, Unit
from models.parts import Parts


class Doubt(NamedTuple):
    """One head's question about one comment."""

    head: str
    #: The first tier's score, and its columns of the comment's strongest segment. Shape (columns,).
    score: float
    columns: NDArray[np.float64]
    #: What of the comment is encoded.
    text: str
    #: What it is compared with, for a head that compares.
    article: Article | None = None
    parent: str | None = None


def doubt(parts: Parts, head: Head, comment: Comment, score: float, weights: NDArray[np.float64]) -> Doubt:
    """The head's question about the comment, which has that score.

    :param weights: of the head's last layer; they tell which segment is the strongest.
    """
    batch = read_batch(parts, [comment])
    if head.unit is Unit.PAIR:
        matrix, _ = pair_columns(parts, batch)
        return Doubt(head.name, score, matrix[0], excerpt(comment.text), comment.article, comment.parent)
    matrix = text_columns(parts, head, batch).matrix
    strongest = int(np.einsum("ij,j->i", matrix, weights).argmax())
    return Doubt(head.name, score, matrix[strongest], passage(parts, comment.text, strongest))


def passage(parts: Parts, text: str, sentence: int) -> str:
    """The excerpt of a text with its sentence of that number in the middle; of a short text, all of it."""
    if len(text) <= EXCERPT:
        return excerpt(text)
    tokens = parts.reader.read([text])
    parts.words.update()
    cut = parts.scorer.cut(tokens, Unit.SENTENCE)
    words = located(parts, text)[cut.starts[sentence] :][: cut.lengths[sentence]]
    if not words:
        return excerpt(text)
    begin, end = words[0].start, words[-1].end
    # What is longer than an excerpt has its own beginning read.
    return excerpt(text[max(0, min(begin, (begin + end - EXCERPT) // 2, len(text) - EXCERPT)) :])
