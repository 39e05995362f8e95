"""What scikit-learn fitted and what is served agree: estimators.joblib gives the margins of tables.joblib."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.artifact import read_bundle, read_estimators
from models.bundle import Bundle
from models.columns import pair_columns, read_batch, text_columns
from models.heads import HEADS, Head, Unit
from models.parts import load_layer, text_model_names
from models.segments import whole
from tests.test_models.conftest import SHIPPED
from tests.test_models.hostile import ADVERSARIAL
from training.examples import Example
from training.text_model import CUTS, DesignBuilder

COMMENTS = [comment for comment in ADVERSARIAL if len(comment.text) < 3_000]
UNITS = {head.name: head.unit for head in HEADS}


@cache
def estimators() -> dict[str, Any]:
    """The shipped bundle's scikit-learn objects."""
    found: dict[str, Any] = read_estimators(SHIPPED)
    return found


def fitted_margins(bundle: Bundle, name: str) -> NDArray[np.float64]:
    """A text model's margins as scikit-learn computes them, from the columns that it was fitted on."""
    stored, parts = estimators()[f"text/{name}"], bundle.parts
    builder = DesignBuilder(parts)
    examples = [Example(comment, 0, 1.0, "tests", "tests") for comment in COMMENTS]
    matrix = builder.build(examples, UNITS.get(name, Unit.PAIR)).matrix
    # The teacher's vectors are in no bundle; what they come to for each word is.
    weights = stored["estimator"].coef_.ravel()[-len(stored["ratios"]) :] * stored["ratios"]
    said: NDArray[np.float64] = matrix @ weights + matrix[:, : builder.words] @ stored["meaning"]
    margins: NDArray[np.float64] = said + stored["estimator"].intercept_
    return margins


@pytest.mark.parametrize("name", text_model_names())
def test_text_models(shipped: Bundle, name: str) -> None:
    """Words, pairs, characters and meaning, folded into one weight a word, give the estimator's own margins."""
    parts = shipped.parts
    tokens = parts.reader.read([comment.text for comment in COMMENTS])
    parts.words.update()
    cut = CUTS[UNITS[name]](tokens) if name in UNITS else whole(tokens)
    served = parts.scorer.margins(name, tokens, cut)
    fitted = fitted_margins(shipped, name)
    assert len(served) >= len(COMMENTS)
    assert np.ptp(served) > 1
    np.testing.assert_allclose(served, fitted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_last_layers(shipped: Bundle, head: Head) -> None:
    """Scaling and logistic regression, folded into one weight a column, give the estimator's own margins."""
    batch = read_batch(shipped.parts, COMMENTS)
    pair = head.unit is Unit.PAIR
    matrix = pair_columns(shipped.parts, batch)[0] if pair else text_columns(shipped.parts, head, batch).matrix
    layer = load_layer(head, read_bundle(SHIPPED).tables, shipped.manifest)
    fitted = estimators()[f"layer/{head.name}"].decision_function(matrix)
    assert np.ptp(fitted) > 1
    np.testing.assert_allclose(layer.margins(matrix), fitted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["off_topic", "spoiler"])
def test_second_layers(shipped: Bundle, name: str) -> None:
    """The same holds for the second tier, its regression on vectors included."""
    assert shipped.manifest.second_tier is not None
    tables = read_bundle(SHIPPED).tables
    (described,) = [one.head for one in shipped.manifest.second_tier.heads if one.head.name == name]
    layers = [("weights", f"second/{name}", "intercept")]
    layers += [("meaning", f"second/{name}/meaning", "meaning_intercept")] if name == "spoiler" else []
    for table, estimator, intercept in layers:
        weights = tables[f"second/{name}/{table}"]
        matrix = np.random.default_rng(1).normal(size=(50, len(weights)))
        served = matrix @ weights + described.parameters[intercept]
        np.testing.assert_allclose(served, estimators()[estimator].decision_function(matrix), rtol=1e-6, atol=1e-6)


def test_nothing_else_is_in_the_file(shipped: Bundle) -> None:
    """One estimator for each text model and each last layer, of scikit-learn's own classes."""
    names = {f"text/{name}" for name in text_model_names()} | {f"layer/{head.name}" for head in HEADS}
    names |= {"second/off_topic", "second/spoiler", "second/spoiler/meaning"} if shipped.manifest.second_tier else set()
    assert estimators().keys() == names
    for name in names:
        found = estimators()[name]["estimator"] if name.startswith("text/") else estimators()[name]
        assert type(found).__module__.startswith("sklearn.")
