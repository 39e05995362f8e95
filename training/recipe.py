"""A run's every parameter, from a TOML file; what the file leaves out has the default given here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

RECIPES = Path(__file__).parent / "recipes"


class RecipeRejected(ValueError):
    """The recipe names something that is not a parameter."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Parameters of one fit."""

    name: str = "default"
    seed: int = 20261122
    #: BLAS threads; the weights are the same byte for byte only with the same number.
    threads: int = 2
    #: Comments a word must stand in, and words kept, for the vocabulary.
    word_comments: int = 3
    words: int = 42_000
    #: Dimensions of the static embedding, and the ridge penalty of its distillation.
    dimensions: int = 256
    distil_penalty: float = 0.5
    distil_steps: int = 25
    #: Steps of its second half, on texts that belong together.
    contrast_steps: int = 300
    #: Characters of a text that the teacher reads.
    excerpt: int = 400
    #: Inverse penalty of the text models by name (others: ``text_c_others``), and how strongly they lean on a segment's
    #: meaning.
    text_c: dict[str, float] = field(default_factory=lambda: {"spoiler": 0.1})
    text_c_others: float = 0.3
    meaning: float = 2.0
    folds: int = 5
    #: Inverse penalty of the last layers by head (others: ``layer_c_others``). Off-topic's columns say much the same;
    #: with less of a penalty they lean on each other, and an unrelated article may come nearer than its own. Of 0.01
    #: to 1, chosen on cross-fitted pairs: promotion is lost with more of it, replies and news are with less.
    layer_c: dict[str, float] = field(default_factory=lambda: {"off_topic": 0.1})
    layer_c_others: float = 1.0
    #: Self-made comments: obfuscated spellings, innocent look-alikes, plain-talk spoilers, promotion.
    obfuscated: int = 9_000
    innocent: int = 15_000
    plain_spoilers: int = 4_000
    self_made_weight: float = 0.3
    #: Per head: reference mix (set → weight) and base rate that scores are calibrated to, and the sets whose rows
    #: choose the ``balanced`` point.
    mix: dict[str, dict[str, float]] = field(default_factory=dict)
    base_rate: dict[str, float] = field(default_factory=dict)
    balanced_on: dict[str, list[str]] = field(default_factory=dict)


def load_recipe(path: Path) -> Recipe:
    """Read a recipe.

    :raises RecipeRejected: a key is no parameter.
    """
    given: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    unknown = set(given) - {parameter.name for parameter in fields(Recipe)}
    if unknown:
        raise RecipeRejected(f"{path}: no such parameter: {', '.join(sorted(unknown))}")
    default = tomllib.loads((RECIPES / "default.toml").read_text("utf-8"))
    for key, value in given.items():
        wanted = type(getattr(Recipe(), key))
        if not isinstance(value, wanted) and not (wanted is float and type(value) is int):
            raise RecipeRejected(f"{path}: {key} is {value!r}, not {wanted.__name__}")
    for key in ("mix", "base_rate", "balanced_on"):
        given[key] = {**default[key], **given.get(key, {})}
    recipe = Recipe(**{"name": path.stem, **given})
    if recipe.folds < 2:
        raise RecipeRejected(f"{path}: folds is {recipe.folds}, not 2 or more")
    return recipe
