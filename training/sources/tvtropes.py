"""TV Tropes sentences about series; 1 where the editors hid part of the sentence behind a spoiler mask.

The masks left double blanks in the published text, which give the label away: white space is squeezed and the blanks
of the tokeniser are taken out. The authors' dev pages cannot be told from this file, so no split is given; split by
``work``, the series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, table, untokenised, without_repeats
from training.sources.source import Source, file_in

_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def read(folder: Path) -> Iterator[Record]:
    return without_repeats(_sentences(folder))


def _sentences(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, "train.csv"))):
        yield labelled(
            "tvtropes_spoilers",
            f"train-{number}",
            untokenised(row["sentence"]).lstrip("-: "),
            {"spoiler": int(row["spoiler"] == "True")},
            work=_spaced(row["page"]),
            kind="tv",
            meta={"trope": _spaced(row["trope"].removesuffix(".html"))},
        )


def _spaced(name: str) -> str:
    return _INNER_CAPITAL.sub(" ", name)


SOURCE = Source(
    name="tvtropes_spoilers",
    url="https://github.com/ezubaric/ml-hw (data/spoilers/train.csv)",
    licence="CC BY-NC-SA 3.0 (TV Tropes); research",
    permissive=False,
    citation="J. Boyd-Graber, K. Glasgow, J. S. Zajac. Spoiler Alert: Machine Learning Approaches to Detect Social "
    "Media Posts with Revelatory Information. ASIST 2013.",
    files=("train.csv",),
    notes="About a third of the positives reveal nothing on their own.",
    read=read,
)
