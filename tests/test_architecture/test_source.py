"""The reader that the other tests here stand on misses no way to import."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_architecture.source import ComputedImport, Module, is_within, modules_of


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small checkout: ``service`` with a room of two files."""
    room = tmp_path / "service" / "room"
    room.mkdir(parents=True)
    for folder in (tmp_path / "service", room):
        (folder / "__init__.py").touch()
    (room / "other.py").touch()
    return tmp_path


def imports_of(tree: Path, source: str, file: str = "service/room/one.py") -> set[str]:
    """What a file with this source imports."""
    (tree / file).write_text(source)
    name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return set(Module(name, tree / file, tree).imports())


@pytest.mark.parametrize(
    ("source", "imported"),
    [
        ("import training.fit", {"training.fit"}),
        ("import numpy as np, training", {"numpy", "training"}),
        ("from training import fit", {"training"}),
        ("from service.room import other, name", {"service.room.other", "service.room"}),
        ("from . import other", {"service.room.other"}),
        ("from .other import name", {"service.room.other"}),
        ("from .. import room", {"service.room"}),
        ("def late() -> None:\n    import training", {"training"}),
        ("if TYPE_CHECKING:\n    from training.fit import Fit", {"training.fit"}),
        ("importlib.import_module('training.fit')", {"training.fit"}),
        ("import_module('training')", {"training"}),
        ("__import__('training')", {"training"}),
        ("runpy.run_module('training')", {"training"}),
    ],
)
def test_every_way_to_import_is_seen(tree: Path, source: str, imported: set[str]) -> None:
    """Statements at any depth, relative names, and calls with a literal name are all read."""
    assert imports_of(tree, source) == imported


def test_relative_imports_of_a_package_start_at_itself(tree: Path) -> None:
    """In ``__init__.py`` one dot is the package, not its parent."""
    assert imports_of(tree, "from .other import name", "service/room/__init__.py") == {"service.room.other"}


@pytest.mark.parametrize("call", ["import_module(name)", "__import__(f'{half}.fit')", "import_module('.fit', package)"])
def test_a_computed_import_is_refused(tree: Path, call: str) -> None:
    """A module's name that only running the file tells is an error, not a blind spot."""
    with pytest.raises(ComputedImport):
        imports_of(tree, call)


def test_modules_are_named_by_their_place(tree: Path) -> None:
    """A file's name is its path with dots; a package is named by its folder."""
    assert [module.name for module in modules_of("service", tree)] == ["service", "service.room", "service.room.other"]


def test_a_room_is_not_its_namesake() -> None:
    """``models_old`` is not within ``models``."""
    assert is_within("models.text", "models")
    assert not is_within("models_old", "models")
