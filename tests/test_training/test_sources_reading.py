"""What the readers share."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from training.sources import reading
from training.sources.source import SourceFilesMissing, file_in


def table(path: Path, *rows: dict[str, object], delimiter: str = ",") -> None:
    """Write a publisher's table: all rows' keys are headings, in their order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        headings = list(dict.fromkeys(key for row in rows for key in row))
        writer = csv.DictWriter(stream, headings, delimiter=delimiter, restval="")
        writer.writeheader()
        writer.writerows(rows)


def test_tables_keep_line_ends_and_long_cells(tmp_path: Path) -> None:
    """A cell may hold line ends and be longer than the csv module likes."""
    table(tmp_path / "t.tsv", {"a": "one\ntwo", "b": "x" * 200_000}, delimiter="\t")
    (row,) = reading.table(tmp_path / "t.tsv", delimiter="\t")
    assert (row["a"], len(row["b"])) == ("one\ntwo", 200_000)


@pytest.mark.parametrize(
    ("clean", "text", "cleaned"),
    [
        (reading.plain, " \ufeffa &amp; b\0 &#128514; ", "a & b 😂"),
        (reading.squeezed, "a \t b \n \n\n  c\nd", "a b\n\nc\nd"),
        (reading.untokenised, "so , he ( 90 % )  left\n!", "so, he (90%) left!"),
        (reading.masked, "Ask ann.lee+x@mail.example.org, not @ann", "Ask <email>, not @ann"),
    ],
)
def test_clean_text(clean: Callable[[str], str], text: str, cleaned: str) -> None:
    """Each way to clean takes away what it says, and a second time nothing more."""
    assert clean(text) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("positive", "votes", "label"), [(2, 4, 1), (1, 4, None), (0, 4, 0), (3, 3, 1), (0, 0, None), (1, 0, None)]
)
def test_votes(positive: int, votes: int, label: int | None) -> None:
    """Half make a yes, nobody a no; where nobody was asked nobody answered."""
    assert reading.vote(positive, votes) == label


def test_the_first_of_repeats_stays() -> None:
    """The same text under another article or parent is another comment; a text of nothing is none."""
    records = [
        reading.labelled("set", number, text, {}, article_id=article)
        for number, (text, article) in enumerate([("Yes", "a"), ("yes", "a"), ("Yes", "b"), ("", "a")])
    ]
    assert [record.id for record in reading.without_repeats(records)] == ["set:0", "set:2"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """All spellings that were looked for are in the message; the first that is there is taken."""
    with pytest.raises(SourceFilesMissing, match=r"no A b\.csv or A_b\.csv"):
        file_in(tmp_path, "A b.csv|A_b.csv")
    (tmp_path / "A_b.csv").touch()
    assert file_in(tmp_path, "A b.csv|A_b.csv") == tmp_path / "A_b.csv"
