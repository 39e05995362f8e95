"""Engines that are compared: each pinned, each asked in the same way."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import environments
from bench.entrant import ENTRANTS, Entrant, alone, batch
from bench.environments import REQUIREMENTS, NotInstalled, python_for

ROOT = Path(__file__).resolve().parents[2]


def test_every_entrant_but_ours_has_its_requirements() -> None:
    """And no file is left over."""
    assert {path.stem for path in REQUIREMENTS.glob("*")} == ENTRANTS.keys() - {"verger"}


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*")), ids=lambda path: path.stem)
def test_requirements_are_pinned(path: Path) -> None:
    """The same versions are measured tomorrow."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)


def test_each_text_is_asked_once() -> None:
    """One in a call, or all in one call where there is such a call."""
    asked: list[str | Sequence[str]] = []
    texts = ["The ferry was late.", "It always is."]
    assert alone(Entrant(asked.append, None), texts) > 0
    assert batch(Entrant(asked.append, None), texts) is None
    assert batch(Entrant(asked.append, asked.append), texts) is not None
    assert asked == [*texts, texts]


def test_ours_answers_as_a_process_of_its_own(tmp_path: Path) -> None:
    """As the contest asks all of them: a line in, a figure out."""
    file = tmp_path / "texts.json"
    texts = ["The ferry was late again.", "Somebody should mend that bridge."]
    file.write_text(json.dumps({"learn": [], "alone": [texts], "batch": [texts]}))
    command = [sys.executable, "-m", "bench.entrant", "verger", str(file)]
    run = subprocess.run(command, input="alone 0\nbatch 0\n", cwd=ROOT, capture_output=True, text=True, check=True)
    ready, *figures = run.stdout.splitlines()
    assert ready == "ready"
    assert [float(line) > 0 for line in figures] == [True, True]


def test_an_engine_that_cannot_be_installed_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are still measured."""
    monkeypatch.setattr(environments, "HOME", tmp_path / "home")
    monkeypatch.setattr(environments, "REQUIREMENTS", tmp_path)
    (tmp_path / "absent.txt").write_text("./no-such-folder-here\n")
    with pytest.raises(NotInstalled, match="no-such-folder-here"):
        python_for("absent")
    assert not (tmp_path / "home" / "absent" / "installed").exists()
