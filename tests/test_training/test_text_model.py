"""A text model as served is the estimator that was fitted, and a positive comment's clean windows teach nothing."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sparse
from numpy.typing import NDArray

from models.classifier import CHARACTER_BITS, PAIR_BITS
from models.comment import Comment
from models.features import TextScorer
from models.heads import Unit
from models.parts import Parts, assemble
from models.segments import WINDOW, sentences, windows
from tests.test_training.written import written_sets
from training.examples import Example
from training.recipe import Recipe
from training.text_model import Design, DesignBuilder, FittedText, fit_text_model, training_weights

CALM = " ".join(["lanes"] * WINDOW)
TEXTS = [
    "What a load of bullshit about the ferries!",
    "The pylon and the girders were repainted. Nobody asked.",
    "a zyzzyva quuxified the harbourmaster",
    "f.u.c.k the toll and the sh1t cables",
    f"{CALM} {CALM} shit {CALM}",
    "Привет 123 http://x.example @you",
    "…",
]


def example(text: str, label: int = 0, weight: float = 1.0, **more: bool) -> Example:
    """An example of a head that looks at text."""
    return Example(Comment(text), label, weight, "set", text, **more)


def meant(parts: Parts) -> NDArray[np.float32]:
    """What each word means. Shape (words, dimensions)."""
    return parts.embedding.rows * parts.embedding.scales[:, None]


@pytest.fixture(scope="module")
def builder(foundation: Parts) -> DesignBuilder:
    """Reads with the small world's vocabulary."""
    return DesignBuilder(foundation)


@pytest.fixture(scope="module")
def known() -> list[Example]:
    """Comments with and without profanity."""
    rows = written_sets()["civil_toxic_spans"]
    return [example(row.text, row.labels["profanity"] or 0, 1 + number % 3) for number, row in enumerate(rows)]


@pytest.fixture(scope="module")
def design(builder: DesignBuilder, known: list[Example]) -> Design:
    """The same as a matrix."""
    return builder.build(known, Unit.WINDOW)


@pytest.fixture(scope="module")
def text_model(
    builder: DesignBuilder, design: Design, known: list[Example], foundation: Parts, recipe: Recipe
) -> FittedText:
    """A model of them."""
    return fit_text_model("profanity", builder, design, *weights_of(design, known), meant(foundation), recipe)


def weights_of(design: Design, examples: list[Example]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Labels and weights of the design's rows."""
    return training_weights(examples, design.owners, design.evidence)


def served(parts: Parts, text_model: FittedText, idf: NDArray[np.float32], unit: Unit) -> NDArray[np.float64]:
    """Margins of every segment as the service computes them."""
    own = assemble(parts.vocabulary, parts.lexicon, idf, [text_model.model], parts.embedding)
    tokens = own.reader.read(TEXTS)
    own.words.update()
    cut = windows(tokens) if unit is Unit.WINDOW else sentences(tokens)
    return TextScorer(own.words, [text_model.model]).margins("profanity", tokens, cut)


@pytest.mark.parametrize("unit", [Unit.WINDOW, Unit.SENTENCE])
def test_served_margins_are_the_estimators(
    builder: DesignBuilder,
    text_model: FittedText,
    foundation: Parts,
    idf: NDArray[np.float32],
    recipe: Recipe,
    unit: Unit,
) -> None:
    """Folding ratios, characters and meaning into word weights changes nothing, for unknown and hidden words too."""
    matrix = builder.build([example(text) for text in TEXTS], unit).matrix
    meanings = meant(foundation) * recipe.meaning
    dense = matrix[:, : builder.words] @ meanings[builder.plain_ids()]
    columns = sparse.hstack([sparse.csr_matrix(dense), matrix.multiply(text_model.ratios)], format="csr")
    margins = served(foundation, text_model, idf, unit)
    np.testing.assert_allclose(margins, text_model.estimator.decision_function(columns), atol=2e-4)
    assert margins.max() - margins.min() > 1


def test_the_design_has_a_row_a_segment(builder: DesignBuilder) -> None:
    """Long comments in windows, each row with its comment and whether it holds a term."""
    design = builder.build([example(TEXTS[4]), example(TEXTS[1])], Unit.WINDOW)
    assert design.matrix.shape == (5, builder.words + (1 << PAIR_BITS) + (1 << CHARACTER_BITS))
    assert design.owners.tolist() == [0, 0, 0, 0, 1]
    assert design.evidence.sum() == 1
    assert design.owners[design.evidence].tolist() == [0]


def test_slices_join_without_a_seam(builder: DesignBuilder, known: list[Example]) -> None:
    """More examples than are read at a time give the rows that each gives alone."""
    many = [*known, *known, *known]
    design = builder.build(many, Unit.WINDOW)
    assert design.owners.tolist() == list(range(len(many)))
    alone = builder.build([many[300]], Unit.WINDOW).matrix
    assert abs(design.matrix[[300]] - alone).max() == 0


def test_only_windows_with_evidence_teach_a_positive(builder: DesignBuilder) -> None:
    """Of a long profane comment only the window with the term; without any term, all share its weight."""
    examples = [example(TEXTS[4], 1, 2.0), example(f"{CALM} {CALM}", 1, 3.0)]
    design = builder.build(examples, Unit.WINDOW)
    labels, weights = weights_of(design, examples)
    assert labels.tolist() == [1] * 6
    assert weights.tolist() == [2.0 if evident else 0.0 for evident in design.evidence[:4]] + [1.5, 1.5]


def test_every_window_of_a_negative_teaches(builder: DesignBuilder) -> None:
    """All of a clean comment is clean, terms or not."""
    examples = [example(TEXTS[4], 0, 2.0)]
    _, weights = weights_of(builder.build(examples, Unit.WINDOW), examples)
    assert weights.tolist() == [2.0] * 4


def test_held_out_comments_do_not_teach(builder: DesignBuilder) -> None:
    """Their rows weigh nothing."""
    examples = [example("one", 1, held_out=True), example("two", 0, held_out=True), example("three", 1)]
    _, weights = weights_of(builder.build(examples, Unit.WINDOW), examples)
    assert weights.tolist() == [0.0, 0.0, 1.0]


def test_a_row_without_weight_leaves_no_trace(
    builder: DesignBuilder, design: Design, known: list[Example], foundation: Parts, recipe: Recipe
) -> None:
    """Not in the ratios, not in the weights: whatever its label says."""
    labels, weights = weights_of(design, known)
    weights[::4] = 0
    turned = labels.copy()
    turned[::4] = 1 - turned[::4]
    first, second = (
        fit_text_model("x", builder, design, label, weights, meant(foundation), recipe).model
        for label in (labels, turned)
    )
    for part in ("words", "pairs", "characters"):
        assert getattr(first, part).tobytes() == getattr(second, part).tobytes()
    assert first.intercept == second.intercept


def test_log_count_ratios(text_model: FittedText, design: Design, known: list[Example], foundation: Parts) -> None:
    """log of a column's weighted share among the positives over that among the negatives, each count one more."""
    labels, weights = weights_of(design, known)
    positive = design.matrix.T @ (labels * weights) + 1
    negative = design.matrix.T @ ((1 - labels) * weights) + 1
    expected = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
    np.testing.assert_allclose(text_model.ratios, expected, rtol=1e-3, atol=1e-4)
    assert (
        text_model.ratios[foundation.vocabulary.ids["fucking"]]
        > 0
        > text_model.ratios[foundation.vocabulary.ids["nobody"]]
    )
