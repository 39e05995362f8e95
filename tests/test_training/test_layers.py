"""A head's last layer: the folded weights are the pipeline's, calibration rises, curves and points keep their form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.calibration import expected_calibration_error, probabilities
from models.classifier import Layer
from models.comment import Comment
from models.heads import head
from models.manifest import CURVE_POINTS
from models.operating import BALANCED, PROMISES, precision, rises
from models.parts import head_columns
from training.crossfit import HeadRows
from training.examples import Example
from training.layers import FittedHead, calibrate, fit_head, folded, mix_weights, recall_curve, strongest_margins
from training.recipe import Recipe

PAIRS = head("off_topic")
RECIPE = Recipe(
    mix={"off_topic": {"alpha": 0.75, "beta": 0.25}}, base_rate={"off_topic": 0.1}, balanced_on={"off_topic": ["alpha"]}
)


def examples(count: int, *, source: str = "alpha") -> list[Example]:
    """Half positive."""
    return [Example(Comment(f"{n}"), n % 2, 1.0, source, f"{n}") for n in range(count)]


def rows_for(made: list[Example], *, apart: float = 1.5) -> HeadRows:
    """Random columns, of which the first leans towards the label."""
    draw = np.random.default_rng(3)
    matrix = draw.normal(2.0, 3.0, (len(made), len(head_columns(PAIRS))))
    matrix[:, 0] += apart * np.array([2 * one.label - 1 for one in made])
    matrix[:, 5] = 4.0
    return HeadRows(matrix, np.arange(len(made)), np.zeros(len(made), bool))


@pytest.fixture(scope="module")
def fitted_head() -> FittedHead:
    """A head on 1,200 made rows of two sets."""
    made = [*examples(800), *examples(400, source="beta")]
    return fit_head(PAIRS, made, rows_for(made, apart=4.0), RECIPE)


def test_folded_weights_are_the_pipelines() -> None:
    """One weight a column gives the decision function of scaler and regression, a constant column included."""
    made = examples(300)
    rows = rows_for(made)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows.matrix, [one.label for one in made])
    layer = folded(head_columns(PAIRS), pipeline)
    assert layer.columns == head_columns(PAIRS)
    np.testing.assert_allclose(layer.margins(rows.matrix), pipeline.decision_function(rows.matrix), atol=1e-10)


def test_a_comments_margin_is_its_strongest_rows() -> None:
    """The one bad window decides; a comment without a row has none."""
    layer = Layer(("x",), np.array([2.0]), 1.0)
    rows = HeadRows(np.array([[-1.0], [3.0], [0.0]]), np.array([0, 0, 2]), np.zeros(3, bool))
    np.testing.assert_array_equal(strongest_margins(layer, rows, 3), [7.0, np.nan, 1.0])


def test_the_mix() -> None:
    """Each label's mass is the base rate's, a set's share of it the recipe's, rows of one kind alike."""
    made = [*examples(10), *examples(30, source="beta"), *examples(5, source="gamma")]
    margins = np.zeros(len(made))
    margins[0] = np.nan
    weights = mix_weights(made, margins, RECIPE.mix["off_topic"], 0.1)
    labels, sources = np.array([one.label for one in made]), np.array([one.source for one in made])
    assert weights.sum() == pytest.approx(1)
    assert weights[labels == 1].sum() == pytest.approx(0.1)
    assert weights[(labels == 0) & (sources == "alpha")].sum() == pytest.approx(0.9 * 0.75)
    assert weights[(labels == 1) & (sources == "beta")].sum() == pytest.approx(0.1 * 0.25)
    assert weights[0] == 0
    assert not weights[sources == "gamma"].any()
    assert len(set(weights[(labels == 0) & (sources == "beta")].tolist())) == 1


def test_a_missing_set_leaves_its_share_to_the_others() -> None:
    """A mix of which some sets aren't at hand still has the base rate."""
    made = examples(10)
    weights = mix_weights(made, np.zeros(10), {"alpha": 0.2, "elsewhere": 0.8}, 0.1)
    assert weights.sum() == pytest.approx(1)
    assert weights[1::2].sum() == pytest.approx(0.1)


MARGINS = st.lists(st.tuples(st.floats(-30, 30), st.booleans(), st.floats(0.01, 1)), min_size=4, max_size=60)


@given(MARGINS, st.lists(st.floats(-100, 100), min_size=2, max_size=20))
def test_calibration_rises(rows: list[tuple[float, bool, float]], asked: list[float]) -> None:
    """A higher margin never has a lower probability, but for interpolation's last bit, whatever it was fitted to; the
    ends are certain."""
    margins = np.array([*(row[0] for row in rows), -1.0, 1.0])
    labels = np.array([*(int(row[1]) for row in rows), 0, 1])
    weights = np.array([*(row[2] for row in rows), 0.5, 0.5])
    calibration = calibrate(margins, labels, weights)
    given_back = probabilities(calibration, np.sort(asked))
    assert (np.diff(given_back) >= -np.finfo(float).eps).all()
    assert ((given_back >= 0) & (given_back <= 1)).all()
    np.testing.assert_allclose(probabilities(calibration, np.array([-1e3, 1e3])), [0, 1], atol=1e-5)


def test_margins_beyond_all_bounds_are_calibrated() -> None:
    """Separable columns may drive margins far out; they are certain, not an error."""
    margins, labels = np.array([-90.0, -70.0, -60.0, 55.0, 70.0, 95.0]), np.array([0, 0, 0, 1, 1, 1])
    low, high = probabilities(calibrate(margins, labels, np.full(6, 1 / 6)), np.array([-90.0, 95.0]))
    assert low < 0.01
    assert high > 0.99


def test_calibrated_scores_are_true() -> None:
    """On rows whose odds are known the scores come close to them, at the base rate of the weights."""
    draw = np.random.default_rng(8)
    margins = draw.normal(0, 2, 20_000)
    labels = (draw.random(20_000) < 1 / (1 + np.exp(-(margins - 1)))).astype(int)
    scores = probabilities(calibrate(margins, labels, np.full(20_000, 1 / 20_000)), margins)
    assert expected_calibration_error(scores, labels) < 0.02
    assert np.abs(scores - 1 / (1 + np.exp(-(margins - 1)))).mean() < 0.02


def test_few_rows_are_calibrated_on_average() -> None:
    """What chance did in a bin is evened out, neither up nor down: the mean score is the share of positives."""
    off = []
    for seed in range(20):
        draw = np.random.default_rng(seed)
        margins = draw.normal(0, 1, 300)
        labels = (draw.random(300) < 0.3).astype(int)
        scores = probabilities(calibrate(margins, labels, np.full(300, 1 / 300)), margins)
        off.append(scores.mean() - labels.mean())
    assert abs(np.mean(off)) < 0.02


def share(scores: NDArray[np.float64], weights: NDArray[np.float64], threshold: float) -> float:
    """Of the weights, what reaches the threshold."""
    return float(weights[scores >= threshold].sum() / weights.sum())


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=2, max_size=300))
def test_the_curve(rows: list[tuple[int, bool]]) -> None:
    """Thresholds rise, recall and false positives fall, each is the share that reaches it; few enough to read."""
    scores = np.array([*(row[0] / 41 for row in rows), 0.5, 0.5])
    labels = np.array([*(int(row[1]) for row in rows), 0, 1])
    weights = np.linspace(1, 2, len(scores))
    curve = recall_curve(scores, labels, weights)
    assert 0 < len(curve) <= CURVE_POINTS
    assert rises(curve)
    for threshold, recall, wrong in curve:
        assert recall == pytest.approx(share(scores[labels == 1], weights[labels == 1], threshold))
        assert wrong == pytest.approx(share(scores[labels == 0], weights[labels == 0], threshold))
    assert curve[0][1] == pytest.approx(1)


def test_the_curve_resolves_rare_mistakes() -> None:
    """False-positive rates far below a percent are kept, since promises are made there."""
    draw = np.random.default_rng(2)
    scores = np.concatenate([draw.beta(2, 9, 50_000), draw.beta(9, 2, 2_000)])
    labels = np.repeat([0, 1], [50_000, 2_000])
    curve = recall_curve(scores, labels, np.ones(len(scores)))
    assert sum(0 < wrong < 1e-3 for _, _, wrong in curve) >= 10
    assert sum(recall > 0.5 for _, recall, _ in curve) >= 20


def test_points_keep_their_promise(fitted_head: FittedHead) -> None:
    """Every promise has a point, in order; its precision at its base rate is what was promised, or it has none."""
    assert [point.name for point in fitted_head.points] == [*PROMISES, BALANCED]
    at = {threshold: (recall, wrong) for threshold, recall, wrong in fitted_head.curve}
    kept = [point for point in fitted_head.points[:-1] if point.threshold is not None]
    assert kept
    for point in kept:
        assert point.threshold is not None
        assert precision(*at[point.threshold], 0.1) >= float(point.name.partition(">=")[2])
    assert fitted_head.points[0].rows == (600, 600)


def test_the_balanced_point_is_chosen_on_its_sets(fitted_head: FittedHead) -> None:
    """On ``balanced_on`` alone, at its own share of positives."""
    assert fitted_head.points[-1].rows == (400, 400)


def test_a_word_lists_clean_comment_with_a_hidden_term_is_doubted() -> None:
    """A list could not see through the spelling, so its "clean" is no evidence; a person's is, and a plain term too."""
    profanity, made = head("profanity"), examples(400)
    columns = head_columns(profanity)
    matrix = np.random.default_rng(6).normal(size=(400, len(columns)))
    matrix[:, 0] += np.arange(400) % 2 * 3
    matrix[:, columns.index("any_hidden_severe")] = np.isin(np.arange(400), (0, 1, 2))
    made = [replace(one, gold=n not in (0, 1, 4)) for n, one in enumerate(made)]
    recipe = Recipe(
        mix={"profanity": {"alpha": 1.0}}, base_rate={"profanity": 0.1}, balanced_on={"profanity": ["alpha"]}
    )
    margins = fit_head(profanity, made, HeadRows(matrix, np.arange(400), np.zeros(400, bool)), recipe).margins
    assert np.flatnonzero(np.isnan(margins)).tolist() == [0]


@pytest.mark.parametrize("mix", [{"elsewhere": 1.0}, {"clean": 1.0}], ids=["none at hand", "one label at hand"])
def test_a_mix_that_is_not_at_hand(mix: dict[str, float]) -> None:
    """Without the mix's sets there are still scores that rise with the margin, and all points, kept or not."""
    made = [*examples(400), *(replace(one, label=0, source="clean") for one in examples(100))]
    fitted = fit_head(PAIRS, made, rows_for(made, apart=4.0), replace(RECIPE, mix={"off_topic": mix}))
    low, high = probabilities(fitted.calibration, np.nanquantile(fitted.margins, [0.1, 0.9]))
    assert low < high
    assert [point.name for point in fitted.points] == [*PROMISES, BALANCED]


def test_held_out_examples_fit_nothing() -> None:
    """Their rows are there to measure; the layer is the same without them."""
    made = examples(300)
    marked = [replace(one, held_out=n >= 200) for n, one in enumerate(made)]
    turned = [replace(one, label=1 - one.label) if one.held_out else one for one in marked]
    rows = rows_for(made)
    first, second = (fit_head(PAIRS, some, rows, RECIPE) for some in (marked, turned))
    assert first.layer.weights.tobytes() == second.layer.weights.tobytes()
