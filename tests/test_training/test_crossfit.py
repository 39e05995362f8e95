"""No example's row comes from a model that saw its group: shown by changing what the group says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from models.comment import Comment
from models.heads import Head, Unit, head
from models.parts import Parts
from models.semantics import Embedding
from training.crossfit import Foundation, HeadRows, TextModels, cross_fitted_rows, fit_text_models, head_rows
from training.data import Corpus
from training.examples import Example
from training.head_examples import all_examples
from training.recipe import Recipe

TABLES = ("words", "pairs", "characters")


@pytest.fixture(scope="module")
def examples(corpus: Corpus, recipe: Recipe) -> dict[str, list[Example]]:
    """The small world's."""
    return all_examples(corpus, recipe)


def known(parts: Parts, idf: NDArray[np.float32], recipe: Recipe) -> Foundation:
    """With an embedding for each fold, which differ in their scales."""
    rows, scales = parts.embedding.rows, parts.embedding.scales
    apart = tuple(Embedding(rows, scales * (2 + fold)) for fold in range(recipe.folds))
    return Foundation(parts, idf, rows * scales[:, None], apart)


@pytest.fixture(scope="module")
def models(
    foundation: Parts, idf: NDArray[np.float32], examples: dict[str, list[Example]], recipe: Recipe
) -> TextModels:
    """All text models of the small world."""
    return fit_text_models(known(foundation, idf, recipe), examples, recipe)


def refitted(
    name: str, examples: Sequence[Example], foundation: Parts, idf: NDArray[np.float32], recipe: Recipe
) -> TextModels:
    """One head's text model alone, fitted to other examples."""
    found = TextModels(known(foundation, idf, recipe), recipe)
    found.fit(name, examples, head(name).unit)
    return found


def words_of(parts: Parts) -> bytes:
    """The weights of every word in the first text model of those parts."""
    weights: bytes = parts.words.weights[0].tobytes()
    return weights


def turned(example: Example) -> Example:
    """The opposite said of other words."""
    return replace(example, label=1 - example.label, comment=Comment(f"utter nonsense {example.comment.text} zyzzyva"))


def training(examples: Sequence[Example]) -> list[Example]:
    """Those that are fitted to."""
    return [example for example in examples if not example.held_out]


@pytest.fixture(scope="module")
def before(
    examples: dict[str, list[Example]], foundation: Parts, idf: NDArray[np.float32], recipe: Recipe
) -> TextModels:
    """The profanity head's text models, to be compared with others."""
    return refitted("profanity", examples["profanity"], foundation, idf, recipe)


@pytest.mark.parametrize("fold", [0, 1])
def test_a_folds_model_never_saw_the_fold(
    fold: int, before: TextModels, examples: dict[str, list[Example]], foundation: Parts, idf: NDArray[np.float32],
    recipe: Recipe,
) -> None:  # fmt: skip
    """Whatever the fold's comments say, the model without it is the same byte for byte; the others are not."""
    changed = [turned(one) if one.fold(recipe.folds) == fold else one for one in examples["profanity"]]
    after = refitted("profanity", changed, foundation, idf, recipe)
    assert words_of(before.without_fold(fold)) == words_of(after.without_fold(fold))
    assert words_of(before.without_fold(1 - fold)) != words_of(after.without_fold(1 - fold))
    assert words_of(before.final()) != words_of(after.final())


def test_held_out_and_self_made_comments_are_in_no_model(
    before: TextModels, examples: dict[str, list[Example]], foundation: Parts, idf: NDArray[np.float32], recipe: Recipe
) -> None:
    """What they say changes nothing, in any fold."""
    changed = [turned(one) if one.held_out or one.layer_only else one for one in examples["profanity"]]
    assert changed != examples["profanity"]
    after = refitted("profanity", changed, foundation, idf, recipe)
    assert words_of(before.final()) == words_of(after.final())
    for fold in range(recipe.folds):
        assert words_of(before.without_fold(fold)) == words_of(after.without_fold(fold))


def rows_by_example(rows: HeadRows) -> dict[int, list[list[float]]]:
    """Each example's rows in order."""
    found: dict[int, list[list[float]]] = {}
    for owner, row in zip(rows.owners.tolist(), rows.matrix.tolist(), strict=True):
        found.setdefault(owner, []).append(row)
    return found


@pytest.mark.parametrize("name", ["profanity", "off_topic", "spoiler"])
def test_every_example_is_read_by_its_own_folds_models(
    name: str, examples: dict[str, list[Example]], models: TextModels, recipe: Recipe
) -> None:
    """All rows are there once, each as the models without its fold compute it, to the last bit."""
    own: Head = head(name)
    some = training(examples[name])[:150]
    rows = rows_by_example(cross_fitted_rows(own, some, models, recipe.folds))
    for fold in range(recipe.folds):
        parts = models.without_fold(fold)
        for number, example in enumerate(some):
            if example.fold(recipe.folds) == fold:
                alone = head_rows(own, [example], parts)
                assert rows.pop(number, []) == alone.matrix.tolist()
    assert rows == {}


def test_a_long_comment_has_a_row_a_window(examples: dict[str, list[Example]], models: TextModels) -> None:
    """Rows say whose they are, and which of them holds a term."""
    some = training(examples["profanity"])[:3]
    long = replace(some[1], comment=Comment("lanes " * 130 + "shit"))
    rows = head_rows(head("profanity"), [some[0], long, some[2]], models.final())
    assert rows.owners.tolist() == [0, 1, 1, 1, 2]
    assert rows.evidence[1:4].tolist() == [False, False, True]
    assert len(rows.matrix) == 5


def test_a_pair_without_an_answer_has_no_row(examples: dict[str, list[Example]], models: TextModels) -> None:
    """One word, or nothing to compare with: no score, so nothing to learn."""
    some = training(examples["off_topic"])[:3]
    made = [some[0], replace(some[1], comment=replace(some[1].comment, text="Agreed.")), some[2]]
    made.append(Example(Comment("No context at all here"), 1, 1.0, "set", "g"))
    rows = head_rows(head("off_topic"), made, models.final())
    assert rows.owners.tolist() == [0, 2]
    assert not rows.evidence.any()


def test_more_examples_than_are_read_at_a_time(examples: dict[str, list[Example]], models: TextModels) -> None:
    """Batches join without a seam, and a row is what it is alone."""
    some = training(examples["spoiler"])[:200]
    together = head_rows(head("spoiler"), some, models.final())
    assert set(together.owners.tolist()) == set(range(200))
    alone = head_rows(head("spoiler"), [some[130]], models.final())
    assert together.matrix[together.owners == 130].tolist() == alone.matrix.tolist()


def test_a_fold_without_examples(models: TextModels, examples: dict[str, list[Example]], recipe: Recipe) -> None:
    """With few groups a fold may stay empty; the others' rows are all there."""
    one = training(examples["spoiler"])[0]
    rows = cross_fitted_rows(head("spoiler"), [one, one], models, recipe.folds)
    assert set(rows.owners.tolist()) == {0, 1}


def test_every_unit_of_a_text_head_is_fitted(models: TextModels) -> None:
    """A model for each head that reads text, and the two that describe what is around it."""
    assert set(models.fitted) == {"profanity", "spoiler", "work", "promotion"}
    assert head("spoiler").unit is Unit.SENTENCE
    for fitted in models.fitted.values():
        assert all(np.isfinite(getattr(fitted.model, part)).all() for part in TABLES)
        assert fitted.model.words.any()


def test_each_fold_has_its_embedding(models: TextModels, foundation: Parts) -> None:
    """A fold's columns come from the embedding that never saw it; the bundle has the one fitted to everything."""
    assert models.final().embedding is foundation.embedding
    for fold in (0, 1):
        scales = models.without_fold(fold).embedding.scales
        assert scales.tobytes() == (foundation.embedding.scales * (2 + fold)).tobytes()
