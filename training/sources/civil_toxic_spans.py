"""Toxic Spans: Civil Comments in which three or more people marked the toxic stretches and named their kind.

A kind that at least half of the raters marked is a yes, one that nobody marked a no. Toxic is 0 where most ticked "not
toxic" and 1 where fewer than half did. Spans are the stretches that at least half of the raters marked, of the
kind they named most often. The proxy labels of other preparations, where a word list agrees with the raters, are not
made here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.record import MarkedSpan, Record
from training.sources.reading import labelled, table, vote
from training.sources.source import Source, file_in

KINDS = {
    "Profane/Obscene": "profane",
    "Insult": "insult",
    "Identity based Attack": "identity",
    "Threat": "threat",
    "Other Toxicity": "other",
}


@dataclass(slots=True)
class _Ratings:
    """What the raters of one comment ticked and marked; stretches are (start, end, kind)."""

    raters: int = 0
    all_toxic: int = 0
    not_toxic: int = 0
    stretches: list[set[tuple[int, int, str]]] = field(default_factory=list)

    def votes(self, kind: str) -> int:
        return sum(any(marked == kind for _, _, marked in stretches) for stretches in self.stretches)


def read(folder: Path) -> Iterator[Record]:
    ratings = _ratings(folder)
    for row in table(file_in(folder, "comments.csv|comments_nontest.csv")):
        # Offsets count from the text as published, so it is left alone.
        text, given = row["comment_text"], ratings[row["comment_id"]]
        if text.strip():
            yield _record(row["comment_id"], text, given)


def _record(key: str, text: str, given: _Ratings) -> Record:
    not_toxic = given.not_toxic * 2
    labels = {
        "profanity": vote(given.votes("profane"), given.raters),
        "toxicity": 0 if not_toxic > given.raters else 1 if not_toxic < given.raters else None,
        "insult": vote(given.votes("insult"), given.raters),
        "identity_attack": vote(given.votes("identity"), given.raters),
        "threat": vote(given.votes("threat"), given.raters),
    }
    meta = {
        "annotators": given.raters,
        **{f"{kind}_votes": given.votes(kind) for kind in ("profane", "insult", "identity", "threat")},
        "not_toxic_votes": given.not_toxic,
        "all_toxic_votes": given.all_toxic,
    }
    spans = tuple(span for span in _agreed(given) if span.end <= len(text))
    return labelled("civil_toxic_spans", key, text, labels, spans=spans, kind="news", meta=meta)


def _ratings(folder: Path) -> dict[str, _Ratings]:
    marked = defaultdict(set)
    for row in table(file_in(folder, "spans.csv|spans_nontest.csv")):
        marked[row["annotation"]].add((int(row["start"]), int(row["end"]), KINDS.get(row["type"], "other")))
    ratings: dict[str, _Ratings] = defaultdict(_Ratings)
    for row in table(file_in(folder, "annotations.csv|annotations_nontest.csv")):
        rating = ratings[row["comment_id"]]
        rating.raters += 1
        rating.all_toxic += row["all toxic"] == "True"
        rating.not_toxic += row["not toxic"] == "True"
        rating.stretches.append(marked.get(row["annotation"], set()))
    return ratings


def _agreed(given: _Ratings) -> Iterator[MarkedSpan]:
    """Runs of characters that at least half of the raters marked, in order, with the kind named most often."""
    marks: Counter[int] = Counter()
    for stretches in given.stretches:
        marks.update({place for start, end, _ in stretches for place in range(start, end)})
    for start, end in _runs(place for place, count in marks.items() if count * 2 >= given.raters):
        kinds = Counter(
            kind
            for stretches in given.stretches
            for marked_start, marked_end, kind in sorted(stretches)
            if marked_start < end and marked_end > start
        )
        yield MarkedSpan(start, end, kinds.most_common(1)[0][0])


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring numbers as half-open ranges."""
    start = end = -1
    for place in sorted(places):
        if place != end:
            if end > start:
                yield start, end
            start = place
        end = place + 1
    if end > start:
        yield start, end


SOURCE = Source(
    name="civil_toxic_spans",
    url="https://github.com/ipavlopoulos/toxic_spans (the typed release: comments.csv, annotations.csv, spans.csv)",
    licence="CC0 1.0",
    permissive=True,
    citation="J. Pavlopoulos, J. Sorensen, L. Laugier, I. Androutsopoulos. SemEval-2021 Task 5: Toxic Spans Detection. "
    "SemEval 2021.",
    files=(
        "comments.csv|comments_nontest.csv",
        "annotations.csv|annotations_nontest.csv",
        "spans.csv|spans_nontest.csv",
    ),
    notes="News comments found toxic beforehand: hardly any clean ones.",
    read=read,
)
