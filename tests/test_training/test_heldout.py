"""What a bundle is measured on: comments never trained on, and pairs that differ in nothing but the place."""

from __future__ import annotations

from collections import Counter

import pytest

from models.comment import Article, Comment
from models.heads import HEAD_NAMES
from models.record import Record
from models.records import read_records
from tests.test_training.test_pairing import pair, pairs
from tests.test_training.written import record
from training.data import Corpus
from training.heldout import SUITES, HeldOut, held_out_sets
from training.pairing import nearest_places, place_of


@pytest.fixture(scope="module")
def sets(corpus: Corpus) -> dict[str, HeldOut]:
    """The small world's, by name."""
    return {f"{one.head}: {one.name}": one for one in held_out_sets(corpus)}


def texts_of(one: HeldOut) -> list[str]:
    """The comments' texts."""
    return [comment.text for comment in one.comments]


def debates(records: list[Record], kind: str = "random") -> HeldOut:
    """The held-out pairs of a set of debates."""
    corpus = Corpus({"ukp_roomfordebate": records}, ())
    return next(one for one in held_out_sets(corpus) if one.name == f"debates, {kind}")


def number(n: int) -> Article:
    """One of some articles about the same thing, told apart by its title."""
    return Article(f"Number {n}", f"Asphalt, brine and gritting, for the {n}th time.")


def test_every_row_is_whole(sets: dict[str, HeldOut]) -> None:
    """A label and a slice for each comment, a known head, and whose labels were counted."""
    for one in sets.values():
        assert len(one.comments) == len(one.labels) == len(one.slices)
        assert set(one.labels) <= {0, 1}
        assert one.head in HEAD_NAMES
        assert one.counted
    assert len(sets) == len(list(held_out_sets(Corpus({}, ()))))


def test_nothing_trained_on_is_measured(corpus: Corpus, sets: dict[str, HeldOut]) -> None:
    """Of the labelled sets only held-out comments, final ones not either."""
    sides = {one.text: one.split for records in corpus.sets.values() for one in records}
    measured = [text for one in sets.values() if one.counted != "self-written" for text in texts_of(one)]
    assert len(measured) > 100
    assert {sides[text] for text in measured} == {"held_out"}


def test_gold_rows_are_counted_apart() -> None:
    """A proxy's labels are in the second of the two rows only; who didn't answer is in none."""
    rows = [
        record("civil_toxic_spans", n, f"No {n}", {"profanity": label}, split="held_out", label_source=trusted)
        for n, (label, trusted) in enumerate([(1, "gold"), (0, "proxy"), (None, "gold")])
    ]
    found = {one.name: texts_of(one) for one in held_out_sets(Corpus({"civil_toxic_spans": rows}, ()))}
    assert (found["news, gold"], found["news, gold and proxy"]) == (["No 0"], ["No 0", "No 1"])


@pytest.mark.parametrize("kind", ["random", "hard"])
def test_each_comment_is_asked_twice(kind: str) -> None:
    """Once where it stands, once under another article: never its own, never twice under the same."""
    records = pairs()
    one = debates(records, kind)
    held = {record.text: record for record in records if record.split == "held_out"}
    assert Counter(one.labels) == {0: len(held), 1: len(held)}
    for comment, label in zip(one.comments, one.labels, strict=True):
        own = held[comment.text]
        assert (comment.article == own.article) if label == 0 else comment.article is not None


def test_a_made_pair_is_never_of_the_same_article() -> None:
    """Every article is another's, told apart by its title."""
    records = [pair(n, f"{n % 7}", split="held_out", article=number(n % 7)) for n in range(210)]
    for kind in ("random", "hard"):
        one = debates(records, kind)
        own = {record.text: record.article for record in records}
        assert all((c.article == own[c.text]) == (not label) for c, label in zip(one.comments, one.labels, strict=True))


def test_hard_ones_are_from_the_five_nearest() -> None:
    """The other article is among the most similar of the set."""
    records = [pair(n, f"{n % 23}", split="held_out", article=number(n % 23)) for n in range(230)]
    near = nearest_places({f"{record.article_id}": place_of(record) for record in records})
    titles = {f"{record.article_id}": record.article.title for record in records if record.article is not None}
    own = {record.text: f"{record.article_id}" for record in records}
    one = debates(records, "hard")
    for comment in [comment for comment, label in zip(one.comments, one.labels, strict=True) if label]:
        assert comment.article is not None
        assert comment.article.title in {titles[key] for key in near[own[comment.text]]}


def test_a_made_pair_has_the_parent_of_its_place() -> None:
    """Or else having a parent tells true from made, and a head that looks at parents measures too well."""
    records = [
        pair(n, f"{n % 7}", split="held_out", article=number(n % 7), parent=f"Parent {n % 7} says so.")
        for n in range(70)
    ]
    one = debates(records)
    where = {(record.article, record.parent) for record in records}
    assert {(comment.article, comment.parent) for comment in one.comments} == where


def test_spoilers_negatives_keep_their_context(corpus: Corpus, sets: dict[str, HeldOut]) -> None:
    """News comments under their news: a spoiler there is a false alarm. Slices name the genre."""
    one = sets["spoiler: clean news"]
    assert set(one.labels) == {0}
    assert {"c3_toxicity", "ucc_val", "ukp_roomfordebate"} <= set(one.slices)
    own = {record.text: record.comment() for records in corpus.sets.values() for record in records}
    assert all(comment == own[comment.text] for comment in one.comments)


def test_judged_questions_by_year(sets: dict[str, HeldOut]) -> None:
    """Each year's set apart, with the label that people gave."""
    years = [sets[f"off_topic: questions, semeval {year}"] for year in ("2015", "2016 cross-thread")]
    assert all(set(one.labels) == {0, 1} for one in years)
    assert set(texts_of(years[0])).isdisjoint(texts_of(years[1]))


@pytest.mark.parametrize("split", ["dev", "final"])
def test_only_half_of_a_suite_is_looked_at(split: str) -> None:
    """Of the self-written suites one half, with its classes as slices; the final half is looked at only once."""
    for one in held_out_sets(Corpus({}, ()), split=split):
        if one.counted == "self-written":
            rows = read_records(SUITES / f"{one.name.removeprefix('suite ')}.jsonl").records
            assert texts_of(one) == [row.text for row in rows if row.split == split]
            assert set(one.slices) == {str(row.meta["class"]) for row in rows if row.split == split}


def test_the_same_pairs_every_time(corpus: Corpus, sets: dict[str, HeldOut]) -> None:
    """Figures of two bundles are of the same comments under the same articles."""
    again = {f"{one.head}: {one.name}": one for one in held_out_sets(corpus)}
    assert again == sets
    assert sets["off_topic: debates, random"].comments


def test_an_empty_corpus_leaves_the_suites() -> None:
    """Sets without a comment are there and empty."""
    filled = [one for one in held_out_sets(Corpus({}, ())) if one.comments]
    assert {one.counted for one in filled} == {"self-written"}
    assert all(isinstance(comment, Comment) for one in filled for comment in one.comments)
