"""A held-out text is never trained on, whichever set it came from, and what is held out survives added rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.record import Record
from models.records import write_records
from models.text import fold
from tests.test_training.written import article, record, write_sets, written_sets
from training.data import Corpus, deduplicate, load

#: Few texts, spelt in ways that fold to the same, so that sets overlap often.
TEXTS = st.sampled_from(["The tide is low", "the tide IS low!", "Thé tide is low.", "Ferries again", "ferries, again…"])
SPLITS = st.sampled_from(["train", "held_out", "final"])
TRUSTED = st.sampled_from(["gold", "proxy", "weak", None])
HEADS = st.sampled_from(["profanity", "spoiler"])


def letters(text: str) -> str:
    """What makes two texts the same text."""
    return "".join(character for character in fold(text) if character.isalnum())


def leaked(sets: dict[str, list[Record]]) -> set[str]:
    """Texts that are both trained on and held out."""
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    for records in sets.values():
        for one in records:
            sides[one.split == "train"].add(letters(one.text))
    return sides[True] & sides[False]


@st.composite
def overlapping_sets(draw: st.DrawFn) -> dict[str, list[Record]]:
    """Up to three sets whose texts overlap."""
    sets: dict[str, list[Record]] = {}
    for name in ("alpha", "beta", "gamma"):
        rows = draw(st.lists(st.tuples(TEXTS, SPLITS, TRUSTED, HEADS), max_size=5))
        sets[name] = [
            record(name, number, text, {head: number % 2}, split=split, label_source=trusted)
            for number, (text, split, trusted, head) in enumerate(rows)
        ]
    return sets


@given(overlapping_sets())
def test_no_held_out_text_is_trained_on(sets: dict[str, list[Record]]) -> None:
    """Across all sets every text stands once, on the held-out side where any set held it out."""
    kept = deduplicate(sets)
    assert leaked(kept) == set()
    texts = [letters(one.text) for records in kept.values() for one in records]
    assert sorted(texts) == sorted({letters(one.text) for records in sets.values() for one in records})
    held = {letters(one.text) for records in sets.values() for one in records if one.split != "train"}
    assert {letters(one.text) for records in kept.values() for one in records if one.split != "train"} == held


@given(overlapping_sets())
def test_the_most_trusted_label_wins(sets: dict[str, list[Record]]) -> None:
    """Among records on the winning side gold goes before proxy before weak, then the first set's name."""
    trust = {"gold": 3, "proxy": 2, "weak": 1, None: 0}
    for name, records in deduplicate(sets).items():
        for one in records:
            rivals = [
                (other.split != "train", trust[other.label_source], other_name)
                for other_name, others in sets.items()
                for other in others
                if letters(other.text) == letters(one.text)
            ]
            best = max(rivals, key=lambda rival: rival[:2])[:2]
            assert (one.split != "train", trust[one.label_source]) == best
            assert name == min(rival[2] for rival in rivals if rival[:2] == best)


LONG = "The ferries ran late because of the cables, and nobody told the harbourmaster."


@pytest.mark.parametrize(
    "elsewhere",
    [
        record("wording", 1, LONG, {"profanity": 0}, split="train"),
        record("debates", 2, LONG, {"off_topic": 1}, split="train", article_id="b", article=article("road salt")),
    ],
    ids=["for its wording", "under another article"],
)
def test_a_comment_held_out_under_an_article_is_not_trained_on(elsewhere: Record) -> None:
    """A debate's comment that stands elsewhere too is the same comment."""
    where = {"article_id": "a", "article": article("harbour bridge")}
    sets = {"debates": [record("debates", 1, LONG, {"off_topic": 0}, split="held_out", **where)], "wording": []}
    sets[elsewhere.source].append(elsewhere)
    assert leaked(deduplicate(sets)) == set()


def test_one_comment_under_two_articles_is_two_questions() -> None:
    """Off-topic is a question about a pair; the same words elsewhere are another row."""
    rows = [
        record("debates", n, "Agreed, well said.", {"off_topic": n}, split="train", article_id=f"{n}") for n in (0, 1)
    ]
    assert deduplicate({"debates": rows})["debates"] == rows


def test_two_files_of_one_name_leak_nothing(tmp_path: Path) -> None:
    """Two folders may each hold a ``labels.jsonl`` that counts from one; a row must not be kept for its number."""
    for folder, texts in (("a", ["Ferries again", "The tide is low"]), ("b", ["The tide is low", "Salt on the road"])):
        (tmp_path / folder).mkdir()
        splits = ("train", "dev") if folder == "a" else ("train", "train")
        rows = [record("ours", n, texts[n], {"profanity": 0}, split=splits[n]) for n in range(2)]
        write_records(tmp_path / folder / "labels.jsonl", rows)
    corpus = load([tmp_path / "a", tmp_path / "b"])
    assert leaked(corpus.sets) == set()
    assert sorted(one.text for one in corpus.of(["labels"])) == ["Ferries again", "Salt on the road", "The tide is low"]


def test_no_article_is_on_both_sides(tmp_path: Path) -> None:
    """Where a publisher's split puts comments of one article on both sides, all of them only measure."""
    rows = [
        record("questions", n, f"Answer number {n}.", {"off_topic": 0}, split=split, article_id=f"question {n // 2}")
        for n, split in enumerate(["train", "test"] * 10 + ["train"] * 40)
    ]
    write_records(tmp_path / "questions.jsonl", rows)
    sides: dict[str | None, set[str | None]] = {}
    for one in load([tmp_path]).sets["questions"]:
        sides.setdefault(one.article_id, set()).add(one.split)
    assert all(sides[f"question {n}"] == {"held_out"} for n in range(10))
    assert {len(side) for side in sides.values()} == {1}
    assert {"train"} in sides.values()


def test_added_rows_move_nobody(corpus: Corpus, tmp_path: Path) -> None:
    """With more comments in every file, and a file more, every comment stays on the side it was on."""
    sets = written_sets()
    for name, records in sets.items():
        # More debates under new articles; elsewhere more comments on what there is.
        where = [f"new {n}" if name == "ukp_roomfordebate" else records[n].article_id for n in range(20)]
        head = "off_topic" if where[0] else "profanity"
        new = (record(name, 1000 + n, f"New in {name}: {n}.", {head: 0}, article_id=where[n]) for n in range(20))
        sets[name] = [*new, *records]
    sets["site"] = [record("site", n, f"A comment of ours, number {n}.", {"profanity": 0}) for n in range(50)]
    more = load([write_sets(tmp_path / "more", sets)])
    sides = {one.id: one.split for records in more.sets.values() for one in records}
    before = {one.id: one.split for records in corpus.sets.values() for one in records}
    assert {name: sides[name] for name in before} == before
    assert {one.split for one in more.sets["site"]} == {"train", "held_out"}


@pytest.mark.parametrize("works", [1, 2, 3, 4, 10])
def test_a_set_of_few_works_is_measured_too(works: int, tmp_path: Path) -> None:
    """Of however few works or articles one is held out, as long as another is left to learn from."""
    where = [{"article_id": f"video {n % works}"} for n in range(200)]
    rows = [record("videos", n, f"Comment {n}.", {"off_topic": 0}, **where[n]) for n in range(200)]
    write_records(tmp_path / "videos.jsonl", rows)
    sides = {one.split for one in load([tmp_path]).sets["videos"]}
    assert sides == ({"train"} if works == 1 else {"train", "held_out"})
