"""Labelled-comment files: what is written comes back, and what is bad is refused by line."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.comment import Article, Comment
from models.records import BadLine, MarkedSpan, Record, RecordsRejected, read_records, write_records

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
SOME = st.none() | WORDS
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
#: Known names are excluded where they would stand for something else.
EXTRA = st.dictionaries(WORDS.map(lambda word: f"x_{word}"), JSON, max_size=2)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record that a file can hold."""
    text = draw(WORDS.filter(lambda word: bool(word.strip())))
    start = draw(st.integers(0, len(text) - 1))
    kind = draw(SOME)
    extra = draw(EXTRA)
    context = draw(EXTRA)
    return Record(
        id=draw(WORDS),
        text=text,
        labels=draw(st.dictionaries(WORDS, st.sampled_from([0, 1, None]), max_size=3)),
        lang=draw(SOME),
        article_id=draw(SOME),
        work=draw(SOME),
        kind=kind,
        article=draw(st.none() | st.builds(Article, SOME, SOME, st.just(kind))),
        parent=draw(SOME),
        weight=draw(st.floats(0, 100)),
        label_source=draw(SOME),
        weak_labels=draw(st.dictionaries(WORDS, st.floats(0, 1), max_size=2)),
        spans=tuple(draw(st.lists(st.just(MarkedSpan(start, len(text), draw(SOME), draw(EXTRA))), max_size=2))),
        split=draw(SOME),
        provenance=draw(st.dictionaries(st.sampled_from(["source", "by"]), WORDS)),
        meta=draw(st.dictionaries(WORDS, JSON, max_size=2)),
        extra={**extra, "context": context} if context else extra,
    )


def row(**changes: Any) -> str:
    """A good line, with changes; ``...`` takes a key away."""
    good = {"format": 1, "id": "site:1", "text": "What a match!", "labels": {"profanity": 0}}
    return json.dumps({key: value for key, value in (good | changes).items() if value is not ...})


def reasons(tmp_path: Path, *lines: str | bytes) -> dict[int, str]:
    """Why each bad line of a file with these lines is refused."""
    path = tmp_path / "comments.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    with pytest.raises(RecordsRejected) as refused:
        read_records(path)
    return {bad.line: bad.reason for bad in refused.value.bad}


@given(st.lists(records(), max_size=4, unique_by=lambda record: record.id), st.sampled_from([".jsonl", ".jsonl.gz"]))
def test_what_is_written_comes_back(written: list[Record], suffix: str) -> None:
    """Reading a written file gives equal records, in their order, nothing skipped."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"comments{suffix}"
        assert write_records(path, written) == len(written)
        result = read_records(path)
    assert result.records == written
    assert result.skipped == ()


def test_unknown_keys_stay_where_they_stood(tmp_path: Path) -> None:
    """A key that nobody knows survives reading and writing, at every level."""
    line = row(context={"article": {"id": "a", "section": "sport"}, "thread": 7}, mood="glad", spans=[
        {"start": 0, "end": 4, "by": "ann"}])  # fmt: skip
    path = tmp_path / "comments.jsonl"
    path.write_text(line)
    write_records(path, read_records(path).records)
    assert json.loads(path.read_text()) == json.loads(line)


def test_only_four_keys_are_needed(tmp_path: Path) -> None:
    """Absent means null: a line with format, id, text and labels is a comment."""
    path = tmp_path / "comments.jsonl"
    path.write_text("\ufeff" + row() + "\n\n", encoding="utf-8")
    (record,) = read_records(path).records
    assert record == Record("site:1", "What a match!", {"profanity": 0})


def test_same_records_same_bytes(tmp_path: Path) -> None:
    """Neither the order of keys nor the file's name or time shows in a gzipped file."""
    one, two = Record("1", "Hello", {"a": 0, "b": 1}), Record("1", "Hello", {"b": 1, "a": 0})
    write_records(tmp_path / "one.jsonl.gz", [one])
    write_records(tmp_path / "two.jsonl.gz", [two])
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()


def test_the_comment_is_what_features_may_see() -> None:
    """Text, article with its kind, and parent; nothing of labels or provenance."""
    record = Record("1", "Hello", {"spoiler": 1}, article=Article("Title", None, "film"), parent="Hi")
    assert record.kind == "film"
    assert record.comment() == Comment("Hello", Article("Title", None, "film"), "Hi")
    assert Record("1", "Hello", {}, kind="tv").comment() == Comment("Hello", Article(kind="tv"))


@pytest.mark.parametrize(("given_", "source"), [("dataset:told_br", "told_br"), ("review", "review"), (None, "")])
def test_source_without_prefix(given_: str | None, source: str) -> None:
    """A data set goes by its name, other sources by theirs, none by nothing."""
    assert Record("1", "Hello", {}, provenance={"source": given_}).source == source


BAD_LINES = {
    "{": "not JSON",
    "[1]": "not an object but a list",
    '"text"': "not an object but a string",
    row(format=...): "format is None",
    row(format=2): "format is 2",
    row(format=True): "format is True",
    row(id=...): "id is missing",
    row(id=""): "id is missing or empty",
    row(id=7): "id is an integer, not a string",
    row(text=...): "text is missing",
    row(text=""): "text is missing or empty",
    row(text=" \n"): "text is missing or empty",
    row(text=["a"]): "text is a list",
    row(labels=...): "labels is missing",
    row(labels=[1]): "labels is a list, not an object",
    row(labels={"spoiler": 2}): "label spoiler is '2', not 0, 1 or null",
    row(labels={"spoiler": 0.5}): "label spoiler is '0.5'",
    row(labels={"spoiler": True}): "label spoiler is 'True'",
    row(labels={"spoiler": "1"}): "label spoiler is '1'",
    row(weak_labels={"spoiler": 1.5}): "weak label spoiler is '1.5'",
    row(weak_labels={"spoiler": None}): "weak label spoiler is 'None'",
    row(weight=-1): "weight is -1",
    row(weight=float("nan")): "NaN is no number",
    row(weight="1"): "weight is a string, not an integer or a number",
    row(weight=True): "weight is a boolean",
    row(weight=10**400): "weight is 1000",
    row(meta={"x": float("inf")}): "Infinity is no number",
    row(weight=0).replace("0}", "1e999}").replace('": 0', '": 1e999'): "1e999 is no number",
    row(text="a\0b"): "text holds a NUL",
    row(text="a\ud800b"): "lone surrogate",
    row(meta={"x": "\udfff"}): "lone surrogate",
    row(lang=3): "lang is an integer",
    row(split=0): "split is an integer",
    row(context="news"): "context is a string",
    row(context={"article": []}): "context.article is a list",
    row(context={"article": {"title": 1}}): "context.article.title is an integer",
    row(context={"parent": "a\0"}): "context.parent holds a NUL",
    row(provenance={"source": 1}): "provenance.source is not a string",
    row(spans={}): "spans is an object",
    row(spans=[3]): "spans[0] is an integer",
    row(spans=[{"start": 3, "end": 3}]): "spans[0] runs from 3 to 3",
    row(spans=[{"start": 0, "end": 99}]): "spans[0] runs from 0 to 99 in a text of 13 characters",
    row(spans=[{"start": 0, "end": 4.0}]): "spans[0].end is a number, not an integer",
    "[" * 100_000: "nested too deeply",
    '{"format": ' + "1" * 5000 + "}": "a number too long",
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.items(), ids=lambda text: text[:40])
def test_a_bad_line_is_refused_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    """A file with one bad line among good ones is refused, with the line's number and what is wrong."""
    found = reasons(tmp_path, row(), line, row(id="site:2"))
    assert list(found) == [2]
    assert reason in found[2]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A line that is not UTF-8 is refused, the others are not."""
    assert reasons(tmp_path, row(), b'{"text": "\xff"}') == {2: "not UTF-8 at byte 10"}


def test_an_id_stands_once(tmp_path: Path) -> None:
    """The second comment with the same id is the bad one."""
    assert reasons(tmp_path, row(), row(id="site:2"), row()) == {3: "id 'site:1' stands twice in this file"}


def test_line_separators_inside_a_text_end_no_line(tmp_path: Path) -> None:
    """Only a line feed ends a line, so U+2028 and U+0085 stay in the text."""
    path = tmp_path / "comments.jsonl"
    path.write_text(json.dumps(json.loads(row(text="a\u2028b\x85c")), ensure_ascii=False), encoding="utf-8")
    assert read_records(path).records[0].text == "a\u2028b\x85c"


def test_the_message_lists_the_first_ten(tmp_path: Path) -> None:
    """The error's text names the first ten lines and how many there are; the error itself has all."""
    path = tmp_path / "comments.jsonl"
    path.write_text("{\n" * 12)
    with pytest.raises(RecordsRejected) as refused:
        read_records(path)
    message = str(refused.value)
    assert "12 bad line(s)" in message
    assert "line 10:" in message
    assert "line 11:" not in message
    assert len(refused.value.bad) == 12


def test_bad_lines_are_skipped_when_told(tmp_path: Path) -> None:
    """Told to skip, the reader gives the good comments and says what it left out."""
    path = tmp_path / "comments.jsonl"
    path.write_text("\n".join([row(), "[]", row(id="site:2")]))
    result = read_records(path, skip_bad=True)
    assert [record.id for record in result.records] == ["site:1", "site:2"]
    assert result.skipped == (BadLine(2, "not an object but a list"),)


@pytest.mark.parametrize("damage", [lambda packed: packed[:-12], lambda packed: b"no gzip" + packed])
def test_a_damaged_gzip_file_is_refused_even_when_told_to_skip(tmp_path: Path, damage: Any) -> None:
    """What is lost in a cut or foreign stream cannot be counted, so nothing of it is used."""
    path = tmp_path / "comments.jsonl.gz"
    path.write_bytes(damage(gzip.compress((row() + "\n").encode() * 1)))
    with pytest.raises(RecordsRejected, match="damaged gzip stream"):
        read_records(path, skip_bad=True)


@pytest.mark.parametrize(
    "record",
    [
        Record("2", "a\0b", {}),
        Record("2", "a\ud800", {}),
        Record("2", "", {}),
        Record("", "Hello", {}),
        Record("2", "Hello", {"spoiler": 3}),
        Record("2", "Hello", {}, weight=float("nan")),
        Record("2", "Hello", {}, meta={"x": float("inf")}),
        Record("2", "Hello", {}, meta={"pair": (1, 2)}),
        Record("2", "Hello", {}, meta={"set": {1}}),
        Record("2", "Hello", {}, extra={"text": "other"}),
        Record("1", "Hello", {}),
    ],
    ids=str,
)
def test_nothing_is_written_that_would_not_come_back(tmp_path: Path, record: Record) -> None:
    """A record that reading would refuse or change is refused, and the file of before stays."""
    path = tmp_path / "comments.jsonl"
    path.write_text("before")
    with pytest.raises(RecordsRejected, match="line 2"):
        write_records(path, [Record("1", "Hello", {}), record])
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
