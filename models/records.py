"""Labelled-comment files: the one shape in which comments with labels travel between the service and training.

JSONL (also ``.jsonl.gz``), one object a line; CSV is read by mapping its columns onto the same shape. Only ``format``,
``id``, ``text`` and ``labels`` are needed. Absent means null, and null means that nobody answered. Unknown keys are
kept in ``Record.extra``, in the places where they stood.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

from models.heads import HEAD_NAMES
from models.record import FORMAT, BadRow, MarkedSpan, Record, from_row, kind_of, to_row

__all__ = [
    "CSV_FIELDS",
    "DEFAULT_COLUMNS",
    "FORMAT",
    "BadLine",
    "MarkedSpan",
    "ReadResult",
    "Record",
    "RecordsRejected",
    "read_csv",
    "read_records",
    "write_records",
]

CSV_FIELDS: Final = ("text", "id", "lang", "article_title", "article_body", "parent", "work", "kind", "weight")
#: Field → heading, as ``read_csv`` expects it when told nothing else.
DEFAULT_COLUMNS: Final[Mapping[str, str]] = {name: name for name in (*CSV_FIELDS, *HEAD_NAMES)}
#: Characters in one CSV cell; an article's body outgrows the csv module's own limit of 131,072.
MAX_CELL: Final = 16_000_000


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line (from 1, in the unpacked file) that is no labelled comment, and why not."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file held, in its order, and what was left out because it was told to skip."""

    records: list[Record]
    skipped: tuple[BadLine, ...] = ()


class RecordsRejected(ValueError):
    """A file with bad lines. ``bad`` has all of them, the message the first ten."""

    def __init__(self, path: Path, bad: Iterable[BadLine]) -> None:
        self.path, self.bad = path, tuple(bad)
        first = "".join(f"\n  line {item.line}: {item.reason}" for item in self.bad[:10])
        super().__init__(f"{path}: {len(self.bad)} bad line(s){first}")


def read_records(path: Path, *, skip_bad: bool = False) -> ReadResult:
    """All labelled comments of a JSONL, ``.jsonl.gz`` or ``.csv`` file. Blank lines are passed over.

    Raises ``RecordsRejected`` if any line is bad, unless told to skip; a damaged gzip stream is refused either way,
    because nobody can tell what is missing.
    """
    if ".csv" in path.suffixes[-2:]:
        return read_csv(path, skip_bad=skip_bad)
    return _collect(path, _json_rows(path), skip_bad=skip_bad)


def read_csv(path: Path, columns: Mapping[str, str] = DEFAULT_COLUMNS, *, skip_bad: bool = False) -> ReadResult:
    """The rows of a CSV file with a heading line, in UTF-8; errors as in ``read_records``.

    ``columns`` maps a field to its heading. Fields are those of ``CSV_FIELDS``; any other field is a label, whose
    cells are 0, 1 or empty. Headings that the file lacks are null, except text and at least one label. Without an
    id column a row is called ``<file>:<line>``. Columns nobody mapped are kept, as strings, in ``meta``.
    """
    return _collect(path, _csv_rows(path, columns), skip_bad=skip_bad)


def write_records(path: Path, records: Iterable[Record]) -> int:
    """Write all or nothing, gzipped if the name ends in ``.gz``, and return how many. Equal records, equal bytes.

    Raises ``RecordsRejected`` at the first record that reading would refuse or not give back equal.
    """
    count, seen = 0, set[str]()
    with _replacing(path) as stream:
        for record in records:
            count += 1
            try:
                row = json.dumps(to_row(record), allow_nan=False, sort_keys=True, ensure_ascii=False)
                line = row.encode("utf-8")
                if from_row(_parse(line)) != record:
                    raise BadRow("would not come back equal (a tuple or a key that is no string, in meta or extra?)")
                _new(record.id, seen)
            except (TypeError, ValueError) as error:
                raise RecordsRejected(path, [BadLine(count, f"{record.id!r}: {error}")]) from error
            stream.write(line + b"\n")
    return count


def _collect(path: Path, rows: Iterable[tuple[int, dict[str, Any] | BadRow]], *, skip_bad: bool) -> ReadResult:
    """Rows with their line numbers → records, the bad ones apart."""
    records: list[Record] = []
    bad: list[BadLine] = []
    seen: set[str] = set()
    number = 0
    try:
        for number, row in rows:
            try:
                if isinstance(row, BadRow):
                    raise row
                record = from_row(row)
                _new(record.id, seen)
                records.append(record)
            except BadRow as error:
                bad.append(BadLine(number, str(error)))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise RecordsRejected(path, [*bad, BadLine(number + 1, f"damaged gzip stream: {error}")]) from error
    if bad and not skip_bad:
        raise RecordsRejected(path, bad)
    return ReadResult(records, tuple(bad))


def _new(name: str, seen: set[str]) -> None:
    if name in seen:
        raise BadRow(f"id {name!r} stands twice in this file")
    seen.add(name)


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if line.strip():
                try:
                    yield number, _parse(line)
                except BadRow as error:
                    yield number, error


def _parse(line: bytes) -> dict[str, Any]:
    """One line's object; strings anywhere in it can be written again as UTF-8, numbers are finite."""
    try:
        row = json.loads(line.decode("utf-8"), parse_constant=_not_finite, parse_float=_finite)
        if b"\\u" in line:  # the only way for a lone surrogate to get in
            json.dumps(row, ensure_ascii=False).encode("utf-8")
    except BadRow:
        raise
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 at byte {error.start}") from error
    except UnicodeEncodeError as error:
        raise BadRow("a lone surrogate, which is no character") from error
    except json.JSONDecodeError as error:
        raise BadRow(f"not JSON: {error.msg} at column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise BadRow("not JSON: nested too deeply or a number too long") from error
    if not isinstance(row, dict):
        raise BadRow(f"not an object but {kind_of(row)}")
    return row


def _not_finite(name: str) -> float:
    raise BadRow(f"{name} is no number that JSON knows")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _not_finite(digits[:20])


def _csv_rows(path: Path, columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    """Rows in the shape of a JSONL line, each with the number of the line on which it begins."""
    csv.field_size_limit(max(MAX_CELL, csv.field_size_limit()))
    with _open(path) as stream:
        # Bytes that are not UTF-8 become lone surrogates, so that only their own row is bad.
        lines = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        rows = csv.reader(lines, strict=True)
        try:
            headings = next(rows, [])
        except csv.Error as error:
            raise RecordsRejected(path, [BadLine(1, f"not CSV: {error}")]) from error
        present = {name: headings.index(title) for name, title in columns.items() if title in headings}
        if "text" not in present or not set(present) - set(CSV_FIELDS):
            raise RecordsRejected(path, [BadLine(1, f"needs a text column and one of labels; has {headings}")])
        while True:
            number = rows.line_num + 1
            try:
                cells = next(rows, None)
                if cells is None:
                    return
                if cells:
                    yield number, _csv_row(cells, headings, present, f"{path.name.split('.')[0]}:{number}")
            except BadRow as error:
                yield number, error
            except csv.Error as error:
                yield number, BadRow(f"not CSV: {error}")


def _csv_row(cells: list[str], headings: list[str], present: Mapping[str, int], name: str) -> dict[str, Any]:
    if len(cells) != len(headings):
        raise BadRow(f"{len(cells)} cells under {len(headings)} headings")
    try:
        "".join(cells).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRow("not UTF-8") from error
    given = {field_: cells[column] for field_, column in present.items() if cells[column] != ""}
    used = set(present.values())
    context = {key: given.get(key) for key in ("parent", "work", "kind")}
    article = {"title": given.get("article_title"), "body": given.get("article_body")}
    return {
        "format": FORMAT,
        "id": given.get("id") if "id" in present else name,
        "text": given.get("text", ""),
        "lang": given.get("lang"),
        "context": {**context, "article": article},
        "labels": {label: _csv_label(label, given.get(label)) for label in present if label not in CSV_FIELDS},
        "weight": _csv_weight(given.get("weight")),
        "meta": {heading: cells[i] for i, heading in enumerate(headings) if i not in used and cells[i] != ""},
    }


def _csv_label(name: str, cell: str | None) -> int | None:
    """Spreadsheets and pandas turn 1 into 1.0 where a column has gaps; both spellings are read."""
    if cell is None:
        return None
    if cell.strip() not in ("0", "1", "0.0", "1.0"):
        raise BadRow(f"label {name} is {cell[:20]!r}, not 0, 1 or empty")
    return int(cell.strip()[0])


def _csv_weight(cell: str | None) -> float | None:
    try:
        return None if cell is None else float(cell)
    except ValueError as error:
        raise BadRow(f"weight is {cell!r}, not a number") from error


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A stream beside the file, which takes its place only once all is written and on disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as plain:
            if path.suffix == ".gz":
                with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=plain, mtime=0) as packed:
                    yield cast(IO[bytes], packed)
            else:
                yield plain
            plain.flush()
            os.fsync(plain.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
