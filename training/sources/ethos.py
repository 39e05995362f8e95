"""ETHOS: comments from YouTube and Reddit with the share of raters who called them hateful.

At least half: identity attack and toxic. Below: no identity attack, and nothing is said about toxicity or wording.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain, table
from training.sources.source import Source, file_in


def read(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, "Ethos_Dataset_Binary.csv"), delimiter=";")):
        share = float(row["isHate"])
        hateful = share >= 0.5
        labels = {"toxicity": 1 if hateful else None, "identity_attack": int(hateful)}
        yield labelled("ethos", number, plain(row["comment"]), labels, meta={"hate_score": round(share, 3)})


SOURCE = Source(
    name="ethos",
    url="https://github.com/intelligence-csd-auth-gr/Ethos-Hate-Speech-Dataset (ethos/ethos_data)",
    licence="GPL-3.0",
    permissive=False,
    citation="I. Mollas, Z. Chrysopoulou, S. Karlos, G. Tsoumakas. ETHOS: a multi-label hate speech detection dataset. "
    "Complex & Intelligent Systems, 2022.",
    files=("Ethos_Dataset_Binary.csv",),
    notes="Hate speech, not profanity.",
    read=read,
)
