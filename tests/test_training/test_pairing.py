"""Off-topic pairs: a comment's other place is never its own thread's, sides are never mixed, and the draw is fair."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from models.comment import Article
from models.record import Record
from tests.test_training.written import SUBJECTS, article, record, remark
from training.data import Corpus
from training.examples import Example, from_record
from training.pairing import NEAREST, Place, made_pairs, nearest_places, pair_examples, place_of

#: Subjects in pairs that share their words: the nearest of each is its twin, then what shares some.
CLOSE = [f"{subject}, {part}" for subject in sorted(SUBJECTS) for part in ("today", "tomorrow")]


def pair(number: int, place: str, *, name: str = "debates", **more: Any) -> Record:
    """A true pair: a comment that stands where it was written."""
    named = place.partition(",")[0]
    subject = named if named in SUBJECTS else sorted(SUBJECTS)[number % len(SUBJECTS)]
    text = f"{remark(subject, random.Random(number))} {number}"
    where = {"article": article(subject), "article_id": place}
    return record(name, number, text, {"off_topic": 0}, **{"split": "train", **where, **more})


def pairs(count: int = 400) -> list[Record]:
    """Comments under twenty articles, a quarter of the articles held out."""
    places = [CLOSE[n % len(CLOSE)] for n in range(count)]
    held = set(CLOSE[::4])
    return [pair(n, place, split="held_out" if place in held else "train") for n, place in enumerate(places)]


def examples_of(records: list[Record], seed: int = 3) -> list[Example]:
    """The set's examples as the head gets them."""
    return list(made_pairs("debates", records, 1.0, random.Random(seed)))


def made_and_true(records: list[Record]) -> list[tuple[Record, Example, Example]]:
    """Each record with its true and its made pair."""
    examples = examples_of(records)
    by_text = {one.text: one for one in records}
    return [(by_text[a.comment.text], a, b) for a, b in zip(examples[::2], examples[1::2], strict=True)]


def test_each_comment_stands_in_its_own_place_and_in_another() -> None:
    """One of either label, with the same text and weight."""
    for one, true, made in made_and_true(pairs()):
        assert (true.label, made.label) == (0, 1)
        assert (true.comment.text, true.comment.article) == (one.text, one.article)
        assert (made.comment.text, made.weight, made.group) == (one.text, true.weight, true.group)


def test_a_made_pair_is_never_of_the_same_article() -> None:
    """Neither drawn at random, nor among the nearest, nor by a shared name; comments of a thread stay on topic."""
    records = [
        pair(n, f"{n % 7}", article=Article(f"Article {n % 7}", f"Words about Harbour {n % 7}")) for n in range(300)
    ]
    for one, _, made in made_and_true(records):
        assert made.comment.article is not None
        assert made.comment.article != one.article


def test_parents_come_with_their_place() -> None:
    """The other place's parent was written there; without articles a parent is the place, and never its own."""
    records = [pair(n, f"{n % 5}", article=None, article_id=None, parent=f"Parent number {n % 5}?") for n in range(60)]
    for one, true, made in made_and_true(records):
        assert true.comment.parent == one.parent
        assert made.comment.parent in {other.parent for other in records} - {one.parent}


def test_works_are_disjoint_between_the_sides() -> None:
    """A held-out comment is put under held-out articles only, a training comment under training ones."""
    records = pairs()
    held = {one.article_id for one in records if one.split == "held_out"}
    by_title = {one.article_id: one.split for one in records}
    assert held
    assert set(by_title) - held
    titled = [
        pair(n, one.article_id or "", article=Article(one.article_id, one.article_id), split=one.split)
        for n, one in enumerate(records)
    ]
    for one, true, made in made_and_true(titled):
        assert true.held_out is made.held_out is (one.split != "train")
        assert made.comment.article is not None
        assert (made.comment.article.title in held) is made.held_out


def test_a_lone_article_makes_no_pair() -> None:
    """There is no other place; the true pair stays."""
    assert [example.label for example in examples_of([pair(n, "only one") for n in range(5)])] == [0] * 5


def test_about_a_third_are_hard() -> None:
    """A third are drawn from the five most similar of 41 articles, which chance alone would do for an eighth."""
    bodies = {
        f"{n}": Article(f"Article {n}", f"{' '.join(SUBJECTS[sorted(SUBJECTS)[n % 7]])} only{n}") for n in range(41)
    }
    records = [pair(n, f"{n % 41}", article=bodies[f"{n % 41}"]) for n in range(1230)]
    near = nearest_places({one.article_id or "": place_of(one) for one in records})
    titles = {key: body.title for key, body in bodies.items()}
    hard = [
        made.comment.article is not None
        and made.comment.article.title in {titles[key] for key in near[one.article_id or ""]}
        for one, _, made in made_and_true(records)
    ]
    assert 0.33 < sum(hard) / len(hard) < 0.6


def test_the_nearest_are_the_most_similar_others() -> None:
    """At most five, never itself, best first."""
    places = {key: Place(key, article(key.partition(",")[0]), None) for key in CLOSE}
    near = nearest_places(places)
    assert all(len(keys) == NEAREST == len(set(keys)) for keys in near.values())
    for key, (first, *_) in near.items():
        assert key not in near[key]
        assert first.partition(",")[0] == key.partition(",")[0]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_few_places_have_few_neighbours(count: int) -> None:
    """No place is its own neighbour, however few there are."""
    near = nearest_places({f"{n}": Place(f"{n}", Article(f"Article {n}", "Words"), None) for n in range(count)})
    assert all(sorted([key, *keys]) == sorted(near) for key, keys in near.items())


def test_judged_pairs_keep_their_label() -> None:
    """What people said is off topic is not made up again; final rows and unanswered ones are no examples."""
    rows = [
        record(
            "semeval_cqa",
            n,
            f"Answer {n}",
            {"off_topic": label},
            split=split,
            article=article("road salt"),
            article_id="q",
        )
        for n, (label, split) in enumerate([(1, "train"), (0, "held_out"), (None, "train"), (1, "final")])
    ]
    examples = pair_examples(Corpus({"semeval_cqa": rows}, ()), seed=1)
    assert [(example.label, example.held_out) for example in examples] == [(1, False), (0, True)]


def test_a_sites_own_judgements_are_learnt(corpus: Corpus) -> None:
    """A site's reviews say what is off topic there; a file of any name counts, as it does for the other heads."""
    ours = [
        record(
            "ours",
            n,
            f"Our comment {n}",
            {"off_topic": n % 2},
            split="train",
            article=article("road salt"),
            article_id="s",
        )
        for n in range(20)
    ]
    examples = pair_examples(Corpus({**corpus.sets, "ours": ours}, ()), seed=1)
    assert Counter(e.label for e in examples if e.comment.text.startswith("Our comment")) == {0: 10, 1: 10}


def test_the_same_seed_gives_the_same_pairs(corpus: Corpus) -> None:
    """And another seed others."""
    first = pair_examples(corpus, seed=1)
    assert pair_examples(corpus, seed=1) == first
    assert pair_examples(corpus, seed=2) != first


def test_a_comment_has_one_group_in_every_model(corpus: Corpus) -> None:
    """Text models that give the pair head a column must not have seen the group; so both must call it the same."""
    groups = {example.comment.text: example.group for example in pair_examples(corpus, seed=1)}
    for name in ("youtube_spam", "ukp_roomfordebate", "semeval_cqa", "fox_news_comments"):
        for one in corpus.sets[name]:
            assert from_record(one, 0, 1.0, name).group == groups[one.text]
