"""The project's Python files and what they import, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("models", "service", "training")
#: Calls that import the module named by their first argument.
IMPORTING_CALLS = frozenset({"import_module", "__import__", "run_module", "find_spec"})


class ComputedImport(ValueError):
    """A module's name is put together at run time, so that nobody reading can tell what is imported."""


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name (a package's is the folder's) and its place below ``root``."""

    name: str
    path: Path
    root: Path = ROOT

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.path.read_text(encoding="utf-8"), filename=str(self.path))

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def imports(self) -> Iterator[str]:
        """Every module the file imports, wherever in the file, by dotted name, first-party names as deep as files go.

        Raises ComputedImport for a call of ``import_module`` and its like whose argument is not an absolute literal.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from self._imported_from(node)
            elif isinstance(node, ast.Call) and _called_name(node) in IMPORTING_CALLS:
                yield self._literal_argument(node)

    def _imported_from(self, node: ast.ImportFrom) -> Iterator[str]:
        package = self.package.split(".")
        start = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*start, *([node.module] if node.module else [])])
        for alias in node.names:
            deeper = f"{base}.{alias.name}"
            yield deeper if self._is_module(deeper) else base

    def _is_module(self, name: str) -> bool:
        path = self.root.joinpath(*name.split("."))
        return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()

    def _literal_argument(self, node: ast.Call) -> str:
        name = node.args[0] if node.args else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and not name.value.startswith("."):
            return name.value
        raise ComputedImport(f"{self.path}:{node.lineno} imports a module whose name only running it tells")


def _called_name(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else None


def modules_of(room: str, root: Path = ROOT) -> list[Module]:
    """Every Python file of one top-level folder, in order of path."""
    return [Module(_dotted(path.relative_to(root)), path, root) for path in sorted((root / room).rglob("*.py"))]


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_within(name: str, room: str) -> bool:
    """Whether a dotted name is ``room`` or lies below it."""
    return name == room or name.startswith(f"{room}.")
