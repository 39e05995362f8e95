"""No damaged, foreign or planted bundle goes live: the start ends with what was checked, and nothing in it runs."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from service.errors import BundleRefused
from service.scoring.engine import open_bundle
from service.settings import Settings
from tests.test_service.conftest import ROOT, environment

Damage = Callable[[Path], None]


def rewrite_manifest(bundle: Path, **changed: Any) -> None:
    """With those fields, and the checksums of the files as they are now."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text()) | changed
    manifest["files"] = {name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in manifest["files"]}
    path.write_text(json.dumps(manifest))


def truncate(bundle: Path) -> None:
    os.truncate(bundle / "tables.joblib", (bundle / "tables.joblib").stat().st_size // 2)


def truncate_and_hide_it(bundle: Path) -> None:
    truncate(bundle)
    rewrite_manifest(bundle)


def flip_a_bit(bundle: Path) -> None:
    with (bundle / "tables.joblib").open("r+b") as file:
        file.seek(-1_000, os.SEEK_END)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


def add_a_file(bundle: Path) -> None:
    (bundle / "sitecustomize.py").write_text("raise SystemExit")


def cut_the_manifest(bundle: Path) -> None:
    os.truncate(bundle / "manifest.json", 500)


def another_program_s_file(bundle: Path) -> None:
    (bundle / "manifest.json").write_text('{"name": "a web page", "icons": []}')


def another_format(bundle: Path) -> None:
    rewrite_manifest(bundle, format=3)


def another_numpy(bundle: Path) -> None:
    libraries = json.loads((bundle / "manifest.json").read_text())["libraries"]
    rewrite_manifest(bundle, libraries=libraries | {"numpy": "1.26.4"})


def other_scores(bundle: Path) -> None:
    texts = json.loads((bundle / "selftest.json").read_text())
    texts[0]["profanity"] = 1.0 - texts[0]["profanity"]
    (bundle / "selftest.json").write_text(json.dumps(texts))
    rewrite_manifest(bundle)


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (shutil.rmtree, "manifest present"),
        (truncate, "checksums: tables.joblib"),
        (truncate_and_hide_it, "tables"),
        (flip_a_bit, "checksums: tables.joblib"),
        (add_a_file, "file names"),
        (cut_the_manifest, "manifest is JSON"),
        (another_program_s_file, "format"),
        (another_format, "format: 3 where 2 is known"),
        (another_numpy, "library versions: written with numpy 1.26.4"),
        (other_scores, "self-test: text 0, profanity"),
    ],
)
def test_damaged_or_foreign(tmp_path: Path, damage: Damage, check: str) -> None:
    """The reason names the check that failed, and the directory."""
    bundle = tmp_path / "bundle"
    shutil.copytree(Settings().bundle, bundle)
    damage(bundle)
    with pytest.raises(BundleRefused) as refusal:
        open_bundle(bundle)
    assert f"the bundle in {bundle} is refused: {check}" in str(refusal.value)
    assert "passed before that: " in str(refusal.value)


class Payload:
    """Makes a directory wherever it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self._marker),)


def planted_plainly(bundle: Path, payload: Payload) -> None:
    (bundle / "tables.joblib").write_bytes(pickle.dumps(payload))


def planted_in_an_array(bundle: Path, payload: Payload) -> None:
    joblib.dump({"idf": np.array([payload], dtype=object)}, bundle / "tables.joblib")


@pytest.mark.parametrize("plant", [planted_plainly, planted_in_an_array])
def test_a_planted_payload_never_runs(tmp_path: Path, plant: Callable[[Path, Payload], None]) -> None:
    """``serve`` ends with 2 and one line, and the payload was not executed; the checksums were rewritten to fit it."""
    bundle, marker = tmp_path / "bundle", tmp_path / "executed"
    shutil.copytree(Settings().bundle, bundle)
    plant(bundle, Payload(marker))
    rewrite_manifest(bundle)
    command = [sys.executable, "-m", "service", "serve", "--port", "0"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(bundle=str(bundle)), capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"verger: the bundle in {bundle} is refused: tables: ")
    assert not marker.exists()
    joblib.load(bundle / "tables.joblib")
    assert marker.exists(), "the payload was no payload"
