"""Comments in files as people have them, JSON lines or CSV: rows in, the same rows out with more in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Protocol

import msgspec

from models.heads import HEAD_NAMES
from service.api.answers import ScoreOut
from service.api.body import decode
from service.api.submissions import read_comment
from service.domain import Submission
from service.errors import Fault, InvalidInput, UnreadableFile
from service.principals import OPEN

MAX_CELL: Final = 16_000_000
"""Characters in one CSV cell; an article's body outgrows the csv module's own limit of 131,072."""

_ANYTHING: Final = msgspec.json.Decoder(object)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its form keeps it, with the comment in it or why there is none. ``line``, from 1, is its first."""

    line: int
    content: Any
    comment: Submission | InvalidInput


class Form(Protocol):
    """A way to keep rows in a file. One object reads one file and writes another."""

    def read(self, source: BinaryIO) -> Iterator[Row]:
        """Every row, bad ones too. Blank lines are passed over. Raises ``UnreadableFile``."""
        ...

    def write(self, target: BinaryIO, row: Row, answer: ScoreOut) -> None:
        """The row with its answer."""
        ...


class JsonLines:
    """One object a line: ``text``, and ``lang`` and ``context`` where known, as in a labelled-comment file."""

    def read(self, source: BinaryIO) -> Iterator[Row]:
        for number, line in enumerate(source, start=1):
            content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if content.strip():
                yield self._row(number, content)

    def write(self, target: BinaryIO, row: Row, answer: ScoreOut) -> None:
        target.write(msgspec.json.encode({**row.content, **answer}) + b"\n")

    @staticmethod
    def _row(number: int, line: bytes) -> Row:
        try:
            content = decode(_ANYTHING, line)
        except InvalidInput as error:
            return Row(number, {}, error)
        if not isinstance(content, dict):
            return Row(number, {}, _bad("#", "not a JSON object"))
        context = content.get("context") or {}
        if not isinstance(context, dict):
            return Row(number, content, _bad("#/context", "not a JSON object"))
        article = context.get("article") or {}
        if not isinstance(article, dict):
            return Row(number, content, _bad("#/context/article", "not a JSON object"))
        words = {"title": article.get("title"), "body": article.get("body")}
        context = {"article": words, "parent": context.get("parent"), "kind": context.get("kind")}
        return Row(number, content, _comment(content, context))


class Csv:
    """A heading line and the column ``text``; also read: lang, article_title, article_body, parent, kind.

    Bytes that are no UTF-8 come out as they went in, except in a column that is read: that row is bad.
    """

    def __init__(self) -> None:
        self._columns: Sequence[str] = ()
        self._has_heading = False

    def read(self, source: BinaryIO) -> Iterator[Row]:
        csv.field_size_limit(MAX_CELL)
        text = io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape", newline="")
        lines = csv.reader(text)
        try:
            self._columns = next(lines, [])
            if "text" not in self._columns:
                raise UnreadableFile(f"line 1: no column is called text; there are: {self._columns!r:.500}")
            before = lines.line_num
            for cells in lines:
                if cells:
                    yield self._row(before + 1, cells)
                before = lines.line_num
        except csv.Error as error:
            raise UnreadableFile(f"line {lines.line_num}: not CSV: {error}") from error
        text.detach()  # It would close the source, which is not its own.

    def write(self, target: BinaryIO, row: Row, answer: ScoreOut) -> None:
        scores = {f"{head}_score": answer["scores"][head]["score"] for head in HEAD_NAMES}
        added = {**scores, "action": answer["decision"]["action"], "bundle": answer["bundle"]}
        # What an earlier scoring added is replaced.
        kept = [position for position, name in enumerate(self._columns) if name not in added]
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        if not self._has_heading:
            writer.writerow([*(self._columns[position] for position in kept), *added])
            self._has_heading = True
        writer.writerow([*(row.content[position] for position in kept), *added.values()])
        target.write(text.getvalue().encode("utf-8", "surrogateescape"))

    def _row(self, line: int, cells: Sequence[str]) -> Row:
        if len(cells) != len(self._columns):
            return Row(line, cells, _bad("#", f"{len(cells)} cells under {len(self._columns)} headings"))
        # An empty cell is no value, except in the column that has to have one.
        known = {name: cell for name, cell in zip(self._columns, cells, strict=True) if cell or name == "text"}
        words = {"title": known.get("article_title"), "body": known.get("article_body")}
        context = {"article": words, "parent": known.get("parent"), "kind": known.get("kind")}
        return Row(line, cells, _comment(known, context))


def _comment(content: Mapping[str, Any], context: dict[str, Any]) -> Submission | InvalidInput:
    asked = {name: content[name] for name in ("text", "lang") if name in content}
    try:
        return read_comment(msgspec.json.encode({**asked, "context": context}), OPEN)
    except InvalidInput as error:
        return error
    except UnicodeEncodeError:
        return _bad("#", "not UTF-8")


def _bad(pointer: str, reason: str) -> InvalidInput:
    return InvalidInput(Fault(pointer, reason))
