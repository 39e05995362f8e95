"""CSV files as labelled comments."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from models.comment import Article
from models.records import BadLine, RecordsRejected, read_csv, read_records

HEADINGS = "id,text,profanity,spoiler,article_title,parent,lang,weight"


def write(tmp_path: Path, text: str, name: str = "comments.csv") -> Path:
    """A file with this text in UTF-8."""
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def test_columns_become_fields(tmp_path: Path) -> None:
    """Default headings map onto the record; empty cells are null, other columns are kept in meta."""
    path = write(tmp_path, f'\ufeff{HEADINGS},page\nc1,"Oh, no",1,,Budget,Hi,en,0.5,7\n')
    (record,) = read_records(path).records
    assert (record.id, record.text, record.lang, record.weight) == ("c1", "Oh, no", "en", 0.5)
    assert record.labels == {"profanity": 1, "spoiler": None}
    assert record.article == Article("Budget", None)
    assert record.parent == "Hi"
    assert record.meta == {"page": "7"}


def test_a_mapping_names_any_columns(tmp_path: Path) -> None:
    """Fields may stand under other headings, and a field of no other meaning is a label."""
    path = write(tmp_path, "comment,is_toxic\nHello,0\nBye,1.0\n")
    records = read_csv(path, {"text": "comment", "toxicity": "is_toxic"}).records
    assert [(record.text, record.labels) for record in records] == [
        ("Hello", {"toxicity": 0}),
        ("Bye", {"toxicity": 1}),
    ]


def test_rows_without_ids_are_called_by_their_line(tmp_path: Path) -> None:
    """Without an id column, file name and first line of the row make one."""
    path = write(tmp_path, 'text,profanity\n"two\nlines",0\nnext,1\n', "site.csv")
    assert [record.id for record in read_records(path).records] == ["site:2", "site:4"]


def test_line_numbers_count_embedded_line_ends(tmp_path: Path) -> None:
    """A bad row is named by the line it begins on, whatever line ends stood in the rows before."""
    path = write(tmp_path, 'id,text,profanity\n1,"a\nb\nc",0\n2,ok,9\n3,ok,0\n')
    with pytest.raises(RecordsRejected) as refused:
        read_records(path)
    assert refused.value.bad == (BadLine(5, "label profanity is '9', not 0, 1 or empty"),)
    assert [record.id for record in read_records(path, skip_bad=True).records] == ["1", "3"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,Hello", "2 cells under 8 headings"),
        (",Hello,0,0,,,,", "id is missing or empty"),
        ("1,,0,0,,,,", "text is missing or empty"),
        ("1,Hello,yes,0,,,,", "label profanity is 'yes'"),
        ("1,Hello,0,0,,,,heavy", "weight is 'heavy', not a number"),
        ("1,Hello,0,0,,,,-1", "weight is -1.0"),
        ("1,Hello,0,0,,,,nan", "weight is nan"),
        ('1,"Hello" you,0,0,,,,', "not CSV"),
        ("1,a\0b,0,0,,,,", "text holds a NUL"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    """A bad row is refused alone, with what is wrong."""
    result = read_records(write(tmp_path, f"{HEADINGS}\n{row}\n9,Good,0,0,,,,\n"), skip_bad=True)
    assert [record.id for record in result.records] == ["9"]
    assert [bad.line for bad in result.skipped] == [2]
    assert reason in result.skipped[0].reason


def test_bytes_that_are_no_text_spoil_only_their_row(tmp_path: Path) -> None:
    """A row that is not UTF-8 is refused alone."""
    path = tmp_path / "comments.csv"
    path.write_bytes(b"id,text,profanity\n1,caf\xe9,0\n2,tea,0\n")
    result = read_records(path, skip_bad=True)
    assert [record.id for record in result.records] == ["2"]
    assert result.skipped == (BadLine(2, "not UTF-8"),)


@pytest.mark.parametrize("text", ["", "id,profanity\n1,0\n", "id,text\n1,Hello\n", '"id"x,text\n'])
def test_a_table_without_text_or_labels_is_refused(tmp_path: Path, text: str) -> None:
    """A file whose headings cannot make comments is refused at line 1."""
    with pytest.raises(RecordsRejected, match="line 1"):
        read_records(write(tmp_path, text), skip_bad=True)


def test_gzipped_and_long(tmp_path: Path) -> None:
    """A gzipped file is read, and a cell may be longer than the csv module likes."""
    path = tmp_path / "comments.csv.gz"
    path.write_bytes(gzip.compress(f"id,text,article_body,spoiler\n1,Hi,{'word ' * 60_000},0\n".encode()))
    (record,) = read_records(path).records
    assert record.article is not None
    assert len(record.article.body or "") == 300_000
