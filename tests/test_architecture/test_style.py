"""Sizes to feel at home in, annotations everywhere, and names that say something."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.test_architecture.source import ROOMS, Module, modules_of

LONGEST_FILE = 300
SHORT_FUNCTION = 30
SHORT_SHARE = 0.9
#: Words that no file, class or function is named by: they say nothing, or the design has another for the same thing.
WORDS_NOT_USED = frozenset({"util", "utils", "helper", "helpers", "manager", "signal", "verdict", "job", "item"})

PRODUCT = [module for room in ROOMS for module in modules_of(room)]
EVERYTHING = [*PRODUCT, *modules_of("tests")]


def name_of(module: Module) -> str:
    """How a test case is called: by the file's dotted name."""
    return module.name


def functions_of(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file, nested ones included."""
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's length from its ``def`` to its last line."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def lacks_annotation(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a parameter other than ``self`` or ``cls``, or the return, has no type."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    if named and named[0].arg in ("self", "cls"):
        del named[0]
    starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return function.returns is None or any(a.annotation is None for a in [*named, *arguments.kwonlyargs, *starred])


@pytest.mark.parametrize("module", EVERYTHING, ids=name_of)
def test_no_file_is_long(module: Module) -> None:
    """A file that outgrows 300 lines is two files."""
    assert len(module.path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("module", EVERYTHING, ids=name_of)
def test_every_function_is_annotated(module: Module) -> None:
    """Types carry the meaning, in tests too."""
    assert not [function.name for function in functions_of(module) if lacks_annotation(function)]


def test_nine_functions_in_ten_are_short() -> None:
    """Nine functions in ten stay under 30 lines."""
    lengths = [lines_of(function) for module in PRODUCT for function in functions_of(module)]
    assert sum(length < SHORT_FUNCTION for length in lengths) >= SHORT_SHARE * len(lengths)


@pytest.mark.parametrize("module", PRODUCT, ids=name_of)
def test_names_say_something(module: Module) -> None:
    """Files, classes and functions are named by what they are, in the words that were chosen."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    names = [*module.name.split("."), *(node.name for node in ast.walk(module.tree) if isinstance(node, kinds))]
    assert not [name for name in names if WORDS_NOT_USED & set(words_of(name))]


def words_of(name: str) -> list[str]:
    """The words of a name in snake case or camel case, in lower case: ``TaskManager`` → task, manager."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).split("_")
