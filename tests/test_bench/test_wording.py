"""Other engines' words on the held-out rows: asked once a text, remembered, and shown as what they are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import environments, wording
from bench.environments import REQUIREMENTS
from bench.verdicts import ENGINES, GRADED
from bench.wording import table, verdicts
from models.comment import Comment
from training.evaluate import compared
from training.heldout import HeldOut

ENGINE = """
class profanity:
    load_censor_words = staticmethod(lambda: None)
    contains_profanity = staticmethod(lambda text: "damn" in text)
"""
TEXTS = ["Damn, the ferry is late.", "a damn\nshame", "The ferry is late.", "\ud800"]


def test_each_engine_has_its_environment() -> None:
    """And those whose number is a probability are among them."""
    assert ENGINES.keys() <= {path.stem for path in REQUIREMENTS.glob("*")}
    assert ENGINES.keys() >= GRADED


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Environments with an engine of our own making in the place of better-profanity."""
    name = "better-profanity"
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / f"{name}.txt").write_text("")
    monkeypatch.setattr(environments, "REQUIREMENTS", tmp_path / "requirements")
    monkeypatch.setattr(environments, "HOME", tmp_path)
    monkeypatch.setattr(wording, "HOME", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "made"))
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "better_profanity.py").write_text(ENGINE)
    return tmp_path / name


def test_an_engine_is_asked_in_its_environment_and_only_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said is kept; line ends and half characters reach it."""
    monkeypatch.setattr(environments, "_run", lambda *command: home.mkdir(exist_ok=True))
    monkeypatch.setattr(wording, "python_for", lambda name: environments.python_for(name) and sys.executable)
    assert list(verdicts("better-profanity", TEXTS).values()) == [0.0, 1.0, 0.0, 0.0]
    monkeypatch.setattr(wording, "_asked", lambda python, name, texts: [0.5] * len(texts))
    assert list(verdicts("better-profanity", [*TEXTS, "new"]).values()) == [0.0, 1.0, 0.0, 0.0, 0.5]


def test_figures_of_an_answer() -> None:
    """AUC only where answers are graded; what is all of one kind has one share."""
    both = compared([0.9, 0.2, 0.6, 0.1], [1, 1, 0, 0], 0.5, graded=True)
    assert both == "AUC 0.750, F1 0.500, 50.0% found, 50.0% false"
    assert compared([1.0, 0.0], [1, 0], 0.5, graded=False) == "F1 1.000, 100.0% found, 0.0% false"
    assert compared([1.0, 0.0], [0, 0], 0.5, graded=True) == "50.0% false"


def test_table() -> None:
    """A row a set, a column an engine."""
    one = HeldOut("profanity", "news", "gold", [Comment("a"), Comment("b")], [0, 1], ["", ""])
    lines = table([one], {"ours": {"news": "x"}, "theirs": {"news": "y"}}).splitlines()
    assert lines[-1] == "| news | gold | 2 (1) | x | y |"
    assert len({line.count("|") for line in lines}) == 1
