"""What a run is trained on: read, cleaned of what gives labels away, each text once, and nothing held out among it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.record import Record
from models.records import RecordsRejected, write_records
from tests.test_training.written import record
from training.data import NoData, clean, load, part

GOOD = '{"format": 1, "id": "a", "text": "The tide was low.", "labels": {"profanity": 0}}\n'
NO_LABELS = '{"format": 1, "id": "b", "text": "The tide was high."}\n'
LOW = [record("harbour", 1, "The tide was low.", {"profanity": 0})]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("salt &amp; sand", "salt & sand"),
        ("&amp;#39;tis late &amp;lt;3", "'tis late <3"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("RT @someone: RT @other the gate is open", "the gate is open"),
        ('"@someone: the gate is open', "the gate is open"),
        ("@USER see URL and [URL], <user>!", "see and , !"),
        ("ask the user at curl.example", "ask the user at curl.example"),
        ("start the cart", "start the cart"),
        ("two   spaces\t\tthen\nlines", "two spaces then\nlines"),
        ("@USER URL", ""),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    """What publishers wrote over names and addresses goes, since it tells the set; a person's own words stay."""
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("split", "expected"), [("train", "train"), ("dev", "held_out"), ("test", "held_out"), ("final", "final")]
)
def test_a_sets_own_split_is_kept(split: str, expected: str) -> None:
    """Where the publisher drew the line, it stays."""
    assert part(record("set", 1, "Any text.", {"profanity": 0}, split=split)) == expected


def without_split(number: int, **where: str) -> Record:
    """A comment of a set that brings no split."""
    return record("set", number, f"Comment {number}.", {"off_topic": 0}, **where)


@pytest.mark.parametrize("where", ["work", "article_id"])
def test_a_set_without_split_is_cut_by_work_or_article(where: str) -> None:
    """All comments of one work or article are on the same side, and about a fifth of the works are held out."""
    sides = [
        {part(without_split(number, **{where: f"place {place}"})) for number in range(place * 5, place * 5 + 5)}
        for place in range(400)
    ]
    assert all(len(side) == 1 for side in sides)
    assert 50 <= sides.count({"held_out"}) <= 110


def test_comments_under_articles_are_cut_by_article_whatever_their_split() -> None:
    """A publisher's random split would put comments of one article on both sides."""
    sides = {part(record("set", n, f"{n}", {"off_topic": 0}, article_id="one", split="train")) for n in range(30)}
    assert len(sides) == 1


def test_files_and_folders_are_read(tmp_path: Path) -> None:
    """JSONL, gzipped or not, and CSV; other files of a folder are no data. The manifest gets each file's figures."""
    write_records(tmp_path / "harbour.jsonl.gz", LOW)
    (tmp_path / "ours.jsonl").write_text(GOOD.replace("low", "so low"))
    (tmp_path / "table.csv").write_text("text,profanity\nThe ferry left.,0\n")
    (tmp_path / "LICENCES.md").write_text("# Licences\n")
    corpus = load([tmp_path])
    assert {name: len(records) for name, records in corpus.sets.items()} == {"harbour": 1, "ours": 1, "table": 1}
    assert [(file.name, file.rows, file.skipped) for file in corpus.files] == [
        ("harbour", 1, 0),
        ("ours", 1, 0),
        ("table", 1, 0),
    ]
    assert load([tmp_path, tmp_path / "ours.jsonl"]) == corpus


def test_a_bad_line_is_refused_or_skipped_and_counted(tmp_path: Path) -> None:
    """The file is named with its line; told to skip, the good lines are read and the manifest can say how many not."""
    (tmp_path / "ours.jsonl").write_text(GOOD + "\n" + NO_LABELS)
    with pytest.raises(RecordsRejected, match=r"ours\.jsonl: 1 bad line\(s\)\n  line 3: labels is missing"):
        load([tmp_path])
    (file,) = load([tmp_path], skip_bad=True).files
    assert (file.rows, file.skipped) == (1, 1)


def test_nothing_to_read(tmp_path: Path) -> None:
    """A folder without labelled comments is an error that says what was looked for."""
    with pytest.raises(NoData, match=r"no \.jsonl or .*csv file in"):
        load([tmp_path])


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A misspelt folder beside a good one must not be passed over: the fit would silently lack it."""
    write_records(tmp_path / "harbour.jsonl.gz", LOW)
    with pytest.raises((NoData, OSError), match="labeled"):
        load([tmp_path, tmp_path / "labeled"])


def test_a_text_that_is_all_placeholders_is_left_out(tmp_path: Path) -> None:
    """Nothing is left to learn from."""
    write_records(tmp_path / "harbour.jsonl.gz", [*LOW, record("harbour", 2, "@USER URL", {"profanity": 1})])
    assert [one.id for one in load([tmp_path]).sets["harbour"]] == ["harbour:1"]
