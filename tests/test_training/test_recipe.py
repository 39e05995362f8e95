"""A recipe is every parameter of a fit: nothing unknown is swallowed, nothing needed is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.heads import HEAD_NAMES
from training.recipe import RECIPES, Recipe, RecipeRejected, load_recipe
from training.sources import SOURCES

EVERY_RECIPE = sorted(RECIPES.glob("*.toml"))
SET_NAMES = {source.name for source in SOURCES}


def written(folder: Path, text: str) -> Path:
    """A recipe file."""
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    """A recipe names what it changes, and is called by its file where it says nothing else."""
    recipe = load_recipe(written(tmp_path, "seed = 11\nfolds = 3\n[mix.spoiler]\nours = 1.0\n"))
    assert (recipe.name, recipe.seed, recipe.folds) == ("ours", 11, 3)
    assert recipe.mix["spoiler"] == {"ours": 1.0}
    assert recipe.dimensions == Recipe().dimensions


def test_a_name_may_be_given(tmp_path: Path) -> None:
    """The manifest's name for a recipe need not be its file's."""
    assert load_recipe(written(tmp_path, 'name = "winter"\n')).name == "winter"


def test_an_unknown_parameter_is_named(tmp_path: Path) -> None:
    """A misspelt parameter is refused, with the file and every such name."""
    path = written(tmp_path, "sead = 11\nfolds = 3\nzeal = 1\n")
    with pytest.raises(RecipeRejected, match=r"ours\.toml: no such parameter: sead, zeal"):
        load_recipe(path)


def test_not_toml(tmp_path: Path) -> None:
    """A file that is no TOML is a value error, which the command turns into exit code 2."""
    with pytest.raises(ValueError, match="line 1"):
        load_recipe(written(tmp_path, "seed: 11\n"))


@pytest.mark.parametrize("path", EVERY_RECIPE, ids=lambda path: path.stem)
def test_a_shipped_recipe_covers_every_head(path: Path) -> None:
    """For every head a mix whose shares make one, a base rate, and rows to choose the balanced point on."""
    recipe = load_recipe(path)
    assert set(recipe.mix) == set(recipe.base_rate) == set(recipe.balanced_on) == set(HEAD_NAMES)
    for head in HEAD_NAMES:
        assert sum(recipe.mix[head].values()) == pytest.approx(1)
        assert 0 < recipe.base_rate[head] < 1
        assert recipe.balanced_on[head]


@pytest.mark.parametrize("path", EVERY_RECIPE, ids=lambda path: path.stem)
def test_a_shipped_recipe_names_sets_that_exist(path: Path) -> None:
    """A set's name with a typing error would silently count for nothing."""
    recipe = load_recipe(path)
    named = {name for mix in recipe.mix.values() for name in mix}
    named |= {name for names in recipe.balanced_on.values() for name in names}
    assert named <= SET_NAMES


def test_there_is_a_default_recipe() -> None:
    """``--recipe`` says nothing: this one."""
    assert load_recipe(RECIPES / "default.toml").name == "default"
