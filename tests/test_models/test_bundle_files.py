"""Bundles on disk are loaded whole or refused, and a process that serves one stays light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

import models
from models.artifact import BundleRejected, write_bundle
from models.bundle import Bundle
from models.heads import HEAD_NAMES
from models.selftest import dump_selftest
from tests.factories import drawn_manifest, drawn_second_tier, drawn_tables
from tests.test_models.conftest import SHIPPED
from tests.test_models.hostile import ADVERSARIAL

TABLES = drawn_tables()
TIER = drawn_second_tier()


def write(directory: Path, tables: dict[str, NDArray[Any]]) -> Path:
    """The drawn bundle on disk, with those tables."""
    selftest = dump_selftest(Bundle(drawn_manifest(), TABLES).score)
    write_bundle(directory, drawn_manifest(TIER), tables, {}, selftest, "# Card\n", None)
    return directory


def test_round_trip(tmp_path: Path, drawn: Bundle) -> None:
    """A bundle that was written and loaded scores what it scored, to the last bit."""
    loaded = Bundle.load(write(tmp_path / "bundle", TABLES))
    loaded.selftest()
    assert loaded.version == "2026.11.1"
    assert loaded.score(ADVERSARIAL) == drawn.score(ADVERSARIAL)
    assert loaded.operating_points.keys() == set(HEAD_NAMES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_that_is_missing(tmp_path: Path, name: str) -> None:
    """A bundle without one of its tables is refused when it is loaded, by that table's name."""
    tables = {key: table for key, table in TABLES.items() if key != name}
    with pytest.raises(BundleRejected, match=name):
        Bundle.load(write(tmp_path / "bundle", tables))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_that_is_too_short(tmp_path: Path, name: str) -> None:
    """A bundle whose tables do not fit together is refused when it is loaded or tests itself, never while it serves."""
    tables = TABLES | {name: TABLES[name][: len(TABLES[name]) // 2]}
    with pytest.raises(BundleRejected):
        Bundle.load(write(tmp_path / "bundle", tables)).selftest()


def test_the_shipped_bundle_tests_itself(shipped: Bundle) -> None:
    """The shipped bundle scores here as it scored where it was made."""
    shipped.selftest()


SERVE = """
import sys
from pathlib import Path
from models.bundle import Bundle
from models.comment import Article, Comment
bundle = Bundle.load(Path(sys.argv[1]))
bundle.selftest()
comment = Comment("What the f.u.c.k is qwzrt", Article("Bridge", "The bridge is closed."), "Why?")
assert all(found.score is not None for found in bundle.score([comment], explain=True)[0].heads.values())
bundle.profane_words(comment.text)
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("sklearn", "training")))
"""


def test_serving_needs_no_scikit_learn() -> None:
    """A process that loads a bundle, tests it, scores and explains never imports scikit-learn."""
    environment = {**os.environ, "PYTHONPATH": str(Path(models.__file__).parents[1])}
    command = [sys.executable, "-c", SERVE, str(SHIPPED)]
    run = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    assert run.stdout == "[]\n"
