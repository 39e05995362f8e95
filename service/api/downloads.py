"""Answers of any length, sent as they are read, one row a line; cells of CSV are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
from starlette.responses import Response, StreamingResponse

from service.api.body import NDJSON

ROWS_AT_ONCE: Final = 500
_Rows = Iterable[Mapping[str, Any]]


class Form(StrEnum):
    """What a row becomes."""

    CSV = "csv"
    JSONL = "jsonl"


_MEDIA_TYPES: Final[Mapping[Form, str]] = {Form.CSV: "text/csv; charset=utf-8", Form.JSONL: NDJSON}
#: A cell that begins with one of these may be taken for a formula, which may send what stands beside it elsewhere.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


async def download(name: str, form: Form, parts: AsyncIterator[bytes]) -> Response:
    """A file of that name. The first part is read before anything is sent, so that a store out of reach is a refusal;
    one that goes away later leaves the file unfinished, and its connection is closed in the middle."""
    first = await anext(parts, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    kept = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingResponse(whole(), headers=kept, media_type=_MEDIA_TYPES[form])


async def written(form: Form, columns: Sequence[str], pages: AsyncIterator[_Rows]) -> AsyncIterator[bytes]:
    """Pages of rows in that form; every row has those columns."""
    heading = _cells([columns]) if form is Form.CSV else b""
    async for page in pages:
        yield heading + (_cells(map(_row, page)) if form is Form.CSV else json_lines(page))
        heading = b""
    if heading:
        yield heading


def json_lines(rows: _Rows) -> bytes:
    """One object a line."""
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def offered(*forms: Form) -> dict[int | str, dict[str, Any]]:
    """What a route answers that gives a file, for its ``responses=``."""
    content = {_MEDIA_TYPES[form].partition(";")[0]: {"schema": {"type": "string"}} for form in forms}
    return {200: {"description": "The file, sent as it is read", "content": content}}


def _row(row: Mapping[str, Any]) -> list[str]:
    return [_cell(value) for value in row.values()]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    told = value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    return f"'{told}" if told.startswith(_FORMULA) else told


def _cells(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
