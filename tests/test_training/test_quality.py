"""The figures of ``docs/quality.md``: slices are what they are called, targets are judged, the page is filled."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from models.artifact import MANIFEST
from models.bundle import Bundle
from models.comment import Article, Comment
from models.heads import HEAD_NAMES
from models.manifest import Manifest
from tests.test_training.test_evaluate import held_out
from training.__main__ import main
from training.evaluate import Measured, measure
from training.quality import PAGE, PLOT, NoPlace, filled
from training.reference import Kept, OnMix, _reliability
from training.report import calibration_plot
from training.slices import length, names_a_group, slice_table, sliced
from training.targets import TARGETS, target_table

ROOT = Path(__file__).resolve().parents[2]
ARTICLE = Article("What happens to the harbour bridge", "Cables, ferries, toll and girders.")


def measured(head: str, name: str, **metrics: float) -> Measured:
    """A held-out set with those figures."""
    return Measured(head, name, "gold", 2, 1, metrics, np.zeros(2), np.array([0, 1]), ("", ""))


def on_mix(error: float, *points: Kept) -> OnMix:
    """Profanity's reference mix with that calibration error."""
    return OnMix("profanity", 60, 20, error, points, ((0.1, 0.15, 40), (0.9, 0.8, 20)))


@pytest.mark.parametrize(
    ("characters", "name"),
    [
        (1, "to 50"),
        (50, "to 50"),
        (51, "51–200"),
        (200, "51–200"),
        (201, "201–500"),
        (500, "201–500"),
        (501, "over 500"),
    ],
)
def test_lengths(characters: int, name: str) -> None:
    """A limit belongs to the shorter slice."""
    assert length("x" * characters) == f"{name} characters"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A Muslim baker", True),
        ("two women waited", True),
        ("TRANS people", True),
        ("the White House", False),
        ("transport and womenswear", False),
        ("Jewel thieves", False),
    ],
)
def test_groups(text: str, named: bool) -> None:
    """Whole words, in any case, and no residence."""
    assert names_a_group(text) is named


def test_each_row_is_in_its_slices() -> None:
    """English rows by length and by who is named; other languages by themselves; pairs by whether they answer."""
    wording = held_out("profanity", [(Comment("A Muslim baker"), 0, "en"), (Comment("Wer zahlt?"), 1, "de")])
    parent = Comment("Yes, the toll", ARTICLE, "Is there a toll?")
    pairs = held_out("off_topic", [(parent, 0, ""), (Comment("Soup " * 30, ARTICLE), 1, "")])
    found = {(one.head, one.name): one.labels for one in sliced([wording, pairs])}
    assert found == {
        ("off_topic", "to 50 characters"): [0],
        ("off_topic", "51–200 characters"): [1],
        ("off_topic", "answers a comment"): [0],
        ("off_topic", "answers no comment"): [1],
        ("off_topic", "kind: ours"): [0, 1],
        ("profanity", "to 50 characters"): [0],
        ("profanity", "English"): [0],
        ("profanity", "English, names a group"): [0],
        ("profanity", "German"): [1],
        ("profanity", "kind: ours"): [0, 1],
    }


def test_rows_held_twice_count_once() -> None:
    """Rows of a set within another set are shown by themselves and are in no other slice."""
    gold = held_out("profanity", [(Comment("Fine"), 0, "en")])
    gold = type(gold)(gold.head, "news, gold", "gold", gold.comments, gold.labels, gold.slices)
    assert [one.name for one in sliced([gold])] == ["kind: news, gold"]


def test_the_table_shows_the_shares(bundle: Bundle) -> None:
    """Rows, positives and the shares flagged, as measured; a slice of one kind has no AUC."""
    one = held_out("profanity", [(Comment("asshole"), 1, "en"), (Comment("Wer zahlt?"), 0, "de")])
    slices = measure(bundle, sliced([one]))
    printed = slice_table(bundle, slices, "profanity")
    german = next(row for row in slices if row.name == "German")
    share = german.metrics["false_positives_balanced"]
    assert f"| German | 1 (0) | – | – / {share:.1%} |" in printed
    assert "| kind: ours | 2 (1) | " in printed
    assert "kind" not in slice_table(bundle, slices, "spoiler")


def test_targets_are_judged() -> None:
    """At least, at most, and within the interval; what wasn't measured isn't there."""
    sets = [
        measured("profanity", "Wikipedia talk", auc=0.99, f1_balanced=0.92),
        measured("profanity", "clean news (c3)", false_positives_acting=0.0021),
    ]
    kept, broken = Kept("precision>=0.7", 0.3, 0.65, 0.5, 0.7), Kept("precision>=0.9", 0.6, 0.8, 0.7, 0.89)
    printed = target_table(sets, [on_mix(0.031, kept, broken, Kept("balanced", 0.4, 0.5, 0.4, 0.6))])
    ends = [line.rsplit("|", 2)[1].strip() for line in printed.splitlines()[2:]]
    assert ends == ["reached", "**missed**", "**missed**", "**missed**", "reached", "**missed**"]
    assert "| profanity | Wikipedia talk | AUC | ≥ 0.990 | 0.990 | reached |" in printed


def test_a_reliability_curve_is_at_the_base_rate() -> None:
    """Means over mass, in rising stretches; a stretch with few rows is left out."""
    scores, labels = (
        np.array([0.05] * 30 + [0.95] * 20 + [0.5] * 19),
        np.array([0] * 30 + [1] * 10 + [0] * 10 + [1] * 19),
    )
    weights = np.where(labels == 1, 3.0, 1.0)
    (low, high) = list(_reliability(scores, labels, weights))
    assert low == pytest.approx((0.05, 0.0, 30))
    assert high == pytest.approx((0.95, 0.75, 20))


def test_the_plot_is_the_same_each_time() -> None:
    """The same figures give the same file, with the head and its error in words."""
    first, second = (calibration_plot([on_mix(0.031)]) for _ in range(2))
    assert first == second
    assert "profanity (60 rows), error 0.031" in first
    assert first.startswith("<?xml")


def test_a_page_without_a_place_is_refused() -> None:
    """Marks of another table are no place for this one."""
    page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
    assert filled(page, {"x": "new"}) == "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n"
    with pytest.raises(NoPlace, match="'y'"):
        filled(page, {"x": "new", "y": "new"})


def test_the_command_writes_page_and_plot(fitted: Path, labelled: Path, tmp_path: Path) -> None:
    """A fitted bundle's version and each head's slices stand on the page; the plot beside it."""
    names = ["bundle", "targets", "second tier", *(f"{head} slices" for head in HEAD_NAMES)]
    page = tmp_path / PAGE.name
    page.write_text("".join(f"<!-- {name}: begin -->\n<!-- {name}: end -->\n" for name in names))
    assert main(["quality", "--data", str(labelled), "--bundle", str(fitted), "--page", str(page)]) == 0
    written = page.read_text()
    assert f"Bundle {Bundle.load(fitted).version}" in written
    assert written.count("| slice | rows (positive) |") == len(HEAD_NAMES)
    assert (tmp_path / PLOT).read_text().startswith("<?xml")


def test_the_page_shows_the_shipped_bundle() -> None:
    """Version and figures are its manifest's: after a new bundle, ``python -m training quality`` has to run."""
    manifest = Manifest.from_json((ROOT / "models/default" / MANIFEST).read_text("utf-8"))
    page = (ROOT / PAGE).read_text("utf-8")
    assert f"Bundle {manifest.version}," in page
    own = [measured(head.name, name, **metrics) for head in manifest.heads for name, metrics in head.metrics.items()]
    assert target_table(own, []) in page


def test_every_target_has_a_line() -> None:
    """No target is left out because its set is called otherwise."""
    page = (ROOT / PAGE).read_text("utf-8")
    for target in TARGETS:
        assert re.search(rf"^\| {target.head} \| {re.escape(target.name)} \| ", page, re.MULTILINE), target
