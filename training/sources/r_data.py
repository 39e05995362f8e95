"""Tables in R's own file format (``.rda``): as much of it as a data frame of numbers and strings needs.

Source: R Core Team, R Internals, section 1.8 "Serialization Formats" (versions 2 and 3, XDR). Written here because the
libraries that read it bring pandas and xarray for the sake of one file.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

HAS_ATTRIBUTES, HAS_TAG = 1 << 9, 1 << 10
LATIN_1: Final = 1 << (12 + 2)
SYMBOL, PAIRS, STRING, LOGICAL, INTEGER, REAL, STRINGS, LIST = 1, 2, 9, 10, 13, 14, 16, 19
NULL, REFERENCE = 254, 255
MISSING_STRING: Final = -1


class NotRData(ValueError):
    """The file is not R data, or holds what a table of numbers and strings does not."""


def read_table(path: Path, name: str) -> dict[str, list[Any]]:
    """The columns of the data frame saved under that name. Factors come as their numbers, missing strings as None."""
    content = _unpacked(path.read_bytes())
    if content[:7] not in (b"RDX2\nX\n", b"RDX3\nX\n"):
        raise NotRData(f"{path}: no R data in XDR form")
    reader = _Reader(content, 7)
    try:
        version, _, _ = reader.integer(), reader.integer(), reader.integer()
        if version == 3:
            reader.take(reader.integer())
        frame, attributes = reader.value()[name]
        return dict(zip(attributes["names"][0], (column for column, _ in frame), strict=True))
    except (KeyError, IndexError, TypeError, struct.error) as error:
        raise NotRData(f"{path}: no table {name!r} that can be read ({error})") from error


def _unpacked(content: bytes) -> bytes:
    unpack: Mapping[bytes, Callable[[bytes], bytes]] = {
        b"\x1f\x8b": gzip.decompress,
        b"BZ": bz2.decompress,
        b"\xfd7": lzma.decompress,
    }
    return unpack.get(content[:2], bytes)(content)


class _Reader:
    """Walks the stream; vectors come with their attributes, since names and classes are kept there."""

    def __init__(self, content: bytes, place: int) -> None:
        self._content, self._place = content, place
        self._symbols: list[str] = []

    def take(self, size: int) -> bytes:
        self._place += size
        return self._content[self._place - size : self._place]

    def integer(self) -> int:
        number: int = struct.unpack(">i", self.take(4))[0]
        return number

    def value(self) -> Any:
        flags = self.integer()
        kind = flags & 0xFF
        if kind == NULL:
            return None
        if kind == REFERENCE:
            return self._symbols[(flags >> 8) - 1]
        if kind == SYMBOL:
            self._symbols.append(self.value())
            return self._symbols[-1]
        if kind == STRING:
            return self._string(flags)
        if kind == PAIRS:
            return self._pairs(flags)
        vector = self._vector(kind)
        return vector, (self.value() if flags & HAS_ATTRIBUTES else {})

    def _string(self, flags: int) -> str | None:
        size = self.integer()
        return None if size == MISSING_STRING else self.take(size).decode("latin-1" if flags & LATIN_1 else "utf-8")

    def _pairs(self, flags: int) -> dict[str, Any]:
        """A linked list of tagged values; the rest of it follows each value."""
        pairs: dict[str, Any] = {}
        while flags & 0xFF == PAIRS:
            if flags & HAS_ATTRIBUTES:
                self.value()
            tag = self.value() if flags & HAS_TAG else ""
            pairs[tag] = self.value()
            flags = self.integer()
        return pairs

    def _vector(self, kind: int) -> list[Any]:
        size = self.integer()
        if kind in (LIST, STRINGS):
            return [self.value() for _ in range(size)]
        letter, width = {LOGICAL: ("i", 4), INTEGER: ("i", 4), REAL: ("d", 8)}[kind]
        return list(struct.unpack(f">{size}{letter}", self.take(size * width)))
