"""The self-written evaluation suites can be trusted as measures: well-formed, balanced, and final apart from dev."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from models.heads import HEAD_NAMES
from models.record import Record
from models.records import read_records

SUITES = Path(__file__).resolve().parents[2] / "training" / "suites"
#: Suite → the head it asks.
ALTERNATING = {"obfuscation": "profanity", "innocent_words": "profanity", "identity_terms": "profanity"}
BY_ARTICLE = {"plain_spoilers": "spoiler", "everyday_off_topic": "off_topic"}
LABELLED = ALTERNATING | BY_ARTICLE
EVERY = sorted([*LABELLED, "unrelated_articles"])


def _read(suite: str) -> list[Record]:
    """The suite's rows; refused with line numbers where one is no labelled comment."""
    return read_records(SUITES / f"{suite}.jsonl").records


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def test_every_file_is_tested() -> None:
    """No suite lies in the folder without standing in this file's tables."""
    assert sorted(path.stem for path in SUITES.glob("*.jsonl")) == EVERY


@pytest.mark.parametrize("suite", EVERY)
def test_rows_are_well_formed(suite: str) -> None:
    """Ids name their suite and are unique, no text stands twice, every row has a class, and nobody marked spans."""
    rows = _read(suite)
    assert all(row.id.startswith(f"suite:{suite}:") and row.meta["class"] and not row.spans for row in rows)
    assert len({row.id for row in rows}) == len(rows)
    assert [text for text, count in Counter(_folded(row.text) for row in rows).items() if count > 1] == []


@pytest.mark.parametrize(("suite", "head"), LABELLED.items())
def test_labels_are_known_and_enough(suite: str, head: str) -> None:
    """At least 200 rows, each answering the suite's own head and no other."""
    rows = _read(suite)
    assert head in HEAD_NAMES
    assert len(rows) >= 200
    assert {tuple(row.labels) for row in rows} == {(head,)}
    assert {row.labels[head] for row in rows} <= {0, 1}


@pytest.mark.parametrize("suite", ALTERNATING)
def test_splits_alternate_within_a_class(suite: str) -> None:
    """Every class has as many rows for development as for the final look, give or take one."""
    counts = Counter((row.meta["class"], row.split) for row in _read(suite))
    assert {split for _, split in counts} == {"dev", "final"}
    assert all(abs(counts[name, "dev"] - counts[name, "final"]) <= 1 for name, _ in counts)


@pytest.mark.parametrize(("suite", "head"), BY_ARTICLE.items())
def test_splits_share_no_article(suite: str, head: str) -> None:
    """No article or work stands in both splits, and each split has its fair part of both labels."""
    rows = _read(suite)
    parts = {split: [row for row in rows if row.split == split] for split in ("dev", "final")}
    assert sum(map(len, parts.values())) == len(rows)
    for name in ("article_id", "work"):
        dev, final = ({getattr(row, name) for row in part} - {None} for part in parts.values())
        assert dev.isdisjoint(final)
    for part in parts.values():
        assert 0.45 <= len(part) / len(rows) <= 0.55
        assert 0.4 <= sum(row.labels[head] or 0 for row in part) / len(part) <= 0.5


@pytest.mark.parametrize("suite", BY_ARTICLE)
def test_every_row_has_its_article(suite: str) -> None:
    """Questions about a comment under an article come with the article's id, title and body."""
    rows = _read(suite)
    assert all(row.article_id and row.article and row.article.title and row.article.body for row in rows)
    assert len({row.article_id for row in rows}) >= 30


def test_obfuscation_is_varied() -> None:
    """Ten ways of hiding a word, at least 40 words hidden."""
    rows = _read("obfuscation")
    assert len({row.meta["class"] for row in rows}) == 10
    assert len({row.meta["term"] for row in rows}) >= 40


def test_unrelated_articles() -> None:
    """Twenty articles of 80 to 150 words, unlabelled, on twenty subjects."""
    rows = _read("unrelated_articles")
    lengths = [len((row.article.body or "").split()) for row in rows if row.article]
    assert len(lengths) == len({row.meta["subject"] for row in rows}) == 20
    assert all(80 <= length <= 150 for length in lengths)
    assert not any(row.labels for row in rows)


@pytest.mark.parametrize("suite", LABELLED)
def test_readme_counts_are_true(suite: str) -> None:
    """The README's table gives each class of each suite with its rows in either split."""
    counts = Counter((row.meta["class"], row.split) for row in _read(suite))
    readme = (SUITES / "README.md").read_text(encoding="utf-8")
    for name in sorted({name for name, _ in counts}):
        assert f"| {suite} | {name} | {counts[name, 'dev']} | {counts[name, 'final']} |" in readme
