"""The registry of public sets, and what ``prepare`` makes of a folder of their files."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from models.records import read_records
from training.prepare import LICENCES, add_arguments, prepare, run
from training.sources import SOURCES, Source

COPYLEFT_OR_CLOSED = ("BY-SA", "NC", "GPL", "research", "©")


def ethos(raw: Path) -> None:
    """A set of two comments, in its publisher's form."""
    (raw / "ethos").mkdir(parents=True)
    (raw / "ethos" / "Ethos_Dataset_Binary.csv").write_text("comment;isHate\nLovely tune;0.0\n ;0.0\n")


def test_every_set_is_named_once() -> None:
    """No two sets share a name, and each says where it is from, under which licence and how to cite it."""
    assert len({source.name for source in SOURCES}) == len(SOURCES)
    assert all(source.url and source.licence and source.citation and source.files for source in SOURCES)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_permissive_means_permissive(source: Source) -> None:
    """A set that may be used freely names no licence that asks for more than attribution, and the other way round."""
    assert source.permissive == (not any(word in source.licence for word in COPYLEFT_OR_CLOSED))


def test_a_set_is_written_with_its_licence(tmp_path: Path) -> None:
    """The file holds the comments that have text; the licences list rows, licence and citation."""
    ethos(tmp_path / "raw")
    (prepared,) = prepare(tmp_path / "raw", tmp_path / "out", ["ethos"])
    assert (prepared.rows, prepared.path) == (1, tmp_path / "out" / "ethos.jsonl.gz")
    (record,) = read_records(tmp_path / "out" / "ethos.jsonl.gz").records
    assert (record.text, record.source) == ("Lovely tune", "ethos")
    listed = (tmp_path / "out" / LICENCES).read_text()
    assert "## ethos\n\n- Rows: 1\n- Licence: GPL-3.0; not permissive" in listed
    assert "Mollas" in listed


def test_missing_files_are_named_and_not_fatal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A set whose files are missing is left out, with what is missing and where to get it."""
    ethos(tmp_path / "raw")
    prepared = {entry.source.name: entry for entry in prepare(tmp_path / "raw", tmp_path / "out")}
    assert len(prepared) == len(SOURCES)
    assert [name for name, entry in prepared.items() if entry.path] == ["ethos"]
    assert prepared["told_br"].missing == ("ToLD-BR.csv",)
    told = next(line for line in capsys.readouterr().err.splitlines() if line.startswith("told_br:"))
    assert "ToLD-BR.csv" in told
    assert "https://github.com/JAugusto97/ToLD-Br" in told
    assert "told_br" not in (tmp_path / "out" / LICENCES).read_text()


@pytest.mark.parametrize(("sets", "code"), [("ethos", 0), ("told_br", 1), ("ethos,nonsense", 2)])
def test_the_command_says_how_it_went(tmp_path: Path, sets: str, code: int) -> None:
    """0 where a set was prepared, 1 where none could be, 2 for a set that there is not."""
    ethos(tmp_path / "raw")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["--raw", f"{tmp_path}/raw", "--out", f"{tmp_path}/out", "--sets", sets])) == code
