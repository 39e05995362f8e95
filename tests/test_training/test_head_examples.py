"""All examples of a run: every model has some, nothing self-made is made of held-out comments, the order is fixed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.heads import HEADS
from models.parts import text_model_names
from models.text import fold
from tests.test_training.written import record
from training.data import Corpus
from training.examples import Example
from training.head_examples import all_examples
from training.recipe import Recipe


@pytest.fixture(scope="module")
def examples(corpus: Corpus, recipe: Recipe) -> dict[str, list[Example]]:
    """The small world's."""
    return all_examples(corpus, recipe)


def training(examples: list[Example]) -> list[Example]:
    """Those that are fitted to."""
    return [example for example in examples if not example.held_out]


def test_every_model_has_both_labels(examples: dict[str, list[Example]]) -> None:
    """Heads and auxiliary text models alike."""
    assert set(examples) == {head.name for head in HEADS} | set(text_model_names())
    assert all({example.label for example in training(made)} == {0, 1} for made in examples.values())


def test_no_held_out_text_is_trained_on(corpus: Corpus, examples: dict[str, list[Example]]) -> None:
    """Neither as it is, nor as a carrier, nor as an article: nothing held out shines through in any example."""
    records = [one for found in corpus.sets.values() for one in found]
    held = [fold(one.text) for one in records if one.split != "train"]
    taught = {fold(example.comment.text) for made in examples.values() for example in training(made)}
    assert not [text for text in held if any(text in one for one in taught)]


def test_self_made_counts_follow_the_recipe(examples: dict[str, list[Example]], recipe: Recipe) -> None:
    """As many as the recipe says, with its weight."""
    made = [example for example in examples["profanity"] if example.layer_only]
    assert [sum(example.label == label for example in made) for label in (0, 1)] == [recipe.innocent, recipe.obfuscated]
    assert {example.weight for example in made} == {recipe.self_made_weight}
    assert sum(example.source == "plain_talk" for example in examples["spoiler"]) == recipe.plain_spoilers


def test_half_of_the_spoilers_examples_are_placed(examples: dict[str, list[Example]]) -> None:
    """Talk of works stands under invented articles, other talk under news, about half of either under none."""
    real = [example for example in examples["spoiler"] if example.source != "plain_talk"]
    for source in ("tvtropes_spoilers", "c3_toxicity"):
        own = [example for example in real if example.source == source]
        placed = [example.comment.article for example in own if example.comment.article is not None]
        assert 0.3 < len(placed) / len(own) < 0.7
        assert {article.kind for article in placed} == ({None} if source == "tvtropes_spoilers" else {"news"})


def test_the_order_is_fixed(corpus: Corpus, recipe: Recipe, examples: dict[str, list[Example]]) -> None:
    """The same seed gives the same examples in the same order; another seed others."""
    assert all_examples(corpus, recipe) == examples
    assert all_examples(corpus, replace(recipe, seed=1))["profanity"] != examples["profanity"]


def test_a_site_without_public_sets() -> None:
    """A few labels of one's own are examples, with nothing to make others from."""
    ours = [record("ours", n, f"No {n}", {"profanity": n % 2}, split="train") for n in range(6)]
    found = all_examples(Corpus({"ours": ours}, ()), Recipe(obfuscated=5, innocent=5, plain_spoilers=5))
    assert [example.label for example in found["profanity"]] == [0, 1, 0, 1, 0, 1]
    assert found["off_topic"] == []
