"""The quality table in README is the shipped bundle's own."""

from __future__ import annotations

import re
from pathlib import Path

from models.artifact import MANIFEST
from models.manifest import Manifest
from training.evaluate import main_figures

ROOT = Path(__file__).resolve().parents[2]


def rows() -> dict[tuple[str, str], str]:
    """Head and set → the shipped bundle's cell."""
    table = re.search(
        r"<!-- the table: begin -->\n(.*?)<!-- the table: end -->", (ROOT / "README.md").read_text(), re.S
    )
    assert table
    cells = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table[1].splitlines()[2:]]
    return {(row[0], row[1]): row[4] for row in cells}


def test_the_figures_in_readme_are_the_manifests() -> None:
    """Every set's figures, and no set more or less."""
    manifest = Manifest.from_json((ROOT / "models/default" / MANIFEST).read_text())
    own = {
        (head.name, name): main_figures(metrics) for head in manifest.heads for name, metrics in head.metrics.items()
    }
    assert rows() == own
