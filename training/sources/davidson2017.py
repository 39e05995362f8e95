"""Davidson et al.: tweets found by keywords, judged hateful, offensive or neither by at least three people.

The verdicts are about offence, not wording: no profanity label is given here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain, table
from training.sources.source import Source, file_in

HATE, NEITHER = "0", "2"


def read(folder: Path) -> Iterator[Record]:
    for row in table(file_in(folder, "labeled_data.csv")):
        verdict = row["class"]
        yield labelled(
            "davidson2017",
            row[""],
            plain(row["tweet"]),
            {"toxicity": int(verdict != NEITHER), "identity_attack": int(verdict == HATE)},
            meta={
                "votes": int(row["count"]),
                "hate_votes": int(row["hate_speech"]),
                "offensive_votes": int(row["offensive_language"]),
                "neither_votes": int(row["neither"]),
            },
        )


SOURCE = Source(
    name="davidson2017",
    url="https://github.com/t-davidson/hate-speech-and-offensive-language (data/labeled_data.csv)",
    licence="MIT",
    permissive=True,
    citation="T. Davidson, D. Warmsley, M. Macy, I. Weber. Automated Hate Speech Detection and the Problem of "
    "Offensive Language. ICWSM 2017.",
    files=("labeled_data.csv",),
    notes="Sampled by keywords; raters marked African-American English as offensive too often (Davidson et al. 2019).",
    read=read,
)
