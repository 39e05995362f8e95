"""Pang and Lee's subjectivity sentences: plot summaries (objective) against review snippets (subjective).

A weak label, ``plot``: whether the sentence tells plot. It is no spoiler label, most plot sentences being premises.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, untokenised, without_repeats
from training.sources.source import Source, file_in

FILES = {"subj.objective": 1, "subj.subjective": 0}


def read(folder: Path) -> Iterator[Record]:
    return without_repeats(_sentences(folder))


def _sentences(folder: Path) -> Iterator[Record]:
    for file, plot in FILES.items():
        with file_in(folder, file).open(encoding="latin-1", newline="\n") as lines:
            for number, line in enumerate(lines):
                weak = {"plot": plot}
                text = untokenised(line)
                yield labelled("subj_plot_vs_review", f"{file}-{number}", text, {}, weak_labels=weak, kind="movie")


SOURCE = Source(
    name="subj_plot_vs_review",
    url="https://www.cs.cornell.edu/people/pabo/movie-review-data (subjectivity dataset v1.0)",
    licence="For research",
    permissive=False,
    citation="B. Pang, L. Lee. A Sentimental Education. ACL 2004.",
    files=("subj.objective", "subj.subjective"),
    notes="Lower-cased.",
    read=read,
)
