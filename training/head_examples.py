"""All examples of one run, by head and by auxiliary text model."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from models.comment import Article, Comment
from models.features import PROMOTION_MODEL, WORK_MODEL
from models.heads import HEADS
from models.text import in_one_line
from training import examples as own
from training import plain_talk
from training.data import Corpus
from training.examples import Example
from training.pairing import pair_examples
from training.recipe import Recipe
from training.self_made import innocent, obfuscated
from training.vocabulary import our_lexicon

#: Sets whose articles are about news or questions, for spoilers' negatives.
_NEWS_ARTICLES = ("ukp_roomfordebate", "fox_news_comments", "semeval_cqa")


def all_examples(corpus: Corpus, recipe: Recipe) -> dict[str, list[Example]]:
    """For each text model and head its examples, in a fixed order for a given seed.

    A head without a recipe of its own here learns from its labels alone.
    """
    special: dict[str, Callable[[Corpus, Recipe], list[Example]]] = {
        "profanity": _profanity, "off_topic": _off_topic, "spoiler": _spoiler,
    }  # fmt: skip
    made = {
        head.name: special[head.name](corpus, recipe) if head.name in special else list(own.labelled(corpus, head.name))
        for head in HEADS
    }
    draw = _draw(recipe, WORK_MODEL)
    works = [*own.works(corpus), *plain_talk.work_articles_as_text(600, draw)]
    made[WORK_MODEL] = [replace(e, comment=replace(e.comment, text=in_one_line(e.comment.text))) for e in works]
    made[PROMOTION_MODEL] = [*own.promotion(corpus), *plain_talk.promotion(300, _draw(recipe, PROMOTION_MODEL))]
    return made


def _profanity(corpus: Corpus, recipe: Recipe) -> list[Example]:
    real = list(own.labelled(corpus, "profanity"))
    carriers = [e.comment.text for e in real if not e.held_out and e.label == 0 and len(e.comment.text) > 20]
    words = sorted(
        {word.lower() for text in carriers[::7] for word in text.split() if word.isalpha() and len(word) > 2}
    )
    lexicon, weight = our_lexicon(), recipe.self_made_weight
    if not carriers or not words:
        return real
    return [
        *real,
        *obfuscated(carriers, lexicon, count=recipe.obfuscated, weight=weight, draw=_draw(recipe, "obfuscated")),
        *innocent(carriers, words, lexicon, count=recipe.innocent, weight=weight, draw=_draw(recipe, "innocent")),
    ]


def _off_topic(corpus: Corpus, recipe: Recipe) -> list[Example]:
    pairs = pair_examples(corpus, seed=recipe.seed)
    places = [example for example in pairs if not example.held_out and example.comment.article is not None]
    if not places:
        return pairs
    return [*pairs, *plain_talk.promotion_in_places(places, 400, _draw(recipe, "promotion in places"))]


def _spoiler(corpus: Corpus, recipe: Recipe) -> list[Example]:
    draw = _draw(recipe, "spoiler")
    news = [r.article for r in corpus.of(_NEWS_ARTICLES) if r.article is not None and r.split == "train"]
    placed = [_placed(example, news, draw) for example in own.spoilers(corpus)]
    return [*placed, *plain_talk.plain_spoilers(recipe.plain_spoilers, draw)]


def _placed(example: Example, news: list[Article], draw: random.Random) -> Example:
    """Half of the examples stand under an article: talk of works under invented ones, the rest under news."""
    if draw.random() < 0.5:
        return example
    if example.source in own.PLAIN_TALK:
        article = draw.choice(news) if news else None
    else:
        article = plain_talk.work_article(draw)
    return replace(example, comment=Comment(example.comment.text, article))


def _draw(recipe: Recipe, purpose: str) -> random.Random:
    return random.Random(f"{recipe.seed}:{purpose}")
