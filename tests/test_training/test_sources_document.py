"""What docs/data.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.comment import Article
from models.records import CSV_FIELDS, read_records
from training.sources import SOURCES, Source

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The document's code block in that language."""
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    return found.group(1)


def table_row(source: Source) -> list[str]:
    """The cells of the row that names the set."""
    rows = [line.strip("| ").split("|") for line in DOCUMENT.splitlines() if line.startswith("| ")]
    (row,) = [row for row in rows if source.name in [name.strip() for name in row[0].split(",")]]
    return [cell.strip() for cell in row]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_set_has_its_row(source: Source) -> None:
    """The table names each set once, with its folder and whether it is permissive."""
    _, folder, _, _, permissive = table_row(source)
    assert permissive == ("yes" if source.permissive else "no")
    if source.folder == ".":
        assert all(f"`{file.partition('/')[0]}`" in folder for file in source.files)
    else:
        assert (folder.strip("`") or source.name) == source.where(Path("raw")).name


@pytest.mark.parametrize(("language", "suffix"), [("json", ".jsonl"), ("csv", ".csv")])
def test_the_examples_are_read(tmp_path: Path, language: str, suffix: str) -> None:
    """Both example files are good files, and say the same of the second comment."""
    path = tmp_path / f"ours{suffix}"
    path.write_text(block(language), encoding="utf-8")
    _, second = read_records(path).records
    assert second.text == "Cheap watches, click my name!"
    assert second.labels["off_topic"] == 1
    assert isinstance(second.article, Article)
    assert second.article.title == "Bridge closed for repairs"


def test_every_csv_heading_is_named() -> None:
    """The headings that count are all there."""
    section = DOCUMENT[DOCUMENT.index("### CSV") :]
    assert not [name for name in CSV_FIELDS if f"`{name}`" not in section]
