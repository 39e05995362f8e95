"""A directory that appears under its name whole and on disk, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def staged(directory: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """An empty directory to fill; when the block ends without an error it is synced and takes the name.

    FileExistsError when the name is taken, unless ``overwrite``: then the old directory makes room by a rename just
    before the new one moves in, and is removed. An error, in the block or later, leaves everything as it was.
    """
    directory = directory.resolve()
    if directory.exists() and not overwrite:
        raise FileExistsError(f"{directory} exists")
    filled = directory.parent / f".{directory.name}.{uuid4().hex}"
    filled.mkdir()
    try:
        yield filled
        _sync(*filled.iterdir(), filled)
        _move(filled, directory)
    finally:
        shutil.rmtree(filled, ignore_errors=True)


def _move(filled: Path, directory: Path) -> None:
    replaced = filled.with_name(filled.name + ".replaced")
    if directory.exists():
        directory.rename(replaced)
    try:
        filled.rename(directory)
    except OSError:
        if replaced.exists():
            replaced.rename(directory)
        raise
    _sync(directory.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _sync(*paths: Path) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
