"""Fitting a text model: logistic regression on a segment's words, pairs, characters and meaning.

Words, pairs and character n-grams are scaled by their log-count ratio (Wang and Manning, "Baselines and Bigrams",
ACL 2012), which is folded into the weights afterwards, as is what the meaning adds to each word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from models.classifier import (
    CHARACTER_BITS,
    CHARACTER_ORDERS,
    PAIR_BITS,
    TextModel,
    pair_positions,
    root_length,
)  # fmt: skip
from models.heads import Unit
from models.ngrams import character_ngrams, pair_slots
from models.parts import Parts
from models.segments import Segments, sentences, whole, windows
from models.tokens import Tokens
from models.words import plain_words
from training.examples import Example
from training.recipe import Recipe

_SLICE = 256
CUTS = {Unit.WINDOW: windows, Unit.SENTENCE: sentences, Unit.PAIR: whole}


@dataclass(frozen=True)
class Design:
    """Segments of many examples as a sparse matrix; columns are words, pairs, characters."""

    matrix: sparse.csr_matrix
    #: Which example each row belongs to.
    owners: NDArray[np.int64]
    #: Whether the row holds a term of the lexicon.
    evidence: NDArray[np.bool_]


@dataclass(frozen=True)
class FittedText:
    """A text model as served, and the estimator it was folded from."""

    model: TextModel
    estimator: LogisticRegression
    #: What each sparse column was multiplied by before the fit.
    ratios: NDArray[np.float32]
    #: What each word's meaning adds: its vector times the estimator's first weights. Shape (words,).
    meaning: NDArray[np.float32]


class DesignBuilder:
    """Reads examples into design matrices with one vocabulary."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        vocabulary = parts.vocabulary
        self.words = len(vocabulary)
        self._plain = plain_words(vocabulary, parts.lexicon)
        slots, owners = character_ngrams(vocabulary.words, CHARACTER_ORDERS, CHARACTER_BITS)
        self._characters = _counts(owners, slots, (self.words, 1 << CHARACTER_BITS))[self._plain]

    @property
    def character_rows(self) -> sparse.csr_matrix:
        """Character n-grams of every word of the vocabulary, a decoded term as it is plainly written."""
        return self._characters

    def plain_ids(self) -> NDArray[np.int64]:
        """For each word the id that it counts as."""
        return self._plain

    def build(self, examples: Sequence[Example], unit: Unit) -> Design:
        """Segments of the examples' texts, in order."""
        parts: list[tuple[sparse.csr_matrix, NDArray[np.int64], NDArray[np.bool_]]] = []
        for start in tqdm(range(0, len(examples), _SLICE), desc="reading", unit=f"×{_SLICE}", leave=False):
            texts = [example.comment.text for example in examples[start : start + _SLICE]]
            tokens = self._parts.reader.read(texts)
            self._parts.words.update()
            segments = CUTS[unit](tokens)
            evidence = np.maximum.reduceat(self._evident(tokens), segments.starts)
            parts.append((self._rows(tokens, segments), segments.owners() + start, evidence))
        owners = np.concatenate([part[1] for part in parts])
        return Design(
            sparse.vstack([part[0] for part in parts]).tocsr(),
            owners,
            np.concatenate([part[2] for part in parts]),
        )

    def _evident(self, tokens: Tokens) -> NDArray[np.bool_]:
        terms = self._parts.words.terms
        return (tokens.ids < self.words) & (terms.take(tokens.ids, mode="clip") >= 0)

    def _rows(self, tokens: Tokens, segments: Segments) -> sparse.csr_matrix:
        count = len(segments.starts)
        rows = np.repeat(np.arange(count), segments.lengths)
        known = tokens.ids < self.words
        words = _counts(rows[known], self._plain[tokens.ids[known]], (count, self.words))
        positions = pair_positions(tokens, segments)
        hashes = self._parts.words.hashes.take(tokens.ids)
        pairs = pair_slots(hashes[positions], hashes[positions + 1], PAIR_BITS)
        characters = words @ self._characters + self._unknown_characters(tokens, rows, known, count)
        both = _counts(rows[positions], pairs, (count, 1 << PAIR_BITS))
        scale = sparse.diags_array(1 / root_length(segments.lengths))
        scaled: sparse.csr_matrix = scale @ sparse.hstack([words, both, characters], format="csr")
        return scaled.astype(np.float32).tocsr()

    def _unknown_characters(
        self, tokens: Tokens, rows: NDArray[np.int64], known: NDArray[np.bool_], count: int
    ) -> sparse.csr_matrix:
        unknown = [self._parts.reader.word(int(number)) for number in tokens.ids[~known]]
        slots, owners = character_ngrams(unknown, CHARACTER_ORDERS, CHARACTER_BITS)
        return _counts(rows[~known][owners], slots, (count, 1 << CHARACTER_BITS))


def fit_text_model(
    name: str, builder: DesignBuilder, design: Design, labels: NDArray[np.int64], weights: NDArray[np.float64],
    vectors: NDArray[np.float32], recipe: Recipe,
) -> FittedText:  # fmt: skip
    """Fit on the design's rows with their labels and weights (0 leaves a row out).

    :param vectors: what each word means. Shape (words, any number of dimensions).
    """
    rows = np.flatnonzero(weights > 0)
    matrix, label, weight = design.matrix[rows], labels[rows], weights[rows]
    ratios = _log_count_ratios(matrix, label, weight)
    meanings = vectors * np.float32(recipe.meaning)
    plain_meanings = meanings[builder.plain_ids()]
    dense = sparse.csr_matrix(matrix[:, : builder.words] @ plain_meanings)
    scaled = sparse.hstack([dense, matrix @ sparse.diags_array(ratios)], format="csr").astype(np.float32)
    estimator = LogisticRegression(C=recipe.text_c.get(name, recipe.text_c_others), max_iter=80, tol=1e-3)
    estimator.fit(scaled, label, sample_weight=weight)
    meaning = (plain_meanings @ estimator.coef_.ravel()[: vectors.shape[1]]).astype(np.float32)
    return FittedText(_folded(name, estimator, ratios, meaning, builder), estimator, ratios, meaning)


def training_weights(
    examples: Sequence[Example], owners: NDArray[np.int64], evidence: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Labels and weights of rows that belong to the examples.

    Of a positive comment that was cut, only segments with a term of the lexicon (or the one that there is) are known to
    be positive; without any, its weight is spread over all of them.
    """
    label = np.array([example.label for example in examples])[owners]
    weight = np.array([0.0 if example.held_out else example.weight for example in examples])[owners]
    siblings = np.bincount(owners)[owners]
    evident = np.bincount(owners, evidence)[owners] > 0
    weight = np.where((label == 1) & evident & ~evidence, 0.0, weight)
    return label, np.where((label == 1) & ~evident, weight / siblings, weight)


def _log_count_ratios(
    matrix: sparse.csr_matrix, labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float32]:
    positive = np.asarray(matrix.T @ (labels * weights)).ravel() + 1
    negative = np.asarray(matrix.T @ ((1 - labels) * weights)).ravel() + 1
    ratios: NDArray[np.float32] = np.log((positive / positive.sum()) / (negative / negative.sum())).astype(np.float32)
    return ratios


def _folded(
    name: str, estimator: LogisticRegression, ratios: NDArray[np.float32], meaning: NDArray[np.float32],
    builder: DesignBuilder,
) -> TextModel:  # fmt: skip
    sparse_part = estimator.coef_.ravel()[-len(ratios) :] * ratios
    bounds = np.cumsum([0, builder.words, 1 << PAIR_BITS, 1 << CHARACTER_BITS])
    words, pairs, characters = (sparse_part[a:b].astype(np.float32) for a, b in pairwise(bounds))
    whole_words = words[builder.plain_ids()] + meaning + builder.character_rows @ characters
    return TextModel(name, whole_words.astype(np.float32), pairs, characters, float(estimator.intercept_[0]))


def _counts(rows: NDArray[np.int64], columns: NDArray[np.integer], shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
