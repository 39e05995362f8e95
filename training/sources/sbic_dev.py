"""Social Bias Inference Corpus, aggregated dev split: posts with the raters' means.

Toxic where at least half call it offensive, not where fewer than a fifth do. Identity attack where a group is the
target and named. Nobody was asked about profane wording.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import Row, labelled, plain, table
from training.sources.source import Source, file_in


def read(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, "SBIC.v2.agg.dev.csv"))):
        offensive = float(row["offensiveYN"])
        labels = {
            "toxicity": 1 if offensive >= 0.5 else 0 if offensive < 0.2 else None,
            "identity_attack": _at_group(row),
        }
        meta = {
            "offensive_mean": offensive,
            "lewd_mean": round(float(row["sexYN"] or 0), 2),
            "from": row["dataSource"],
        }
        yield labelled("sbic_dev", number, plain(row["post"]), labels, meta=meta)


def _at_group(row: Row) -> int | None:
    if not row["whoTarget"]:
        return None
    return int(float(row["whoTarget"]) >= 0.5 and bool(json.loads(row["targetMinority"])))


SOURCE = Source(
    name="sbic_dev",
    url="https://maartensap.com/social-bias-frames (SBIC.v2.agg.dev.csv)",
    licence="CC BY 4.0",
    permissive=True,
    citation="M. Sap, S. Gabriel, L. Qin, D. Jurafsky, N. A. Smith, Y. Choi. Social Bias Frames. ACL 2020.",
    files=("SBIC.v2.agg.dev.csv",),
    notes="Tweets, Reddit, Gab and Stormfront posts.",
    read=read,
)
