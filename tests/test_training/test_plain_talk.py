"""Self-made talk about invented works: patterns all filled, both labels, and nothing of the evaluation suites."""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from pathlib import Path

from models.comment import Article, Comment
from models.records import read_records
from training import plain_talk
from training.examples import Example

FOLDER = Path(plain_talk.__file__).parent
PATTERNS: dict[str, list[str]] = tomllib.loads((FOLDER / "plain_talk.toml").read_text("utf-8"))
COUNT = 2_000


def spoilers(seed: int = 2) -> list[Example]:
    """A run's worth of them."""
    return list(plain_talk.plain_spoilers(COUNT, random.Random(seed)))


def folded(text: str) -> str:
    """Letters only."""
    return "".join(re.findall(r"[a-z]+", text.casefold()))


def test_every_pattern_is_filled() -> None:
    """No brace is left over in any comment or article, whatever is drawn."""
    draw = random.Random(1)
    texts = [
        plain_talk._filled(pattern, draw) for patterns in PATTERNS.values() for pattern in patterns for _ in range(5)
    ]
    assert not [text for text in texts if "{" in text or "}" in text]


def test_two_people_are_two() -> None:
    """Nobody betrays himself for want of a second name."""
    draw = random.Random(1)
    pairs = [plain_talk._filled("{a}|{b}", draw).split("|") for _ in range(300)]
    assert all(a != b for a, b in pairs)


def test_half_give_an_ending_away() -> None:
    """Labels alternate; two thirds stand under an invented article; a spoiler may come after harmless talk."""
    examples = spoilers()
    assert Counter(example.label for example in examples) == {0: COUNT // 2, 1: COUNT // 2}
    placed = sum(example.comment.article is not None for example in examples)
    assert 0.6 < placed / COUNT < 0.74
    assert {example.group for example in examples if example.label} <= set(PATTERNS["spoilers"])
    assert {example.group for example in examples if not example.label} <= set(PATTERNS["innocent"])


def test_a_pattern_is_one_group() -> None:
    """All comments of one pattern are held out together: its wording is seen or not."""
    groups = Counter(example.group for example in spoilers())
    assert set(groups) == {*PATTERNS["spoilers"], *PATTERNS["innocent"]}
    assert min(groups.values()) > 1


def test_no_pattern_is_of_both_kinds() -> None:
    """Or stands twice."""
    every = [folded(pattern) for kind in ("spoilers", "innocent") for pattern in PATTERNS[kind]]
    assert len(every) == len(set(every))


def test_the_suites_are_not_taught() -> None:
    """No pattern spells out a comment of the evaluation suite, dev or final."""
    suite = {folded(one.text) for one in read_records(FOLDER / "suites" / "plain_spoilers.jsonl").records}
    made = {folded(example.comment.text) for seed in range(4) for example in spoilers(seed)}
    assert made.isdisjoint(suite)


def test_works_articles() -> None:
    """A title and a body each, and as text they are positive examples of writing about works."""
    article = plain_talk.work_article(random.Random(3))
    assert article.title
    assert article.body
    examples = list(plain_talk.work_articles_as_text(40, random.Random(3)))
    assert all(example.label == 1 and "\n" in example.comment.text for example in examples)
    assert len({example.group for example in examples}) == 40


def test_promotion_is_off_topic_everywhere() -> None:
    """The same advertising under other people's articles and parents."""
    places = [Example(Comment("x", Article(f"{n}"), f"parent {n}"), 0, 1.0, "set", "g") for n in range(5)]
    made = list(plain_talk.promotion_in_places(places, 60, random.Random(3)))
    assert len(made) == 60
    assert {example.label for example in made} == {1}
    where = {(example.comment.article, example.comment.parent) for example in made}
    assert where == {(place.comment.article, place.comment.parent) for place in places}
    assert {example.group for example in made} <= set(PATTERNS["promotion"])


def test_the_same_seed_gives_the_same_comments() -> None:
    """And another seed others."""
    assert spoilers(2) == spoilers(2) != spoilers(3)
