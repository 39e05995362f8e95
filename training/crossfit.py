"""Columns of examples as a text model sees them that was not fitted to them, and the text models of the bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.classifier import TextModel
from models.columns import pair_columns, read_batch, text_columns, unanswerable
from models.features import PROMOTION_MODEL, WORK_MODEL
from models.heads import HEADS, Head, Unit
from models.parts import Parts, assemble
from models.semantics import Embedding
from training.examples import Example
from training.recipe import Recipe
from training.text_model import Design, DesignBuilder, FittedText, fit_text_model, training_weights

#: Units in which the auxiliary text models are fitted; heads have their own.
_AUXILIARY = {WORK_MODEL: Unit.PAIR, PROMOTION_MODEL: Unit.PAIR}


@dataclass(frozen=True)
class HeadRows:
    """A head's columns for examples: one row a segment (text heads) or a comment (pairs)."""

    matrix: NDArray[np.float64]
    #: Which example each row belongs to; examples that can't be scored have none.
    owners: NDArray[np.int64]
    #: Whether the row holds a term of the lexicon (always false for pairs).
    evidence: NDArray[np.bool_]


@dataclass(frozen=True)
class Foundation:
    """What text models are fitted on."""

    #: Without text models.
    parts: Parts
    #: Inverse document frequency of each word. Shape (words,).
    idf: NDArray[np.float32]
    #: What each word means to a text model, where dimensions cost nothing: they fold into its words' weights.
    meanings: NDArray[np.float32]
    #: For each fold the embedding that never saw it.
    apart: tuple[Embedding, ...]


class TextModels:
    """All text models of one run: the fitted ones, and for each fold those that never saw it."""

    def __init__(self, foundation: Foundation, recipe: Recipe) -> None:
        self._foundation, self._parts, self._recipe = foundation, foundation.parts, recipe
        self._builder = DesignBuilder(foundation.parts)
        self.fitted: dict[str, FittedText] = {}
        self._folds: dict[str, list[TextModel]] = {}

    def fit(self, name: str, examples: Sequence[Example], unit: Unit) -> None:
        """Fit one model on all training examples, and one for each fold without it."""
        used = [example for example in examples if not example.held_out and not example.layer_only]
        design = self._builder.build(used, unit)
        labels, weights = training_weights(used, design.owners, design.evidence)
        fold = np.array([example.fold(self._recipe.folds) for example in used])[design.owners]
        steps = tqdm(range(self._recipe.folds + 1), desc=f"text model {name}", unit="fit")
        models = [self._fit_one(name, design, labels, np.where(fold == step, 0.0, weights)) for step in steps]
        self._folds[name] = [fitted.model for fitted in models[:-1]]
        self.fitted[name] = models[-1]

    def _fit_one(
        self, name: str, design: Design, labels: NDArray[np.int64], weights: NDArray[np.float64]
    ) -> FittedText:
        return fit_text_model(name, self._builder, design, labels, weights, self._foundation.meanings, self._recipe)

    def final(self) -> Parts:
        """Parts with the fitted models."""
        return self._with([fitted.model for fitted in self.fitted.values()], self._parts.embedding)

    def without_fold(self, fold: int) -> Parts:
        """Parts with the models, and the embedding, that never saw the fold."""
        return self._with([models[fold] for models in self._folds.values()], self._foundation.apart[fold])

    def _with(self, models: Sequence[TextModel], embedding: Embedding) -> Parts:
        parts = self._parts
        return assemble(parts.vocabulary, parts.lexicon, self._foundation.idf, models, embedding)


def fit_text_models(foundation: Foundation, examples: dict[str, list[Example]], recipe: Recipe) -> TextModels:
    """All text models that the heads need."""
    models = TextModels(foundation, recipe)
    units = {head.name: head.unit for head in HEADS if head.unit is not Unit.PAIR} | _AUXILIARY
    for name, unit in units.items():
        models.fit(name, examples[name], unit)
    return models


def cross_fitted_rows(head: Head, examples: Sequence[Example], models: TextModels, folds: int) -> HeadRows:
    """Every example's rows, computed with text models that never saw its fold."""
    fold_of = np.array([example.fold(folds) for example in examples])
    found: list[HeadRows] = []
    for fold in range(folds):
        indices = np.flatnonzero(fold_of == fold)
        if not len(indices):
            continue
        rows = head_rows(head, [examples[i] for i in indices.tolist()], models.without_fold(fold))
        found.append(replace(rows, owners=indices[rows.owners]))
    return HeadRows(
        np.concatenate([rows.matrix for rows in found]),
        np.concatenate([rows.owners for rows in found]),
        np.concatenate([rows.evidence for rows in found]),
    )


def head_rows(head: Head, examples: Sequence[Example], parts: Parts) -> HeadRows:
    """Examples' rows as the given parts compute them."""
    read: Callable[[Head, Sequence[Example], Parts], Iterator[HeadRows]] = (
        _pair_rows if head.unit is Unit.PAIR else _text_rows
    )
    found = list(tqdm(read(head, examples, parts), desc=f"columns of {head.name}", leave=False))
    return HeadRows(
        np.concatenate([rows.matrix for rows in found]),
        np.concatenate([rows.owners for rows in found]),
        np.concatenate([rows.evidence for rows in found]),
    )


def _text_rows(head: Head, examples: Sequence[Example], parts: Parts) -> Iterator[HeadRows]:
    for start in range(0, len(examples), 64):
        batch = read_batch(parts, [example.comment for example in examples[start : start + 64]])
        features = text_columns(parts, head, batch)
        terms = parts.words.terms
        evident = (terms.take(batch.tokens.ids, mode="clip") >= 0) & (batch.tokens.ids < len(terms))
        evidence = np.maximum.reduceat(evident, features.segments.starts)
        yield HeadRows(features.matrix, features.segments.owners() + start, evidence)


def _pair_rows(head: Head, examples: Sequence[Example], parts: Parts) -> Iterator[HeadRows]:
    for start in range(0, len(examples), 64):
        batch = read_batch(parts, [example.comment for example in examples[start : start + 64]])
        answerable = np.flatnonzero([reason is None for reason in unanswerable(batch)])
        matrix, _ = pair_columns(parts, batch)
        yield HeadRows(matrix[answerable], answerable + start, np.zeros(len(answerable), bool))
