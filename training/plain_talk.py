"""Self-made comments under articles about works, from the patterns in ``plain_talk.toml``, and self-made promotion."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.comment import Article, Comment
from training.examples import Example

#: Of a self-made spoiler, beside 1 for a sentence about a series: patterns are learnt from few.
_WEIGHT = 0.12
_PATTERNS = tomllib.loads((Path(__file__).parent / "plain_talk.toml").read_text("utf-8"))


def plain_spoilers(count: int, draw: random.Random) -> Iterator[Example]:
    """Half give an ending away, half only talk; both stand under an article about a work (or, a third, under none)."""
    for number in range(count):
        label = number % 2
        pattern = draw.choice(_PATTERNS["spoilers" if label else "innocent"])
        article = work_article(draw) if draw.random() < 0.67 else None
        text = _filled(pattern, draw)
        if draw.random() < 0.3:
            text = f"{_filled(draw.choice(_PATTERNS['innocent']), draw)} {text}"
        text = text[:1].upper() + text[1:] if draw.random() < 0.6 else text
        yield Example(Comment(text, article), label, _WEIGHT, "plain_talk", pattern)


def work_article(draw: random.Random) -> Article:
    """An invented article about an invented work."""
    bodies = draw.sample(_PATTERNS["bodies"], 2)
    body = _filled(" ".join(bodies[: draw.randint(1, 2)]), draw)
    return Article(_filled(draw.choice(_PATTERNS["titles"]), draw), body)


def work_articles_as_text(count: int, draw: random.Random) -> Iterator[Example]:
    """Invented articles as positive examples of writing about works."""
    for number in range(count):
        article = work_article(draw)
        yield Example(Comment(f"{article.title}\n{article.body}"), 1, 1.0, "plain_talk", f"work article {number}")


def promotion(count: int, draw: random.Random) -> Iterator[Example]:
    """Comments that advertise."""
    for _ in range(count):
        pattern = draw.choice(_PATTERNS["promotion"])
        yield Example(Comment(_filled(pattern, draw)), 1, 0.5, "plain_talk", pattern)


def promotion_in_places(places: Sequence[Example], count: int, draw: random.Random) -> Iterator[Example]:
    """The same under other people's articles: off topic everywhere."""
    for made in promotion(count, draw):
        place = draw.choice(places)
        comment = Comment(made.comment.text, place.comment.article, place.comment.parent)
        yield Example(comment, 1, 0.25, "plain_talk", made.group)


def _filled(pattern: str, draw: random.Random) -> str:
    a, b = draw.sample(_PATTERNS["people"], 2)
    return pattern.format(
        a=a, b=b, r=draw.choice(_PATTERNS["relations"]), w=draw.choice(_PATTERNS["works"]),
        e=draw.choice(_PATTERNS["parts"]), n=draw.randint(60, 900),
    )  # fmt: skip
