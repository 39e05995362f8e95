"""Around a fit: the next free version, which sets a licence permits, and what the manifest says of it all."""

from __future__ import annotations

import argparse
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.artifact import read_estimators
from models.bundle import Bundle
from models.heads import HEADS
from models.manifest import CURVE_POINTS, Manifest
from models.operating import BALANCED, PROMISES, rises
from tests.test_training.written import record
from training import fit
from training.data import Corpus, DataFile
from training.evaluate import measure
from training.heldout import held_out_sets
from training.recipe import Recipe
from training.sources import SOURCES

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken", "version"),
    [
        ([], "2026.11.1"),
        (["2026.11.1", "2026.11.2"], "2026.11.3"),
        (["2026.11.9", "2026.11.10"], "2026.11.11"),
        (["2026.11.4"], "2026.11.5"),
        (["2026.10.7", "2025.11.3", "2026.1.8", "2026.110.1"], "2026.11.1"),
        (["2026.11.x", "2026.11.2.old", ".2026.11.8.tmp", "notes"], "2026.11.1"),
    ],
)
def test_next_version(tmp_path: Path, taken: list[str], version: str) -> None:
    """This month's, one after the highest there; other months and other names don't count."""
    for name in taken:
        (tmp_path / name).mkdir()
    assert fit.next_version(tmp_path, NOW) == version


def test_the_first_version_of_all(tmp_path: Path) -> None:
    """There need not be a folder of bundles yet."""
    assert fit.next_version(tmp_path / "bundles", NOW) == "2026.11.1"


def test_permitted() -> None:
    """Non-commercial and copyleft sets go, with their files; permissive ones and a site's own stay."""
    names = [source.name for source in SOURCES] + ["our_reviews"]
    sets = {name: [record(name, 1, "Text", {"profanity": 0})] for name in names}
    kept = fit.permitted(Corpus(sets, tuple(DataFile(name, "0" * 64, 1, 0) for name in names)))
    allowed = [source.name for source in SOURCES if source.permissive] + ["our_reviews"]
    assert list(kept.sets) == allowed
    assert [file.name for file in kept.files] == allowed
    assert {"tvtropes_spoilers", "c3_toxicity"}.isdisjoint(allowed)
    assert "civil_toxic_spans" in allowed


def test_a_recipe_by_name_or_by_file(recipe_file: Path) -> None:
    """A name is one of ours; whatever ends in .toml is a file."""
    assert fit.recipe_of(argparse.Namespace(recipe="default")).name == "default"
    assert fit.recipe_of(argparse.Namespace(recipe=str(recipe_file))).name == "small"


def test_the_manifest_says_what_was_read(bundle: Bundle, labelled: Path) -> None:
    """Each file with its checksum, rows and licence; a fit from nothing has no base."""
    manifest = bundle.manifest
    assert (manifest.version, manifest.base, manifest.recipe, manifest.licences) == ("2026.11.7", None, "small", "all")
    sources = {source.name: source for source in SOURCES}
    found = {one.name: one for one in manifest.data}
    assert set(found) == {path.name.split(".")[0] for path in labelled.iterdir()}
    for name, one in found.items():
        content = (labelled / f"{name}.jsonl.gz").read_bytes()
        assert one.sha256 == hashlib.sha256(content).hexdigest()
        assert (one.licence, one.permissive) == (sources[name].licence, sources[name].permissive)


def test_the_manifest_says_how(bundle: Bundle, recipe: Recipe) -> None:
    """Libraries, BLAS kernel and threads, seed: what it takes to get the same bytes again."""
    manifest = bundle.manifest
    assert {"numpy", "scipy", "sklearn", "joblib"} <= set(manifest.libraries)
    assert manifest.cpu["threads"] == recipe.threads
    assert manifest.cpu["blas"]
    assert manifest.parameters["seed"] == recipe.seed


def test_every_head_is_described(bundle: Bundle, recipe: Recipe) -> None:
    """Mix, base rate, all points, a curve with its form, and figures on its own held-out sets."""
    manifest = bundle.manifest
    assert [one.name for one in manifest.heads] == [head.name for head in HEADS]
    for one in manifest.heads:
        assert one.mix == pytest.approx(recipe.mix[one.name])
        assert one.base_rate == recipe.base_rate[one.name]
        assert [point.name for point in one.operating_points] == [*PROMISES, BALANCED]
        assert rises(one.curve)
        assert 2 < len(one.curve) <= CURVE_POINTS
        assert one.metrics


def test_points_are_chosen_on_training_rows(bundle: Bundle, corpus: Corpus, recipe: Recipe) -> None:
    """The mix's comments that were trained on, by cross-fitting; not one held-out row, or its figure would flatter."""
    labels = [one.labels["profanity"] for one in corpus.of(recipe.mix["profanity"]) if one.split == "train"]
    for point in bundle.manifest.head("profanity").operating_points[:-1]:
        assert point.rows == (labels.count(1), labels.count(0))


def test_metrics_are_what_the_bundle_measures(bundle: Bundle, corpus: Corpus) -> None:
    """The figures in the manifest are those of the bundle as it was written."""
    for one in measure(bundle, held_out_sets(corpus)):
        assert bundle.manifest.head(one.head).metrics[one.name] == pytest.approx(one.metrics)


def test_the_estimators_are_those_that_are_served(fitted: Path, bundle: Bundle) -> None:
    """For inspection and refitting: every text model and every last layer, whose weights the tables hold."""
    estimators = read_estimators(fitted)
    assert set(estimators) == {
        "text/profanity", "text/spoiler", "text/work", "text/promotion",
        "layer/profanity", "layer/off_topic", "layer/spoiler",
    }  # fmt: skip
    for head in HEADS:
        scaler, regression = estimators[f"layer/{head.name}"]
        weights = regression.coef_.ravel() / scaler.scale_
        assert weights.tolist() == bundle._heads[head.name]._layer.weights.tolist()


def test_the_manifest_survives(bundle: Bundle) -> None:
    """It reads back equal."""
    assert Manifest.from_json(bundle.manifest.to_json()) == bundle.manifest
