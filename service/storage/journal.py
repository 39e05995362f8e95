"""Beside an SQLite store: a lock that says who uses it, and the list of what was erased.

The list outlives the store. A backup brought back after the loss of the store would bring back what was erased since.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from service.errors import StoreRefused
from service.storage.articles import Key


class _Erased(msgspec.Struct):
    site: str
    id: str


class Use:
    """Holds the store's lock file until it is ended: with others, or alone."""

    def __init__(self, store: Path, *, alone: bool) -> None:
        """Raises ``StoreRefused``: somebody uses the store alone, or it is to be used alone and somebody uses it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(store.with_name(store.name + ".lock"), flags, 0o600)
        try:
            fcntl.flock(self._file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            reason = "it is in use: stop the service first" if alone else "a backup is being restored into it"
            raise StoreRefused(f"the store {store} cannot be opened: {reason}") from None

    def end(self) -> None:
        """Others may have it."""
        os.close(self._file)


def list_of(store: Path) -> Path:
    """Where the list of what was erased from that store lies."""
    return store.with_name(store.name + ".erased.jsonl")


def note_erased(store: Path, keys: Iterable[Key]) -> None:
    """Add to the list; it is on the disk when this returns."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    lines = b"".join(msgspec.json.encode(_Erased(site, identity)) + b"\n" for site, identity in keys)
    file = os.open(list_of(store), flags, 0o600)
    try:
        os.write(file, lines)
        os.fsync(file)
    finally:
        os.close(file)


def read_erased(lines: Iterable[bytes], name: str) -> Sequence[Key]:
    """What such a list names. Raises ``StoreRefused``."""
    return list(_keys(lines, name))


def _keys(lines: Iterable[bytes], name: str) -> Iterator[Key]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                one = msgspec.json.decode(line, type=_Erased)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise StoreRefused(f"{name}, line {number}: {error}") from None
            yield (one.site, one.id)
