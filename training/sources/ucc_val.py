"""Unhealthy Comments Corpus, validation split: Globe and Mail comments judged on six attributes.

Antagonistic is insult. Nobody was asked about profane wording, which moderators had removed already: no profanity
label is given here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain, table
from training.sources.source import Source, file_in

ATTRIBUTES = (
    "healthy", "hostile", "antagonize", "condescending", "dismissive", "sarcastic", "generalisation_unfair",
)  # fmt: skip


def read(folder: Path) -> Iterator[Record]:
    for row in table(file_in(folder, "val.csv")):
        meta = {name: int(float(row[name])) for name in ATTRIBUTES}
        labels = {"insult": meta["antagonize"]}
        yield labelled("ucc_val", row["_unit_id"], plain(row["comment"]), labels, kind="news", meta=meta)


SOURCE = Source(
    name="ucc_val",
    url="https://github.com/conversationai/unhealthy-conversations (corpus/val.csv)",
    licence="CC BY-NC-SA 4.0",
    permissive=False,
    citation="I. Price et al. Six Attributes of Unhealthy Conversation. WOAH 2020.",
    files=("val.csv",),
    notes="Moderated news comments: a clean side for profanity.",
    read=read,
)
