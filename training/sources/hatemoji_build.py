"""HatemojiBuild: sentences with emoji, written by people to fool a classifier; hateful or not.

Hateful: identity attack and toxic. Not hateful: no identity attack. Nobody was asked about profane wording.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain, table
from training.sources.source import Source, file_in

SPLITS = {"train": "train", "validation": "dev"}


def read(folder: Path) -> Iterator[Record]:
    for part, split in SPLITS.items():
        for row in table(file_in(folder, f"{part}.csv")):
            hateful = int(row["label_gold"])
            labels = {"toxicity": 1 if hateful else None, "identity_attack": hateful}
            meta = {"type": row["type"]}
            yield labelled("hatemoji_build", row["entry_id"], plain(row["text"]), labels, split=split, meta=meta)


SOURCE = Source(
    name="hatemoji_build",
    url="https://github.com/HannahKirk/Hatemoji (HatemojiBuild)",
    licence="CC BY 4.0",
    permissive=True,
    citation="H. R. Kirk, B. Vidgen, P. Röttger, T. Thrush, S. A. Hale. Hatemoji. NAACL 2022.",
    files=("train.csv", "validation.csv"),
    notes="Adversarial sentences in pairs that differ by an emoji or a word.",
    read=read,
)
