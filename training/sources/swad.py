"""SWAD: tweets with a swear word between ``<b>`` and ``</b>``, and whether its use is abusive.

The marked word is the profane span, so profanity is 1 wherever a word is marked, and no row is negative. Abusive use
makes the tweet toxic; other use says nothing about toxicity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from models.record import MarkedSpan, Record
from training.sources.reading import labelled, plain
from training.sources.source import Source, file_in

MARKED = re.compile(r"^(.*?)<b>(.*?)</b>(.*)$", re.DOTALL)


def read(folder: Path) -> Iterator[Record]:
    with file_in(folder, "SWAD v2.tsv|SWAD_v2.tsv").open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines):
            name, marked, abusive = line.rstrip("\r\n").split("\t")
            text, spans = _unmarked(marked)
            labels = {"profanity": 1 if spans else None, "toxicity": 1 if abusive == "Yes" else None}
            meta = {"abusive_use": abusive == "Yes"}
            yield labelled("swad", f"{number}-{name}", text, labels, spans=spans, meta=meta)


def _unmarked(marked: str) -> tuple[str, tuple[MarkedSpan, ...]]:
    """The tweet without tags, and where the first marked word stands in it."""
    # The publisher's export closed quotation marks that it had not opened.
    tweet = plain(marked.rstrip('"'))
    found = MARKED.match(tweet)
    if found is None:
        return tweet, ()
    before, word, after = found.groups()
    after = re.sub(r"</?b>", "", after)
    return before + word + after, (MarkedSpan(len(before), len(before) + len(word), "profane"),) if word else ()


SOURCE = Source(
    name="swad",
    url="https://github.com/dadangewp/SWAD-Repository (SWAD v2.tsv)",
    licence="GPL-3.0",
    permissive=False,
    citation="E. W. Pamungkas, V. Basile, V. Patti. Do You Really Want to Hurt Me? Predicting Abusive Swearing in "
    "Social Media. LREC 2020.",
    files=("SWAD v2.tsv|SWAD_v2.tsv",),
    notes="All rows positive: mix with negatives of the same kind, and strip @USER and URL first.",
    read=read,
)
