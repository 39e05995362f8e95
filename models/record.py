"""One labelled comment, and the row (a JSON object) that it is in a file. Files themselves: ``models.records``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from models.comment import Article, Comment

FORMAT: Final = 1
"""The number that every line carries. To bump it: raise it here, let ``from_row`` go on reading lines with the old
number, let ``write_records`` write only the new one, add a test with a stored line of the old number, and say in
CHANGELOG.md what changed for those who write such files."""


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A stretch of the text that a person marked. Offsets are code points, end exclusive."""

    start: int
    end: int
    type: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One comment, its context and what is known about it. ``kind`` stands here and, the same, in the article."""

    id: str
    text: str
    labels: Mapping[str, int | None]
    lang: str | None = None
    article_id: str | None = None
    work: str | None = None
    kind: str | None = None
    article: Article | None = None
    parent: str | None = None
    weight: float = 1.0
    label_source: str | None = None
    weak_labels: Mapping[str, float] = field(default_factory=dict)
    spans: tuple[MarkedSpan, ...] = ()
    split: str | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """An article without title and body is none; its kind is the record's."""
        if self.article is None:
            return
        if self.kind is None:
            object.__setattr__(self, "kind", self.article.kind)
        has_words = self.article.title is not None or self.article.body is not None
        object.__setattr__(self, "article", replace(self.article, kind=self.kind) if has_words else None)

    @property
    def source(self) -> str:
        """The data set's name, or where else the labels came from (review, report, feedback); "" if nobody said."""
        return str(self.provenance.get("source") or "").removeprefix("dataset:")

    def comment(self) -> Comment:
        """What features may look at."""
        article = self.article or (Article(kind=self.kind) if self.kind else None)
        return Comment(self.text, article, self.parent)


class BadRow(ValueError):
    """Why a row is no labelled comment."""


_KINDS: Final = {
    str: "a string",
    dict: "an object",
    list: "a list",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


def from_row(row: dict[str, Any]) -> Record:
    """Check and convert one line's object; what is left of it after that is ``extra``."""
    number = row.pop("format", None)
    if type(number) is not int or number != FORMAT:
        raise BadRow(f"format is {number!r}, not {FORMAT}")
    name, text, labels = (_take(row, key, kind) for key, kind in (("id", str), ("text", str), ("labels", dict)))
    if not name or not text or not text.strip() or labels is None:
        missing = "id" if not name else "labels" if labels is None else "text"
        raise BadRow(f"{missing} is missing or empty")
    context = _take(row, "context", dict) or {}
    article = _take(context, "article", dict, "context.") or {}
    article_id, title, body = (_take(article, key, str, "context.article.") for key in ("id", "title", "body"))
    parent, work, kind = (_take(context, key, str, "context.") for key in ("parent", "work", "kind"))
    spans = _take(row, "spans", list) or []
    weight = _take(row, "weight", (int, float))
    provenance = _take(row, "provenance", dict) or {}
    if not isinstance(provenance.get("source") or "", str):
        raise BadRow("provenance.source is not a string")
    record = Record(
        id=name,
        text=text,
        labels=_labels(labels),
        lang=_take(row, "lang", str),
        article_id=article_id,
        work=work,
        kind=kind,
        article=Article(title, body, kind),
        parent=parent,
        weight=1.0 if weight is None else _weight(weight),
        label_source=_take(row, "label_source", str),
        weak_labels=_weak_labels(_take(row, "weak_labels", dict) or {}),
        spans=tuple(_span(span, index, len(text)) for index, span in enumerate(spans)),
        split=_take(row, "split", str),
        provenance=provenance,
        meta=_take(row, "meta", dict) or {},
        extra=row,
    )
    # What nobody knows stays where it stood.
    if article:
        context["article"] = article
    if context:
        row["context"] = context
    return record


def _take(row: dict[str, Any], key: str, kind: type | tuple[type, ...], where: str = "") -> Any:
    """Remove and return a value of that kind, or null. bool is no number here."""
    value = row.pop(key, None)
    if value is None:
        return None
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = kind if isinstance(kind, tuple) else (kind,)
        raise BadRow(f"{where}{key} is {kind_of(value)}, not {' or '.join(_KINDS[item] for item in wanted)}")
    if isinstance(value, str) and "\0" in value:
        raise BadRow(f"{where}{key} holds a NUL")
    return value


def kind_of(value: object) -> str:
    """What JSON calls it, with its article, for an error message."""
    return _KINDS.get(type(value), type(value).__name__)


def _labels(labels: dict[str, Any]) -> dict[str, int | None]:
    for name, value in labels.items():
        if value is not None and (type(value) is not int or value not in (0, 1)):
            raise BadRow(f"label {name} is {str(value)[:20]!r}, not 0, 1 or null")
    return labels


def _weak_labels(labels: dict[str, Any]) -> dict[str, float]:
    for name, value in labels.items():
        if type(value) not in (int, float) or not 0 <= value <= 1:
            raise BadRow(f"weak label {name} is {str(value)[:20]!r}, not a number from 0 to 1")
    return labels


def _weight(value: float) -> float:
    if not 0 <= value <= sys.float_info.max:
        raise BadRow(f"weight is {str(value)[:20]}, not a number from 0 up")
    return float(value)


def _span(span: Any, index: int, length: int) -> MarkedSpan:
    where = f"spans[{index}]"
    if not isinstance(span, dict):
        raise BadRow(f"{where} is {kind_of(span)}, not an object")
    start, end = (_take(span, key, int, f"{where}.") for key in ("start", "end"))
    if start is None or end is None or not 0 <= start < end <= length:
        raise BadRow(f"{where} runs from {start} to {end} in a text of {length} characters")
    return MarkedSpan(start, end, _take(span, "type", str, f"{where}."), span)


def to_row(record: Record) -> dict[str, Any]:
    """The row that ``from_row`` turns back into an equal record; what is null, empty or the default is left out."""
    extra = dict(record.extra)
    context = dict(extra.pop("context", {}))
    article = dict(context.pop("article", {}))
    known = record.article or Article()
    article |= _filled(id=record.article_id, title=known.title, body=known.body)
    context |= _filled(parent=record.parent, work=record.work, kind=record.kind, article=article or None)
    spans = [{**span.extra, **_filled(start=span.start, end=span.end, type=span.type)} for span in record.spans]
    row = extra | {"format": FORMAT, "id": record.id, "text": record.text, "labels": dict(record.labels)}
    row |= _filled(lang=record.lang, context=context or None, label_source=record.label_source, split=record.split)
    row |= _filled(weight=None if record.weight == 1.0 else record.weight, spans=spans or None)
    row |= {key: dict(value) for key in ("weak_labels", "provenance", "meta") if (value := getattr(record, key))}
    return row


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
