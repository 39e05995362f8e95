"""A stream of bytes as lines, none of them held beyond its limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` counts from 1, blank lines too. ``content`` is null for a line over the limit: it was not kept."""

    number: int
    content: bytes | None


class LineReader:
    """Cuts what comes in at line feeds. Blank lines are passed over."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._number = 0
        self._kept = bytearray()
        self._is_over = False

    def feed(self, data: bytes) -> Iterator[Line]:
        """The lines that ``data`` completes."""
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._keep(data[start:end])
            yield from self.finish()
            start = end + 1
        self._keep(data[start:])

    def finish(self) -> Iterator[Line]:
        """The line so far, if there is anything in it: nothing more belongs to it."""
        self._number += 1
        content, is_over = bytes(self._kept), self._is_over
        self._kept.clear()
        self._is_over = False
        if is_over:
            yield Line(self._number, None)
        elif not content.isspace() and content:
            yield Line(self._number, content)

    def _keep(self, part: bytes) -> None:
        if self._is_over or len(self._kept) + len(part) > self._limit:
            self._is_over = True
            self._kept.clear()
            return
        self._kept += part
