"""Each half runs without the other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture.source import ROOT, modules_of


def without_data(folder: str, names: list[str]) -> list[str]:
    """Leave out what is data: the bundle that ships, and what Python keeps for itself."""
    return [name for name in names if name == "__pycache__" or (name, Path(folder).name) == ("default", "models")]


@pytest.mark.parametrize("half", ["service", "training"])
def test_a_half_imports_with_the_other_absent(tmp_path: Path, half: str) -> None:
    """Every file of one half, and of models, imports from a tree that has no other half."""
    for room in (half, "models"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=without_data)
    names = [module.name for module in modules_of(half, tmp_path)]
    assert names
    program = f"import importlib\nfor name in {names}: importlib.import_module(name)"
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
