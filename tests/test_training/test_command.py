"""``python -m training``: what can't be used is named, in one line, with exit code 2 and nothing written."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from models.heads import HEAD_NAMES
from tests.test_training.conftest import toml
from tests.test_training.fake_network import network
from tests.test_training.written import record, write_sets
from training import teacher
from training.__main__ import main

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(
    labelled: Path, recipe_file: Path, fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs a fit over the small bundle with some of its options changed: its exit code and what it printed in red."""

    def run(**changed: str | list[Path] | Path) -> tuple[int, str]:
        given = {"data": [labelled], "recipe": recipe_file, "base": fitted, "out": tmp_path / "out", **changed}
        arguments = ["fit"]
        for name, value in given.items():
            arguments += [f"--{name}", *(map(str, value) if isinstance(value, list) else [str(value)])]
        code = main(arguments)
        return code, capsys.readouterr().err

    return run


def refused(
    command: Command, out: Path, *said: str, before: str | None = None, **changed: str | list[Path] | Path
) -> None:
    """Exit code 2, every phrase said, nobody's traceback, and no bundle; perhaps ``before`` a step had begun."""
    code, errors = command(**changed)
    assert code == 2
    for phrase in said:
        assert phrase in errors
    assert "Traceback" not in errors
    assert before is None or before not in errors
    assert not out.exists()


def test_no_such_folder(command: Command, tmp_path: Path) -> None:
    """A folder that isn't there is named, also beside one that is."""
    refused(command, tmp_path / "out", "nosuch", data=[tmp_path / "nosuch"])


def test_no_such_folder_beside_a_good_one(command: Command, labelled: Path, tmp_path: Path) -> None:
    """The fit must not go on without the site's own labels because of a typing error."""
    refused(command, tmp_path / "out", "nosuch", data=[labelled, tmp_path / "nosuch"])


def test_an_empty_folder(command: Command, tmp_path: Path) -> None:
    """And what was looked for."""
    (tmp_path / "empty").mkdir()
    refused(command, tmp_path / "out", "empty", ".jsonl", data=[tmp_path / "empty"])


def test_a_bad_line_is_named(command: Command, tmp_path: Path) -> None:
    """File, line and reason; with more than one, all of them."""
    bad = tmp_path / "ours.jsonl"
    bad.write_text('{"format": 1, "id": "a", "text": "x", "labels": {}}\n{"format": 1\n{"format": 9}\n')
    refused(command, tmp_path / "out", "ours.jsonl", "line 2: not JSON", "line 3: format is 9", data=[bad])


def test_a_damaged_file(command: Command, tmp_path: Path) -> None:
    """A gzip stream that breaks off is refused, even when told to skip bad lines."""
    rows = [record("ours", n, f"Number {n * 7919}", {"profanity": 0}) for n in range(500)]
    path = write_sets(tmp_path / "sets", {"ours": rows}) / "ours.jsonl.gz"
    path.write_bytes(path.read_bytes()[:2000])
    refused(command, tmp_path / "out", "ours.jsonl.gz", "damaged gzip", data=[path])


def test_an_unreadable_file(command: Command, tmp_path: Path) -> None:
    """A link to nowhere in the folder is an error and not silence."""
    write_sets(tmp_path / "sets", {"ours": [record("ours", 1, "Text", {"profanity": 0})]})
    (tmp_path / "sets" / "theirs.jsonl").symlink_to(tmp_path / "gone.jsonl")
    refused(command, tmp_path / "out", "theirs.jsonl", data=[tmp_path / "sets"])


def test_no_such_recipe(command: Command, tmp_path: Path) -> None:
    """Neither by name nor by file."""
    refused(command, tmp_path / "out", "nosuch.toml", recipe="nosuch")
    refused(command, tmp_path / "out", "else.toml", recipe=tmp_path / "else.toml")


def test_a_recipe_with_a_typing_error(command: Command, tmp_path: Path) -> None:
    """The parameter that there is not."""
    (tmp_path / "ours.toml").write_text("sead = 1\n")
    refused(command, tmp_path / "out", "ours.toml", "sead", recipe=tmp_path / "ours.toml")


@pytest.mark.parametrize(("name", "value"), [("seed", "often"), ("folds", 1), ("mix", 3)])
def test_a_recipe_with_an_impossible_value(
    command: Command, recipe_file: Path, tmp_path: Path, name: str, value: str | int
) -> None:
    """A value that can't be is refused by its parameter's name, before an hour was spent on reading and fitting."""
    given = tomllib.loads(recipe_file.read_text("utf-8"))
    (tmp_path / "ours.toml").write_text(toml({**given, name: value}))
    refused(command, tmp_path / "out", name, before="reading", recipe=tmp_path / "ours.toml")


def test_no_such_base(command: Command, tmp_path: Path) -> None:
    """A base that isn't there, or isn't what its manifest says, is refused with what was checked."""
    refused(command, tmp_path / "out", "manifest", base=tmp_path / "nosuch")


def test_a_damaged_base(command: Command, fitted: Path, tmp_path: Path) -> None:
    """One bit is enough."""
    shutil.copytree(fitted, tmp_path / "base")
    with (tmp_path / "base" / "tables.joblib").open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(b"\x55")
    refused(command, tmp_path / "out", "tables.joblib is not the file", base=tmp_path / "base")


@pytest.mark.parametrize("version", ["7", "2026.13.1", "../escape"])
def test_a_version_that_is_none(command: Command, tmp_path: Path, version: str) -> None:
    """YYYY.M.N, and nothing that leads out of the folder of bundles; said before anything is read."""
    refused(command, tmp_path / "out", "version", before="reading", version=version)


def test_data_without_one_heads_labels(command: Command, tmp_path: Path) -> None:
    """A head that nothing teaches is named; a bundle without it would answer nonsense."""
    rows = [record("ours", n, f"Number {n} {'shit' * (n % 2)}", {"profanity": n % 2}) for n in range(80)]
    write_sets(tmp_path / "sets", {"ours": rows})
    refused(command, tmp_path / "out", "off_topic", data=[tmp_path / "sets"])


def test_the_output_is_no_bundle(command: Command, tmp_path: Path) -> None:
    """``--out`` replaces an earlier bundle, but never a folder of something else."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("Dear Ann")
    code, _ = command(out=tmp_path / "home")
    assert (tmp_path / "home" / "letter.txt").read_text() == "Dear Ann"
    assert code == 2


def test_teacher_fills_the_cache(
    labelled: Path, recipe_file: Path, teacher_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that a fit without a base will ask for, once; called again, it has nothing to do."""
    stand_in = network()
    monkeypatch.setattr(teacher, "Encoder", stand_in)
    arguments = ["teacher", "--data", str(labelled), "--recipe", str(recipe_file), "--cache", str(tmp_path)]
    assert main(arguments) == 0
    encoded = {teacher.text_key(text) for run in stand_in.runs for text in run}
    stored = [teacher.VectorCache(cache).read(shard) for cache in (teacher_cache, tmp_path) for shard in range(256)]
    assert (
        {key for shard in stored[:256] for key in shard} == {key for shard in stored[256:] for key in shard} == encoded
    )
    stand_in.runs.clear()
    assert main(arguments) == 0
    assert stand_in.runs == []


def test_card(fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the bundle's own; a folder without one is refused."""
    assert main(["card", "--bundle", str(fitted)]) == 0
    assert capsys.readouterr().out.strip() == (fitted / "card.md").read_text("utf-8").strip()
    assert main(["card", "--bundle", str(tmp_path)]) == 2
    assert "card.md" in capsys.readouterr().err


def test_evaluate(fitted: Path, labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table that the card shows, for each bundle named, with the licences behind it."""
    assert main(["evaluate", "--data", str(labelled), "--bundle", str(fitted), str(fitted)]) == 0
    printed = capsys.readouterr().out
    shown = [line for line in (fitted / "card.md").read_text("utf-8").splitlines() if line.startswith("| profanity | ")]
    assert shown
    assert all(printed.count(line) == 2 for line in shown)
    assert printed.count("Bundle 2026.11.7, all licences") == 2
    assert "| all licences | all licences |" in printed
    assert all(printed.count(f"Slices of {head}\n") == 2 for head in HEAD_NAMES)
    assert "English" in printed


def test_evaluate_the_final_half(fitted: Path, labelled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The other half of the suites has other rows."""
    tables = []
    for split in ("dev", "final"):
        assert main(["evaluate", "--data", str(labelled), "--bundle", str(fitted), "--split", split]) == 0
        tables.append([line for line in capsys.readouterr().out.splitlines() if re.match(r"\| \w+ \| suite ", line)])
    assert len(tables[0]) == len(tables[1]) == 5
    assert tables[0] != tables[1]


def test_evaluate_no_bundle(labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory that is no bundle is refused with what was checked."""
    assert main(["evaluate", "--data", str(labelled), "--bundle", str(tmp_path)]) == 2
    assert "manifest" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["fit"], ["fit", "--data", "x", "--licences", "some"], ["promote"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A call that can't be meant is answered with how to call it."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m training" in capsys.readouterr().err
