"""An application, not a library: nothing of it lands in anyone's site-packages, and what it needs is locked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.test_architecture.source import ROOMS, ROOT
from tests.test_architecture.test_libraries import declared

#: Each lock file, and the groups of pyproject.toml that it holds; "" is the plain dependencies.
LOCKS: dict[str, tuple[str, ...]] = {
    "service": ("", "service"),
    "training": ("", "training", "report"),
    "transformer": ("", "transformer"),
    "postgresql": ("", "postgresql"),
    "dev": ("", "service", "postgresql", "training", "report", "transformer", "dev"),
}
BUILD_WHEEL = "from setuptools.build_meta import build_wheel; build_wheel('wheels')"


def pinned(lock: str) -> dict[str, str]:
    """The versions that a lock file pins, by distribution."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE))


def test_the_wheel_holds_nothing_importable(tmp_path: Path) -> None:
    """A wheel built from this tree carries its own metadata and not one importable file."""
    for room in ROOMS:
        (tmp_path / room).mkdir()
        shutil.copy(ROOT / room / "__init__.py", tmp_path / room)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "README.md").write_text("# Verger\n")
    (tmp_path / "wheels").mkdir()
    subprocess.run([sys.executable, "-c", BUILD_WHEEL], cwd=tmp_path, capture_output=True, check=True)
    [wheel] = (tmp_path / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        outside = [name for name in archive.namelist() if ".dist-info/" not in name]
        top_level = [name for name in archive.namelist() if name.endswith("top_level.txt")]
        assert not outside
        assert not [name for name in top_level if archive.read(name).strip()]


def test_no_registry_takes_it() -> None:
    """The classifier makes package registries refuse an upload by accident."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_is_declared(lock: str) -> None:
    """``make lock`` was run after the last change to the dependencies."""
    assert frozenset().union(*(declared()[group] for group in LOCKS[lock])) <= pinned(lock).keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    """Whatever index the packages come from, they are the ones that were locked."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE) if "==" in entry]
    assert len(entries) == len(pinned(lock))
    assert not [entry.partition("==")[0] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place(lock: str) -> None:
    """A lock file says what to install, not from where: no index, no address, no path of somebody's machine."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert not re.findall(r"^--.*|\S*://\S*|\s@\s", text, flags=re.MULTILINE)


def test_the_locks_agree() -> None:
    """Every distribution has one version, so that all locks can be installed into one environment."""
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in pinned(lock).items():
            versions.setdefault(name, set()).add(version)
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_serving_installs_no_training_packages() -> None:
    """``make serve`` brings nothing that only training needs."""
    assert not pinned("service").keys() & (declared()["training"] | declared()["report"]) - declared()["service"]


def test_the_changelog_knows_the_version() -> None:
    """The version in pyproject.toml has its heading in CHANGELOG.md."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("path", ["var/verger.db", "var/labels/today.jsonl", ".venv/bin/python"])
def test_what_a_running_verger_writes_is_ignored(tmp_path: Path, path: str) -> None:
    """Comments, labels and bundles under ``var/`` never end up in a commit."""
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    run = subprocess.run(["git", "check-ignore", "--quiet", path], cwd=tmp_path, check=False)
    assert run.returncode == 0
