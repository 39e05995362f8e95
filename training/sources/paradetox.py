"""ParaDetox: toxic sentences with rewrites by people that keep the sense and drop the tone.

The toxic side is toxic, its rewrites are not. ``paradetox_cannot_rewrite`` holds sentences that people declined to
rewrite, with the reason; where the reason is that the content itself is toxic, they are. No profanity labels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain, table, without_repeats
from training.sources.source import Source, file_in


def read_pairs(folder: Path) -> Iterator[Record]:
    """Pairs are numbered by the toxic side: 12t is toxic, 12n1 its first rewrite."""
    return without_repeats(_sides(folder))


def _sides(folder: Path) -> Iterator[Record]:
    for pair, row in enumerate(table(file_in(folder, "paradetox.tsv"), delimiter="\t")):
        toxic = {"pair": pair, "side": "toxic"}
        yield labelled("paradetox", f"{pair}t", plain(row["toxic"]), {"toxicity": 1}, meta=toxic)
        for number in (1, 2, 3):
            neutral = {"pair": pair, "side": "neutral"}
            text = plain(row[f"neutral{number}"])
            yield labelled("paradetox", f"{pair}n{number}", text, {"toxicity": 0}, meta=neutral)


def read_cannot_rewrite(folder: Path) -> Iterator[Record]:
    for row in table(file_in(folder, "paradetox_cannot_rewrite.tsv"), delimiter="\t"):
        text = plain(row["INPUT:toxic_comment"].strip('" '))
        reasons = [reason for reason, ticked in json.loads(row["OUTPUT:reasons"]).items() if ticked]
        labels = {"toxicity": 1 if "toxic_content" in reasons else None}
        if text:
            yield labelled("paradetox_cannot_rewrite", row[""], text, labels, meta={"reasons": reasons})


_LICENCE = "CC0 1.0"
_URL = "https://github.com/s-nlp/paradetox (paradetox)"
_CITATION = "V. Logacheva et al. ParaDetox: Detoxification with Parallel Data. ACL 2022."

PAIRS = Source(
    name="paradetox",
    url=_URL,
    licence=_LICENCE,
    permissive=True,
    citation=_CITATION,
    files=("paradetox.tsv",),
    notes="Sentences from Jigsaw, Reddit and Twitter, partly lower-cased and tokenised.",
    read=read_pairs,
)

CANNOT_REWRITE = Source(
    name="paradetox_cannot_rewrite",
    url=_URL,
    licence=_LICENCE,
    permissive=True,
    citation=_CITATION,
    files=("paradetox_cannot_rewrite.tsv",),
    notes="Reasons: toxic content, not toxic, unclear, other.",
    read=read_cannot_rewrite,
    folder="paradetox",
)
