"""One small world for all tests of training: written comments, a recipe, the teacher's cache, and a bundle of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from models.bundle import Bundle
from models.parts import Parts, assemble
from tests.test_training.fake_network import network
from tests.test_training.written import write_sets, written_sets
from training import teacher
from training.__main__ import main
from training.build import encode
from training.data import Corpus, load
from training.recipe import RECIPES, Recipe, load_recipe

#: What makes a fit on a few hundred comments take seconds; everything else as in the default recipe.
SMALL: Mapping[str, Any] = {
    "threads": 1, "word_comments": 2, "words": 2_000, "dimensions": 32, "folds": 2,
    "obfuscated": 150, "innocent": 150, "plain_spoilers": 400,
}  # fmt: skip


def toml(values: Mapping[str, Any]) -> str:
    """A recipe as TOML: plain values first, then tables and their tables."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if not isinstance(value, Mapping)]
    for name, table in values.items():
        if isinstance(table, Mapping):
            lines += _table(name, table)
    return "\n".join(lines) + "\n"


def _table(name: str, table: Mapping[str, Any]) -> list[str]:
    lines = [f"[{name}]", *(f"{k} = {json.dumps(v)}" for k, v in table.items() if not isinstance(v, Mapping))]
    return lines + [line for k, v in table.items() if isinstance(v, Mapping) for line in _table(f"{name}.{k}", v)]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Small matrices on a busy machine: more threads only wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of labelled-comment files, one a set."""
    return write_sets(tmp_path_factory.mktemp("labelled") / "sets", written_sets())


@pytest.fixture(scope="session")
def corpus(labelled: Path) -> Corpus:
    """The folder as a fit reads it."""
    return load([labelled])


@pytest.fixture(scope="session")
def recipe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default recipe, made small."""
    path = tmp_path_factory.mktemp("recipe") / "small.toml"
    given = tomllib.loads((RECIPES / "default.toml").read_text("utf-8"))
    path.write_text(toml({**given, **SMALL}), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def recipe(recipe_file: Path) -> Recipe:
    """The same, read."""
    return load_recipe(recipe_file)


@pytest.fixture(scope="session")
def teacher_cache(corpus: Corpus, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Vectors of every text that a fit asks the teacher for, by a stand-in for its network."""
    cache = tmp_path_factory.mktemp("teacher")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher, "Encoder", network())
        encode(corpus, recipe, cache)
    return cache


@pytest.fixture(scope="session")
def fitted(labelled: Path, recipe_file: Path, teacher_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle made of all that by the command, its embedding included."""
    out = tmp_path_factory.mktemp("bundles") / "fitted"
    arguments = ["fit", "--data", str(labelled), "--recipe", str(recipe_file), "--cache", str(teacher_cache)]
    assert main([*arguments, "--out", str(out), "--version", "2026.11.7"]) == 0
    return out


@pytest.fixture(scope="session")
def bundle(fitted: Path) -> Bundle:
    """The same, loaded."""
    return Bundle.load(fitted)


@pytest.fixture(scope="session")
def idf(bundle: Bundle) -> NDArray[np.float32]:
    """Rarity of every word of the small world's vocabulary."""
    return np.array(bundle.parts.words.idf[: len(bundle.parts.vocabulary)])


@pytest.fixture(scope="session")
def foundation(bundle: Bundle, idf: NDArray[np.float32]) -> Parts:
    """Vocabulary and embedding of the small world, before any text model is fitted."""
    return assemble(bundle.parts.vocabulary, bundle.parts.lexicon, idf, [], bundle.parts.embedding)
