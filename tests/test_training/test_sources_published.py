"""Readers on the publishers' real files, against the labelled comments beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.records import read_records
from training.sources import SOURCES, Source

#: Sets whose published files are not there, because rows for the final measurement stand in them. Their readers are
#: tested on rows written here alone.
WITHHELD = frozenset(
    {
        "c3_constructive",
        "c3_toxicity",
        "fox_news_comments",
        "newsgroups20_threads",
        "semeval_cqa",
        "sfu_ctc",
        "ukp_roomfordebate",
    }
)

#: Share of the labelled rows that the reader must find, and of the shared labels that must be the same.
ROWS, LABELS = 0.95, 0.95

#: Sets where fewer of the labelled rows are found, with the reason.
FEWER_ROWS = {
    "lexicon_en": (0.70, "the labelled set also reads a list that is published as a JavaScript module"),
    "wiki_film_plots_weak": (0.85, "sentences are counted by another splitter, so their numbers differ"),
}


def human_labels(source: str, labels: dict[str, int | None], label_source: str | None) -> dict[str, int | None]:
    """Labels that people gave: profanity only where the row says so, since word lists gave it elsewhere."""
    gold = label_source == "gold" or source == "tvtropes_spoilers"
    return {name: value for name, value in labels.items() if value is not None and (gold or name != "profanity")}


@pytest.mark.parametrize(
    "source", [source for source in SOURCES if source.name not in WITHHELD], ids=lambda source: source.name
)
def test_real_files_give_the_labelled_comments(shared: Path, source: Source) -> None:
    """The rows are found again, as many as there are, with the labels that people gave."""
    raw = shared / "data" / "raw"
    labelled = {
        record.id: record for record in read_records(shared / "data/labelled" / f"{source.name}.jsonl.gz").records
    }
    assert not source.missing(raw)
    records = list(source.read(source.where(raw)))
    found = {record.id: record for record in records}
    assert len(found) == len(records)

    share, _ = FEWER_ROWS.get(source.name, (ROWS, ""))
    assert share * len(labelled) <= len(records) <= len(labelled) / ROWS
    both = labelled.keys() & found.keys()
    assert len(both) >= share * len(labelled)

    pairs = [
        (value, found[key].labels.get(name))
        for key in both
        for name, value in human_labels(source.name, dict(labelled[key].labels), labelled[key].label_source).items()
        if found[key].labels.get(name) is not None
    ]
    assert sum(ours == theirs for theirs, ours in pairs) >= LABELS * len(pairs)
