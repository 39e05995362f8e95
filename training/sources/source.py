"""What there is to say about one public data set, and how to read the files its publisher gives out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.record import Record


class SourceFilesMissing(FileNotFoundError):
    """The publisher's files are not in the folder; the message names them and where to get them."""


@dataclass(frozen=True, slots=True)
class Source:
    """One public set. ``read`` turns the folder that holds its files into records, in the files' order."""

    name: str
    url: str
    licence: str
    #: Text and labels may be used commercially and need not be shared alike (CC0, MIT, Apache-2.0, CC BY).
    permissive: bool
    citation: str
    #: Patterns below the folder, each of which must match; spellings of the same file are separated by "|".
    files: tuple[str, ...]
    notes: str
    read: Callable[[Path], Iterator[Record]]
    #: Below the folder of raw files; the set's name where nothing else is said.
    folder: str | None = None

    def where(self, raw: Path) -> Path:
        """The folder with this set's files, below the folder of all sets' files."""
        return raw / (self.name if self.folder is None else self.folder)

    def missing(self, raw: Path) -> tuple[str, ...]:
        """Patterns of ``files`` that match nothing."""
        return tuple(pattern for pattern in self.files if not matching(self.where(raw), pattern))


def matching(folder: Path, pattern: str) -> list[Path]:
    """Files of the first spelling that matches any, sorted."""
    for spelling in pattern.split("|"):
        found = sorted(folder.glob(spelling)) if folder.is_dir() else []
        if found:
            return found
    return []


def file_in(folder: Path, pattern: str) -> Path:
    """The first file that matches. Raises ``SourceFilesMissing``."""
    found = matching(folder, pattern)
    if not found:
        raise SourceFilesMissing(f"{folder} has no {pattern.replace('|', ' or ')}")
    return found[0]
