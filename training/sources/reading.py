"""What the readers share: tables, clean text, votes turned into labels, and the record itself."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from models.record import Record
from models.records import MAX_CELL

#: Row of a table by its headings; a cell that a short row lacks is empty.
Row = Mapping[str, str]

_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n(?: ?(\n))?[ \n]*")
_BEFORE_MARK = re.compile(r" +([,.;:!?)\]%])")
_AFTER_BRACKET = re.compile(r"([(\[]) +")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NO_TEXT = dict.fromkeys([0, 0xFEFF, *range(0xD800, 0xE000)])


def table(path: Path, *, delimiter: str = ",", headings: list[str] | None = None) -> Iterator[Row]:
    """Rows of a CSV or TSV file; ``headings`` for files that have no line of them."""
    csv.field_size_limit(max(MAX_CELL, csv.field_size_limit()))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream, headings, delimiter=delimiter, restval="")


def plain(text: str) -> str:
    """Without HTML entities, byte-order marks, NULs and outer white space."""
    return html.unescape(text).translate(_NO_TEXT).strip()


def squeezed(text: str) -> str:
    """``plain``, with runs of blanks as one blank, and at most one empty line between two."""
    return _LINE_ENDS.sub(r"\n\1", _BLANKS.sub(" ", plain(text))).strip()


def untokenised(text: str) -> str:
    """``squeezed`` on one line, without the blanks that tokenisers put around punctuation."""
    return _AFTER_BRACKET.sub(r"\1", _BEFORE_MARK.sub(r"\1", " ".join(plain(text).split())))


def masked(text: str) -> str:
    """Without anybody's e-mail address."""
    return _ADDRESS.sub("<email>", text)


def vote(positive: float, all_votes: float) -> int | None:
    """1 where at least half say so, 0 where nobody does, null in between."""
    if all_votes <= 0:
        return None
    return 0 if positive <= 0 else 1 if positive * 2 >= all_votes else None


def answered(labels: Mapping[str, int | None]) -> dict[str, int | None]:
    """Without the questions that nobody answered."""
    return {name: value for name, value in labels.items() if value is not None}


def labelled(source: str, key: object, text: str, labels: Mapping[str, int | None], **rest: Any) -> Record:
    """A record of a public set: English unless told otherwise, gold where people gave a label."""
    known = answered(labels)
    details = {"lang": "en", "label_source": "gold" if known else None, **rest}
    return Record(f"{source}:{key}", text, known, provenance={"source": f"dataset:{source}"}, **details)


def without_repeats(records: Iterable[Record]) -> Iterator[Record]:
    """The first of those with the same text under the same article and parent; none without text."""
    seen: set[tuple[str | None, str | None, str]] = set()
    for record in records:
        key = (record.article_id or record.work, record.parent, record.text.casefold())
        if record.text and key not in seen:
            seen.add(key)
            yield record
