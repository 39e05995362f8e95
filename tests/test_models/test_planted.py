"""Code planted in tables.joblib never runs, with the checksums rewritten to match."""

import os
import pickle
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib.numpy_pickle import NumpyArrayWrapper

from models.artifact import BundleRejected, read_bundle
from tests.test_models.test_artifact import TABLES, seal, write

#: A module of this name lies beside the bundle and leaves the marker when it is imported.
LOOKALIKE = "planted_lookalike"


class Payload:
    """Makes a directory, the marker, wherever it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.marker),)


def _dumped(value: object) -> bytes:
    file = BytesIO()
    joblib.dump(value, file, protocol=4)
    return file.getvalue()


def _compressed(value: object) -> bytes:
    file = BytesIO()
    joblib.dump(value, file, compress=3)
    return file.getvalue()


def _text(text: str) -> bytes:
    return b"\x8c" + struct.pack("<B", len(text.encode())) + text.encode()


def _call(module: str, name: str, marker: Path) -> bytes:
    return b"\x80\x04" + _text(module) + _text(name) + b"\x93" + _text(str(marker)) + b"\x85R."


def _wrapper(**fields: Any) -> bytes:
    wrapper = NumpyArrayWrapper(np.ndarray, (1,), "C", np.dtype("i1"), allow_mmap=True)
    vars(wrapper).update(fields)
    return pickle.dumps({"words": wrapper}, protocol=4)


def _object_array(marker: Path) -> Any:
    array = np.empty(1, dtype=object)
    array[0] = Payload(marker)
    return array


class Subclass(np.ndarray[Any, Any]):
    """An array class of its own, pickled by calling what ``__reduce__`` names."""

    marker = ""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (self.marker,)


def _subclass(marker: Path) -> bytes:
    array = np.zeros(1).view(Subclass)
    array.marker = str(marker)
    return _dumped({"words": array})


PLANTED: dict[str, Callable[[Path], bytes]] = {
    "the whole": lambda marker: _dumped(Payload(marker)),
    "in the dict": lambda marker: _dumped(TABLES | {"words": Payload(marker)}),
    "as a key": lambda marker: _dumped({Payload(marker): TABLES["bias"]}),
    "in an object array": lambda marker: _dumped({"words": _object_array(marker)}),
    "an object array alone": lambda marker: _dumped(_object_array(marker)),
    "in a structured array": lambda marker: _dumped({"a": np.array([(1, Payload(marker))], dtype="i1,O")}),
    "an array of another class": _subclass,
    "as the dtype": lambda marker: _wrapper(dtype=Payload(marker)),
    "in the dtype's metadata": lambda marker: _wrapper(dtype=np.dtype("i1", metadata={"a": Payload(marker)})),
    "as the shape": lambda marker: _wrapper(shape=Payload(marker)),
    "as the class": lambda marker: _wrapper(subclass=Payload(marker)),
    "as another field": lambda marker: _wrapper(more=Payload(marker)),
    "by a dotted name in an allowed module": lambda marker: _call("joblib.numpy_pickle", "os.mkdir", marker),
    "with an allowed class's name": lambda marker: _call(LOOKALIKE, "NumpyArrayWrapper", marker),
    "with an allowed module's name": lambda marker: _call(f"{LOOKALIKE}.numpy", "ndarray", marker),
    "in the first protocol": lambda marker: pickle.dumps(Payload(marker), protocol=0),
    "as an instance": lambda marker: b"(V" + str(marker).encode() + b"\nios\nmkdir\n.",
    "compressed": lambda marker: _compressed(Payload(marker)),
}


@pytest.fixture
def lookalike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The marker of a module whose import leaves it; the module has a part called ``numpy``."""
    folder = tmp_path / "path" / LOOKALIKE
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(f"import os\nos.mkdir({str(tmp_path / 'marker')!r})\n", encoding="utf-8")
    (folder / "numpy.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.delitem(sys.modules, LOOKALIKE, raising=False)
    return tmp_path / "marker"


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_planted_code_never_runs(tmp_path: Path, lookalike: Path, plant: Callable[[Path], bytes]) -> None:
    """The bundle is refused at its tables and no marker appears; joblib, on the same file, does leave it."""
    write(tmp_path / "bundle")
    (tmp_path / "bundle" / "tables.joblib").write_bytes(plant(lookalike))
    seal(tmp_path / "bundle")
    with pytest.raises(BundleRejected) as refusal:
        read_bundle(tmp_path / "bundle")
    assert refusal.value.checked[-1] == "library versions"
    assert not lookalike.exists()
    with suppress(Exception):
        joblib.load(tmp_path / "bundle" / "tables.joblib")
    assert lookalike.exists(), "the payload is a dud, so this case shows nothing"


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"})" + b"\x85" * 900_000 + b"Ns", id="a key nested too deep to hash"),
        pytest.param(b")" + b"\x85" * 900_000, id="a value nested too deep to show"),
        pytest.param(b"N" * (1 << 20), id="more instructions than any table needs"),
        pytest.param(b"X\xff\xff\xff\xff", id="four gigabytes of text"),
        pytest.param(b"\x95" + b"\xff" * 8, id="a frame without end"),
        pytest.param(b"\x8a\xff" + b"\x7f" * 255, id="a huge number"),
        pytest.param(_text("numpy") + _text("dtype") + b"\x93" + _text("O8") + b"\x89\x88\x87R", id="an object dtype"),
    ],
)
def test_hostile_streams(tmp_path: Path, stream: bytes) -> None:
    """Streams made to exhaust the memory or the stack are refused like any other."""
    write(tmp_path / "bundle")
    (tmp_path / "bundle" / "tables.joblib").write_bytes(b"\x80\x04" + stream + b".")
    seal(tmp_path / "bundle")
    with pytest.raises(BundleRejected, match="tables: "):
        read_bundle(tmp_path / "bundle")


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One bundle for all examples; each rewrites its tables."""
    directory = tmp_path_factory.mktemp("fuzz") / "bundle"
    write(directory)
    return directory


EDITS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=3)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(plant=st.sampled_from([None, *PLANTED.values()]), edits=EDITS, kept=st.floats(0, 1) | st.just(1.0))
def test_damaged_tables(fuzzed: Path, plant: Callable[[Path], bytes] | None, edits: list[Any], kept: float) -> None:
    """Whatever bytes are changed or cut off, sound or planted: numeric arrays or a refusal, and no code is run."""
    content = bytearray(_dumped(TABLES) if plant is None else plant(fuzzed.parent / "marker"))
    for place, change in edits:
        start = int(place * len(content))
        content[start : start + len(change)] = change
    (fuzzed / "tables.joblib").write_bytes(content[: round(kept * len(content))])
    seal(fuzzed)
    with suppress(BundleRejected):
        assert all(table.dtype.kind in "iuf" for table in read_bundle(fuzzed).tables.values())
    assert list(fuzzed.parent.iterdir()) == [fuzzed]
