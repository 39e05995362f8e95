"""Articles in files as people have them, JSON lines or CSV, for registering many at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec

from service.api.body import decode, decode_value
from service.api.registrations import article_from
from service.api.schemas import Id, RegisteredArticleIn
from service.domain import RegisteredArticle
from service.errors import Fault, InvalidInput, UnreadableFile
from service.rows import MAX_CELL

COLUMNS: Final = ("id", *RegisteredArticleIn.__struct_fields__)

_ANYTHING: Final = msgspec.json.Decoder(object)


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One row; ``line``, from 1, is its first. The article in it, or why there is none."""

    line: int
    article: RegisteredArticle | InvalidInput


def read_json_lines(source: BinaryIO, site: str) -> Iterator[ArticleRow]:
    """One object a line: ``id`` and what an article has. Blank lines are passed over."""
    for number, line in enumerate(source, start=1):
        content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if content.strip():
            yield ArticleRow(number, _decoded(content, site))


def read_csv(source: BinaryIO, site: str) -> Iterator[ArticleRow]:
    """A heading line with the column ``id`` and others that an article has. Raises ``UnreadableFile``."""
    csv.field_size_limit(MAX_CELL)
    text = io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape", newline="")
    rows = csv.reader(text)
    try:
        columns = next(rows, [])
        if "id" not in columns or not set(columns) <= set(COLUMNS):
            raise UnreadableFile(f"line 1: the columns are {columns!r:.500}; id is needed, and known are {COLUMNS!r}")
        before = rows.line_num
        for cells in rows:
            if cells:
                yield ArticleRow(before + 1, _from_cells(columns, cells, site))
            before = rows.line_num
    except csv.Error as error:
        raise UnreadableFile(f"line {rows.line_num}: not CSV: {error}") from error
    text.detach()  # It would close the source, which is not its own.


def _decoded(line: bytes, site: str) -> RegisteredArticle | InvalidInput:
    try:
        content = decode(_ANYTHING, line)
    except InvalidInput as error:
        return error
    if not isinstance(content, dict):
        return InvalidInput(Fault("#", "not a JSON object"))
    return _article(content, site)


def _from_cells(columns: list[str], cells: list[str], site: str) -> RegisteredArticle | InvalidInput:
    if len(cells) != len(columns):
        return InvalidInput(Fault("#", f"{len(cells)} cells under {len(columns)} headings"))
    # An empty cell is no value.
    return _article({name: cell for name, cell in zip(columns, cells, strict=True) if cell}, site)


def _article(content: Mapping[str, Any], site: str) -> RegisteredArticle | InvalidInput:
    try:
        msgspec.json.encode(content)
    except UnicodeEncodeError:
        return InvalidInput(Fault("#", "not UTF-8"))
    if "id" not in content:
        return InvalidInput(Fault("#/id", "required"))
    try:
        identity = decode_value(content["id"], Id, ("id",))
        return article_from({name: value for name, value in content.items() if name != "id"}, site, identity)
    except InvalidInput as error:
        return error
