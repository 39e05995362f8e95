"""English word lists as records: one term a record, profane where a list's makers rated it and no list doubts it.

Three lists: Surge AI (severity 1 to 3, categories), dsojevic (severity 1 to 4, tags, spellings) and LDNOOBW. The
fourth of other preparations, cuss, is published as a JavaScript module and not read. A term is gold only where Surge
rates it; elsewhere the label stays null, because lists hold many words that are innocent in most places.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, squeezed, table
from training.sources.source import Source, file_in

SURGE = "wordlist_surge/profanity_en.csv"
DSOJEVIC = "wordlist_dsojevic/en.json"
LDNOOBW = "wordlist_ldnoobw/en.json"


@dataclass(slots=True)
class _Term:
    """What the lists say about one term."""

    lists: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    surge_severity: float | None = None
    dsojevic_severity: int | None = None


def read(folder: Path) -> Iterator[Record]:
    terms: dict[str, _Term] = {}
    _add_surge(terms, folder)
    _add_dsojevic(terms, folder)
    for text in json.loads(file_in(folder, LDNOOBW).read_text("utf-8")):
        _term(terms, text).lists.add("ldnoobw")
    for text in sorted(terms):
        term = terms[text]
        meta = {
            "lists": sorted(term.lists),
            "categories": sorted(term.categories),
            "surge_severity": term.surge_severity,
            "dsojevic_severity": term.dsojevic_severity,
        }
        labels = {"profanity": 1 if term.surge_severity is not None else None}
        yield labelled("lexicon_en", text.replace(" ", "_"), text, labels, meta=meta)


def _term(terms: dict[str, _Term], text: str) -> _Term:
    return terms.setdefault(squeezed(text.replace("_", " ")).lower(), _Term())


def _add_surge(terms: dict[str, _Term], folder: Path) -> None:
    for row in table(file_in(folder, SURGE)):
        term = _term(terms, row["text"])
        term.lists.add("surge")
        term.categories.update(filter(None, (row[f"category_{number}"] for number in (1, 2, 3))))
        term.surge_severity = float(row["severity_rating"])


def _add_dsojevic(terms: dict[str, _Term], folder: Path) -> None:
    for entry in json.loads(file_in(folder, DSOJEVIC).read_text("utf-8")):
        for spelling in entry["match"].split("|"):
            term = _term(terms, spelling)
            term.lists.add("dsojevic")
            term.categories.update(entry.get("tags", []))
            term.dsojevic_severity = entry.get("severity")


SOURCE = Source(
    name="lexicon_en",
    url="https://github.com/surge-ai/profanity, https://github.com/dsojevic/profanity-list, "
    "https://www.npmjs.com/package/naughty-words",
    licence="MIT (Surge AI, dsojevic), CC BY 4.0 (LDNOOBW)",
    permissive=True,
    citation="Surge AI. The Obscenity List, 2022; D. Sojevic. profanity-list, 2021; Shutterstock. List of Dirty, "
    "Naughty, Obscene and Otherwise Bad Words.",
    files=(SURGE, DSOJEVIC, LDNOOBW),
    notes="Terms, not comments.",
    read=read,
    folder=".",
)
