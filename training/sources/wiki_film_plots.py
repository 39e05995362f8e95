"""Wikipedia plots of British films (R package qacr): the first two and the last three sentences of each.

Weak labels only: ``spoiler`` 1 for the ending and 0 for the opening, ``position`` from 0 to 1 in the plot. Plots under
six sentences are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.record import Record
from training.sources.r_data import read_table
from training.sources.reading import labelled, squeezed
from training.sources.source import Source, file_in

COLUMNS = ("year", "title", "genre", "plot")
OPENING, ENDING, FEWEST_SENTENCES = 2, 3, 6
_FOOTNOTE = re.compile(r"\[\d+\]")
_SENTENCE_END = re.compile(r"(?<!\bMr\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!\bSt\.)(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")


def read(folder: Path) -> Iterator[Record]:
    films = read_table(file_in(folder, "movies.rda"), "movies")
    for number, values in enumerate(zip(*(films[name] for name in COLUMNS), strict=True)):
        film = dict(zip(COLUMNS, values, strict=True))
        sentences = _SENTENCE_END.split(" ".join(_FOOTNOTE.sub("", squeezed(film["plot"] or "")).split()))
        if len(sentences) >= FEWEST_SENTENCES:
            yield from _sentences(number, film, sentences)


def _sentences(number: int, film: dict[str, Any], sentences: list[str]) -> Iterator[Record]:
    last = len(sentences) - 1
    meta = {"genre": str(film["genre"]), "year": int(film["year"])}
    for place in (*range(OPENING), *range(last + 1 - ENDING, last + 1)):
        weak = {"spoiler": int(place >= OPENING), "position": round(place / last, 3)}
        yield labelled(
            "wiki_film_plots_weak",
            f"{number}-{place}",
            sentences[place],
            {},
            work=squeezed(str(film["title"])),
            kind="movie",
            weak_labels=weak,
            meta=meta,
        )


SOURCE = Source(
    name="wiki_film_plots_weak",
    url="https://github.com/Rkabacoff/qacr (data/movies.rda)",
    licence="Text CC BY-SA 3.0 (Wikipedia)",
    permissive=False,
    citation="J. Robischon. Wikipedia Movie Plots. Kaggle 2018; subset in R. Kabacoff's R package qacr.",
    files=("movies.rda",),
    notes="Weak: an ending is likely to spoil, an opening is not.",
    read=read,
)
