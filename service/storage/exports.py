"""Files of exported labels in a folder of ours: what is erased leaves them too."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from service.storage.articles import Key

SUFFIX: Final = ".jsonl"


class _Meta(msgspec.Struct):
    """What a line says of where it came from."""

    site: str
    comment: str
    parent: str | None = None


class _Line(msgspec.Struct):
    meta: _Meta


_LINE: Final = msgspec.json.Decoder(_Line)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its place when it is whole and on the disk; for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def forget(folder: Path, keys: Collection[Key]) -> None:
    """Take these comments out of every file there. Raises ``OSError``."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        forget_in(path, keys)


def forget_in(path: Path, keys: Collection[Key]) -> None:
    """Take these comments out of the file, also where they stand as what another one answers.

    Lines that are not of our making stay as they are. Raises ``OSError``.
    """
    erased = set(keys)
    with path.open("rb") as lines:
        is_touched = any(_left(line, erased) != line for line in lines)
    if is_touched:
        with path.open("rb") as lines, replacing(path) as file:
            file.writelines(_left(line, erased) for line in lines)


def _left(line: bytes, erased: set[Key]) -> bytes:
    """What stays of it."""
    try:
        meta = _LINE.decode(line).meta
    except (msgspec.DecodeError, UnicodeDecodeError):
        return line
    if (meta.site, meta.comment) in erased:
        return b""
    if meta.parent is None or (meta.site, meta.parent) not in erased:
        return line
    whole: dict[str, Any] = msgspec.json.decode(line)
    if whole.get("context", {}).pop("parent", None) is None:
        return line
    return msgspec.json.encode(whole) + b"\n"
