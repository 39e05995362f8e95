"""Bundles on disk: written whole, read back as memory maps, and refused with a reason whenever something is off."""

import dataclasses
import hashlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray

from models import artifact
from models.artifact import ALLOWED_FILES, FORMAT, BundleRejected, read_bundle, read_estimators, write_bundle
from models.manifest import Manifest
from tests.test_models.test_manifest import MANIFEST

VERSIONS = {"numpy": np.__version__, "joblib": joblib.__version__}
TABLES: dict[str, NDArray[Any]] = {
    "words/rows": np.arange(-6, 6, dtype=np.int8).reshape(3, 4),
    "words/scales": np.array([0.5, 0.25, 0.125], dtype=np.float32),
    "spoiler/weights": np.linspace(-1.0, 1.0, 7),
    "bias": np.array(0.75),
    "empty": np.zeros((0, 4), dtype=np.uint8),
}


def write(directory: Path, **changes: Any) -> Manifest:
    """A small bundle."""
    manifest = dataclasses.replace(MANIFEST, libraries=VERSIONS, **changes.pop("manifest", {}))
    parts: dict[str, Any] = {
        "tables": TABLES,
        "estimators": {"fitted": [1.5]},
        "selftest": b"[]\n",
        "card": "# Card\n",
        "report": None,
    }
    return write_bundle(directory, manifest, **(parts | changes))


def seal(directory: Path, **document: object) -> None:
    """Rewrite the manifest's checksums to match the files, as someone who plants a file would."""
    manifest = json.loads((directory / "manifest.json").read_bytes())
    for name in manifest["files"]:
        manifest["files"][name] = hashlib.sha256((directory / name).read_bytes()).hexdigest()
    (directory / "manifest.json").write_text(json.dumps(manifest | document), encoding="utf-8")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle's directory."""
    write(tmp_path / "bundle")
    return tmp_path / "bundle"


def test_the_previous_format_is_read() -> None:
    """A bundle that was written before there was a second tier has none; nothing else about it changed."""
    loaded = read_bundle(Path(__file__).parent / "format_1")
    files = loaded.manifest.files
    assert loaded.manifest == dataclasses.replace(
        MANIFEST, second_tier=None, libraries=loaded.manifest.libraries, files=files
    )
    assert np.array_equal(loaded.tables["words/rows"], TABLES["words/rows"])
    assert loaded.selftest == b"[]\n"


def test_round_trip(bundle: Path) -> None:
    """What was written is read back: manifest, self-test, and every table with its type and shape."""
    loaded = read_bundle(bundle)
    assert loaded.manifest == dataclasses.replace(MANIFEST, libraries=VERSIONS, files=loaded.manifest.files)
    assert (loaded.selftest, loaded.path) == (b"[]\n", bundle)
    assert loaded.tables.keys() == TABLES.keys()
    for name, table in loaded.tables.items():
        np.testing.assert_array_equal(table, TABLES[name], strict=True)
    assert read_estimators(bundle) == {"fitted": [1.5]}


def test_tables_are_read_only_memory_maps(bundle: Path) -> None:
    """Worker processes share one copy of the tables, which none of them can change; arrays are aligned."""
    for name, table in read_bundle(bundle).tables.items():
        assert isinstance(table, np.memmap) or name == "empty"
        assert table.flags.aligned
        with pytest.raises(ValueError, match="read-only"):
            table[...] = 0


def test_tables_are_an_ordinary_joblib_file(bundle: Path) -> None:
    """joblib itself reads the same tables, memory-mapped too."""
    for mode in (None, "r"):
        loaded = joblib.load(bundle / "tables.joblib", mmap_mode=mode)
        assert all(np.array_equal(loaded[name], table) for name, table in TABLES.items())


def test_same_input_same_bytes(bundle: Path, tmp_path: Path) -> None:
    """Where names and arrays came from leaves no trace: order, memory layout, class and identity make no difference."""
    retold = {name: np.asfortranarray(table) for name, table in reversed(list(TABLES.items()))}
    sources = [read_bundle(bundle).tables, pickle.loads(pickle.dumps(TABLES)), retold | {"bias": TABLES["bias"]}]
    for number, tables in enumerate(sources):
        write(tmp_path / str(number), tables=tables)
        for name in ("manifest.json", "tables.joblib", "estimators.joblib"):
            assert (tmp_path / str(number) / name).read_bytes() == (bundle / name).read_bytes()


FIT = """
import sys
from pathlib import Path
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.test_models.test_artifact import write
rows = np.arange(24.0).reshape(12, 2) % 7
fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, np.arange(12) % 2)
write(Path(sys.argv[1]), estimators={"spoiler": fitted}, tables={"weights": fitted[-1].coef_})
"""


def run(code: str, *arguments: str | Path, seed: int = 0) -> None:
    """Run code in a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(Path(artifact.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True, env=environment)


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    """A process with another hash seed writes the same files for the same fit, estimators included."""
    for seed in (1, 2):
        run(FIT, tmp_path / str(seed), seed=seed)
    one, two = (read_bundle(tmp_path / str(seed)).manifest.files for seed in (1, 2))
    assert one == two


def test_reading_needs_no_scikit_learn(bundle: Path) -> None:
    """A process that serves reads bundles without scikit-learn, which would cost it 70 MB."""
    code = "import sys, pathlib, models.artifact as a; a.read_bundle(pathlib.Path(sys.argv[1])); "
    run(code + "assert 'sklearn' not in sys.modules", bundle)


def test_nothing_is_overwritten_unasked(bundle: Path) -> None:
    """A directory that is there stays as it is, unless overwriting was asked for; maps of the old one stay readable."""
    old = read_bundle(bundle)
    with pytest.raises(FileExistsError):
        write(bundle, card="another")
    assert read_bundle(bundle).manifest == old.manifest
    assert write(bundle, tables={"other": np.ones(3)}, report="<p>", overwrite=True) == read_bundle(bundle).manifest
    assert read_bundle(bundle).tables.keys() == {"other"}
    np.testing.assert_array_equal(old.tables["spoiler/weights"], TABLES["spoiler/weights"])
    assert list(bundle.parent.iterdir()) == [bundle]


@pytest.mark.parametrize(
    "changes",
    [
        {"tables": {"words": np.array([None, "a"], dtype=object)}},
        {"tables": {"words": np.array(["a", "b"])}},
        {"tables": {"words": np.array([1j])}},
        {"tables": {"words": np.zeros(2, dtype=[("a", np.int8)])}},
        {"tables": {"words": np.zeros(2, dtype=">f4")}},
        {"tables": {"words": np.zeros(2, dtype=bool)}},
        {"tables": {"words": np.zeros((1, 1, 1, 1, 1))}},
        {"tables": {"W": np.zeros(2)}},
        {"manifest": {"version": "1"}},
        {"manifest": {"cpu": {"threads": np.int64(2)}}},
    ],
)
def test_a_refused_write_leaves_the_old_bundle(bundle: Path, changes: dict[str, Any]) -> None:
    """What cannot be served is refused when it is written, and nothing of it stays behind."""
    before = read_bundle(bundle).manifest
    with pytest.raises(ValueError, match=r"."):
        write(bundle, overwrite=True, **changes)
    assert read_bundle(bundle).manifest == before
    assert list(bundle.parent.iterdir()) == [bundle]


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _link(bundle: Path) -> None:
    (bundle / "card.md").rename(bundle.parent / "elsewhere.md")
    (bundle / "card.md").symlink_to(bundle.parent / "elsewhere.md")


def _uncheck(bundle: Path) -> None:
    files = json.loads((bundle / "manifest.json").read_bytes())["files"]
    seal(bundle, files={name: digest for name, digest in files.items() if name != "card.md"})


def _sealed(content: bytes) -> Callable[[Path], None]:
    def replace(bundle: Path) -> None:
        (bundle / "tables.joblib").write_bytes(content)
        seal(bundle)

    return replace


REFUSALS: list[tuple[Callable[[Path], object], str, str]] = [
    (lambda bundle: (bundle / "manifest.json").unlink(), "manifest present", "No such file"),
    (lambda bundle: bundle.rename(bundle.parent / "moved"), "manifest present", "No such file"),
    (lambda bundle: os.truncate(bundle / "manifest.json", (8 << 20) + 1), "sizes", "manifest.json has 8388609 bytes"),
    (lambda bundle: os.truncate(bundle / "report.html", 1 << 29), "sizes", "bytes together, more than 536870912"),
    (lambda bundle: (bundle / "manifest.json").write_bytes(b""), "manifest is JSON", "Expecting value"),
    (lambda bundle: _truncate(bundle / "manifest.json"), "manifest is JSON", "line"),
    (lambda bundle: (bundle / "manifest.json").write_bytes(b"[1]"), "format", "None where 2 is known"),
    (lambda bundle: seal(bundle, format=FORMAT + 1), "format", "3 where 2 is known"),
    (lambda bundle: seal(bundle, version="latest"), "manifest fields", "version: must be YYYY.M.N"),
    (lambda bundle: (bundle / "model.pkl").write_bytes(b""), "file names", "'model.pkl': not a bundle's file"),
    (lambda bundle: (bundle / "more").mkdir(), "file names", "'more': not a bundle's file"),
    (lambda bundle: (bundle / "selftest.json").unlink(), "file names", "'selftest.json': missing"),
    (_uncheck, "file names", "'card.md': without a checksum"),
    (_link, "file names", "card.md is a link"),
    (lambda bundle: _truncate(bundle / "tables.joblib"), "checksums", "tables.joblib is not the file"),
    *(
        (lambda bundle, name=name: _flip(bundle / name), "checksums", f"{name} is not the file")
        for name in ALLOWED_FILES
    ),
    (
        lambda bundle: seal(bundle, libraries=VERSIONS | {"numpy": "1.26.4"}),
        "library versions",
        "numpy 1.26.4, here is",
    ),
    (lambda bundle: seal(bundle, libraries={"numpy": np.__version__}), "library versions", "joblib no version"),
    (_sealed(b""), "tables", "empty"),
    (_sealed(b"PK\x03\x04 not a joblib file"), "tables", "not a file of numeric arrays"),
    (_sealed(pickle.dumps([1], protocol=4)), "tables", "not a file of numeric arrays"),
    (_sealed(pickle.dumps({"words": 1}, protocol=4)), "tables", "names int, not an array"),
    (_sealed(pickle.dumps({}, protocol=4) + b"more"), "tables", "goes on after"),
]


@pytest.mark.parametrize(("harm", "check", "reason"), REFUSALS, ids=range(len(REFUSALS)))
def test_refused(tmp_path: Path, harm: Callable[[Path], object], check: str, reason: str) -> None:
    """A harmed bundle is refused by the check that should see it, and the message says what passed before."""
    write(tmp_path / "bundle", report="<p>A report long enough to flip a byte of.</p>")
    harm(tmp_path / "bundle")
    with pytest.raises(BundleRejected) as refusal:
        read_bundle(tmp_path / "bundle")
    error = refusal.value
    assert error.reason.startswith(f"{check}: ")
    assert reason in error.reason
    order = ("manifest present", "sizes", "manifest is JSON", "format", "manifest fields", "file names", "checksums")
    assert (
        error.checked == (*order, "library versions", "tables")[: (*order, "library versions", "tables").index(check)]
    )
    assert all(passed in str(error) for passed in (*error.checked, error.reason))


def test_estimators_are_opened_only_when_their_checksum_holds(bundle: Path) -> None:
    """Even for refitting, a changed estimators file is refused before it is opened."""
    _flip(bundle / "estimators.joblib")
    with pytest.raises(BundleRejected, match=r"estimators\.joblib is not the file"):
        read_estimators(bundle)
