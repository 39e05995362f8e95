"""Fits that lack something: sets that no permissive licence covers, most of a recipe, a folder of bundles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.bundle import Bundle
from models.comment import Comment
from tests.test_training.conftest import SMALL, toml
from tests.test_training.fake_network import network
from training import teacher
from training.__main__ import main
from training.recipe import RECIPES, load_recipe
from training.sources import SOURCES

DEFAULT = load_recipe(RECIPES / "default.toml")
NOT_PERMISSIVE = {source.name for source in SOURCES if not source.permissive}


@pytest.fixture(scope="module")
def permissive(
    labelled: Path, recipe_file: Path, teacher_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A bundle of permissive sets only, embedding included. Most sets of the recipe's mixes are then missing."""
    out = tmp_path_factory.mktemp("permissive") / "bundle"
    arguments = ["fit", "--licences", "permissive", "--data", str(labelled), "--recipe", str(recipe_file)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher, "Encoder", network())
        assert main([*arguments, "--cache", str(teacher_cache), "--out", str(out)]) == 0
    return out


def test_permissive_leaves_the_others_out(permissive: Path) -> None:
    """The manifest names permissive sets only, and says that it does."""
    manifest = Bundle.load(permissive).manifest
    assert manifest.licences == "permissive"
    assert {one.name for one in manifest.data} == {
        "civil_toxic_spans", "fox_news_comments", "polis_opendata", "youtube_spam",
    }  # fmt: skip
    assert all(one.permissive for one in manifest.data)


def test_permissive_still_scores(permissive: Path) -> None:
    """All heads answer, the one included whose reference mix has no set left; the self-test passes."""
    bundle = Bundle.load(permissive)
    bundle.selftest()
    clean, profane = bundle.score([Comment("the ferries again"), Comment("fucking ferries")])
    assert (profane.heads["profanity"].score or 0) > (clean.heads["profanity"].score or 0)
    # No set is left that teaches spoilers: what it knows of them are the self-made patterns.
    told, plain = bundle.score(
        [Comment("turns out Mira was the murderer all along"), Comment("Where can I stream it?")]
    )
    assert (told.heads["spoiler"].score or 0) > (plain.heads["spoiler"].score or 0)


def test_permissive_says_what_it_is_calibrated_to(permissive: Path) -> None:
    """A mix names the sets that were there: nobody may read that scores are calibrated to sets left out."""
    for head in Bundle.load(permissive).manifest.heads:
        assert NOT_PERMISSIVE.isdisjoint(head.mix)


def test_a_base_of_all_licences_makes_nothing_permissive(
    labelled: Path, recipe_file: Path, fitted: Path, tmp_path: Path
) -> None:
    """Words and embedding come from the base, so its licences are behind the new bundle too: refused, or said."""
    arguments = ["fit", "--licences", "permissive", "--base", str(fitted), "--out", str(tmp_path / "out")]
    if main([*arguments, "--data", str(labelled), "--recipe", str(recipe_file)]) == 0:
        assert Bundle.load(tmp_path / "out").manifest.licences == "all"


def test_a_few_lines_and_no_out(labelled: Path, fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a recipe doesn't say is as in the default one, mixes and base rates too. Without ``--out`` the bundle lies
    under the next free version in ``var/bundles``, which a fresh clone doesn't have yet.
    """
    (tmp_path / "ours.toml").write_text(toml({**SMALL, "seed": 7}))
    monkeypatch.chdir(tmp_path)
    assert main(["fit", "--data", str(labelled), "--base", str(fitted), "--recipe", "ours.toml"]) == 0
    (made,) = (tmp_path / "var" / "bundles").iterdir()
    manifest = Bundle.load(made).manifest
    assert re.fullmatch(r"\d{4}\.\d\d?\.1", made.name)
    assert (manifest.version, manifest.recipe, manifest.parameters["seed"]) == (made.name, "ours", 7)
    assert {head.name: head.base_rate for head in manifest.heads} == DEFAULT.base_rate
    assert {head.name: set(head.mix) for head in manifest.heads} == {
        name: set(mix) for name, mix in DEFAULT.mix.items()
    }
