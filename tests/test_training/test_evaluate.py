"""Figures are what they are called, a figure that can't be given is left out, and the table shows them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from models.bundle import Bundle
from models.comment import Article, Comment
from training.data import Corpus
from training.evaluate import ACTING_POINT, Measured, _ranking, measure, table
from training.heldout import HeldOut, held_out_sets

ARTICLE = Article("What happens to the harbour bridge", "Cables, ferries, toll and girders.")


def held_out(head: str, rows: list[tuple[Comment, int, str]]) -> HeldOut:
    """A set of those rows."""
    one = HeldOut(head, "ours", "gold")
    for comment, label, part in rows:
        one.add(comment, label, part)
    return one


WORDING = held_out(
    "profanity",
    [
        (Comment("What a load of bullshit, fucking ferries"), 1, "en"),
        (Comment("The lanes and the toll were fine"), 0, "en"),
        (Comment("Wer bezahlt die Brücke?"), 0, "de"),
        (Comment("asshole"), 1, "de"),
        (Comment("Nobody mentions the girders"), 1, "en"),
    ],
)


@pytest.fixture(scope="module")
def measured(bundle: Bundle) -> Measured:
    """The rows above, measured."""
    (one,) = measure(bundle, [WORDING])
    return one


def test_scores_are_the_bundles(bundle: Bundle, measured: Measured) -> None:
    """As the service would give them, in the rows' order."""
    scores = [answer.heads["profanity"].score for answer in bundle.score(WORDING.comments)]
    assert measured.scores.tolist() == scores
    assert (measured.rows, measured.positives) == (5, 3)
    assert measured.labels.tolist() == WORDING.labels


def test_figures(bundle: Bundle, measured: Measured) -> None:
    """AUC and F1 as scikit-learn has them, F1 at the shipped balanced point, shares at the acting point."""
    threshold = bundle.operating_points["profanity"]["balanced"].threshold
    assert threshold is not None
    scores, labels = measured.scores, measured.labels
    assert measured.metrics["auc"] == pytest.approx(roc_auc_score(labels, scores))
    assert measured.metrics["f1_balanced"] == pytest.approx(f1_score(labels, scores >= threshold))
    assert measured.metrics["recall_balanced"] == pytest.approx((scores[labels == 1] >= threshold).mean())
    assert measured.metrics["false_positives_balanced"] == pytest.approx((scores[labels == 0] >= threshold).mean())
    assert (measured.metrics["rows"], measured.metrics["positives"]) == (5, 3)
    acting = bundle.operating_points["profanity"][ACTING_POINT["profanity"]].threshold
    flagged = np.zeros(5, bool) if acting is None else scores >= acting
    assert measured.metrics["recall_acting"] == pytest.approx(flagged[labels == 1].mean())


def test_recall_at_fixed_precision() -> None:
    """The most recall at any threshold with nine in ten right; zero where none has."""
    scores, labels = np.linspace(0, 1, 20), np.array([0] * 10 + [1, 0] + [1] * 8)
    assert _ranking(scores, labels)["recall_at_precision_0.9"] == 1
    assert _ranking(scores, 1 - labels)["recall_at_precision_0.9"] == 0


@pytest.mark.parametrize("label", [0, 1])
def test_one_label_alone_has_no_ranking(bundle: Bundle, label: int) -> None:
    """Only the share that is flagged; no AUC, no F1, no precision, and the table shows that there is none."""
    (one,) = measure(bundle, [held_out("profanity", [(Comment("The toll"), label, ""), (Comment("shit"), label, "")])])
    kind = ("false_positives", "recall")[label]
    assert set(one.metrics) == {"rows", "positives", f"{kind}_acting", f"{kind}_balanced"}
    assert "| – | – | – |" in table([one])


def test_comments_without_an_answer_do_not_count(bundle: Bundle) -> None:
    """A pair question about a comment of one word has no score; rows and slices leave it out."""
    rows = [
        (Comment("The ferries and the cables", ARTICLE), 0, "a"),
        (Comment("Agreed.", ARTICLE), 1, "b"),
        (Comment("The soprano sang the libretto"), 1, "c"),
        (Comment("The soprano sang the libretto", ARTICLE), 1, "d"),
    ]
    (one,) = measure(bundle, [held_out("off_topic", rows)])
    assert (one.rows, one.slices, one.labels.tolist()) == (2, ("a", "d"), [0, 1])


def test_a_set_without_any_answer(bundle: Bundle) -> None:
    """Nothing measured is nothing claimed."""
    (one,) = measure(bundle, [held_out("off_topic", [(Comment("No context here"), 1, "")])])
    assert (one.rows, one.metrics) == (0, {})
    assert "| ours | gold | 0 (0) |" in table([one])


def test_empty_sets_are_left_out(bundle: Bundle, corpus: Corpus) -> None:
    """A held-out set that isn't at hand has no row."""
    found = measure(bundle, held_out_sets(Corpus({"ucc_val": corpus.sets["ucc_val"]}, ())))
    named = {one.name for one in found}
    assert "clean news (ucc)" in named
    assert "German tweets" not in named
    assert all(one.rows for one in found)


def test_the_table(measured: Measured) -> None:
    """One line a set, as many cells as headings, figures with three places and shares in per cent."""
    heading, rule, line = table([measured]).splitlines()
    assert heading.count("|") == rule.count("|") == line.count("|")
    assert line.startswith("| profanity | ours | gold | 5 (3) |")
    assert f"{measured.metrics['auc']:.3f}" in line
    assert "%" in line


def test_the_small_bundle_learnt_its_lesson(bundle: Bundle, corpus: Corpus) -> None:
    """On held-out comments of the small world every head ranks nearly all of them rightly."""
    found = {f"{one.head}: {one.name}": one.metrics for one in measure(bundle, held_out_sets(corpus))}
    for name in ("profanity: news, gold", "spoiler: series (tvtropes)", "off_topic: debates, random"):
        assert found[name]["auc"] > 0.9
