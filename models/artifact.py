"""A bundle as a directory: written whole or not at all, read only after every check has passed."""

from __future__ import annotations

import dataclasses
import hashlib
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from models.manifest import Manifest
from models.staging import staged
from models.tables import PICKLE_PROTOCOL, read_tables, write_tables
from models.typed_json import parse_json

FORMAT = 2
"""The layout of a bundle's directory and of its manifest. When either changes shape, in one commit:

1. Add one to this number.
2. Keep reading the previous number: convert its manifest's document to the new shape before it is decoded.
3. Add a bundle of the previous number to the tests, as small as it can be, and the test that reads it.
4. Say in CHANGELOG.md what an operator has to do, if anything, and add a page to docs/decisions.

A change that old code reads rightly (another head, another table, another parameter) needs no new number.
"""

MANIFEST = "manifest.json"
ALLOWED_FILES = ("tables.joblib", "estimators.joblib", "selftest.json", "card.md", "report.html")
OPTIONAL_FILES = ("report.html",)

MANIFEST_BYTES = 8 << 20
BUNDLE_BYTES = 512 << 20

#: Their files are what is read, so another major version is refused.
READ_BY = {"numpy": np.__version__, "joblib": joblib.__version__}


class BundleRejected(Exception):
    """A directory is not a bundle that can be trusted. ``checked`` passed, in this order; ``reason`` did not."""

    def __init__(self, checked: tuple[str, ...], reason: str) -> None:
        super().__init__(f"{reason} (passed before that: {', '.join(checked) or 'nothing'})")
        self.checked = checked
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """A bundle whose files are what its manifest says. ``tables`` are read-only memory maps."""

    manifest: Manifest
    tables: Mapping[str, NDArray[Any]]
    selftest: bytes
    path: Path


def write_bundle(
    directory: Path,
    manifest: Manifest,
    tables: Mapping[str, NDArray[Any]],
    estimators: object,
    selftest: bytes,
    card: str,
    report: str | None = None,
    *,
    overwrite: bool = False,
) -> Manifest:
    """Write a bundle and return its manifest with the checksums filled in. Same input, same bytes.

    The directory appears whole, on disk and readable by ``read_bundle``, or not at all. FileExistsError when it is
    there already, unless ``overwrite``; BundleRejected when it could not be read back; ValueError on tables or manifest
    fields that cannot be written.
    """
    with staged(directory, overwrite=overwrite) as filled:
        write_tables(filled / "tables.joblib", tables)
        joblib.dump(estimators, filled / "estimators.joblib", compress=3, protocol=PICKLE_PROTOCOL)
        (filled / "selftest.json").write_bytes(selftest)
        (filled / "card.md").write_bytes(card.encode())
        if report is not None:
            (filled / "report.html").write_bytes(report.encode())
        complete = dataclasses.replace(manifest, files={path.name: _sha256(path) for path in sorted(filled.iterdir())})
        (filled / MANIFEST).write_bytes(complete.to_json().encode())
        read_bundle(filled)
    return complete


def read_bundle(directory: Path) -> LoadedBundle:
    """Check everything, then map the tables. Nothing in the directory is executed, ``estimators.joblib`` is not opened.

    BundleRejected, whatever is wrong. Cost: one pass over every file for its checksum.
    """
    checks = _Checks()
    manifest = _verified(directory, checks)
    with checks.passing("library versions"):
        _check_libraries(manifest.libraries)
    with checks.passing("tables"):
        tables = read_tables(directory / "tables.joblib")
    with checks.passing("self-test present"):
        selftest = (directory / "selftest.json").read_bytes()
    return LoadedBundle(manifest, tables, selftest, directory)


def read_estimators(directory: Path) -> Any:
    """The fitted estimators, for inspection and refitting.

    This executes whatever the file holds. The checksums are verified first, but whoever can write the directory can
    write those too: only for bundles made here. BundleRejected when a check before that fails.
    """
    _verified(directory, _Checks())
    return joblib.load(directory / "estimators.joblib")


class _Checks:
    """The names of what has passed so far."""

    def __init__(self) -> None:
        self.passed: tuple[str, ...] = ()

    @contextmanager
    def passing(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # a refusal must never be anything else, or a bad file could stop the service
            raise BundleRejected(self.passed, f"{name}: {error or type(error).__name__}") from error
        self.passed += (name,)


def _verified(directory: Path, checks: _Checks) -> Manifest:
    """The manifest, once the directory holds exactly the files it names, each with the bytes it names."""
    with checks.passing("manifest present"):
        _check_regular(directory / MANIFEST)
    with checks.passing("sizes"):
        _check_sizes(directory)
    with checks.passing("manifest is JSON"):
        document = parse_json((directory / MANIFEST).read_bytes())
    with checks.passing("format"):
        document = _in_this_format(document)
    with checks.passing("manifest fields"):
        manifest = Manifest.from_document(document)
    with checks.passing("file names"):
        _check_names(directory, manifest.files)
    with checks.passing("checksums"):
        _check_sums(directory, manifest.files)
    return manifest


def _check_regular(path: Path) -> None:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError(f"{path.name} is a link, a directory or a device")


def _check_sizes(directory: Path) -> None:
    sizes = {path.name: path.lstat().st_size for path in directory.iterdir()}
    if sizes[MANIFEST] > MANIFEST_BYTES:
        raise ValueError(f"{MANIFEST} has {sizes[MANIFEST]} bytes, more than {MANIFEST_BYTES}")
    if sum(sizes.values()) > BUNDLE_BYTES:
        raise ValueError(f"{sum(sizes.values())} bytes together, more than {BUNDLE_BYTES}")


def _in_this_format(document: object) -> object:
    """The manifest's document; one of the previous format, which knew no second tier, in the shape of this one."""
    found = document.get("format") if isinstance(document, dict) else None
    if type(found) is not int or found not in (FORMAT, FORMAT - 1):
        raise ValueError(f"{found!r:.40} where {FORMAT} is known")
    if isinstance(document, dict) and found == FORMAT - 1:
        return {**document, "format": FORMAT, "second_tier": None}
    return document


def _check_names(directory: Path, sums: Mapping[str, str]) -> None:
    present = {path.name for path in directory.iterdir()} - {MANIFEST}
    required = set(ALLOWED_FILES) - set(OPTIONAL_FILES)
    for wrong, names in (
        ("not a bundle's file", present - set(ALLOWED_FILES)),
        ("missing", (required | sums.keys()) - present),
        ("without a checksum", present - sums.keys()),
    ):
        if names:
            raise ValueError(f"{', '.join(sorted(names))!r:.200}: {wrong}")
    for name in sorted(present):
        _check_regular(directory / name)


def _check_sums(directory: Path, sums: Mapping[str, str]) -> None:
    for name in sorted(sums):
        if _sha256(directory / name) != sums[name]:
            raise ValueError(f"{name} is not the file that the manifest names")


def _check_libraries(recorded: Mapping[str, str]) -> None:
    for library, here in READ_BY.items():
        there = recorded.get(library, "no version")
        if there.split(".")[0] != here.split(".")[0]:
            raise ValueError(f"written with {library} {there:.40}, here is {here}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
