"""GermEval 2018, training part: German tweets, each profane, insulting, abusive or none of these.

The categories exclude each other and profanity is the last resort, so an insult or abuse says nothing about profane
wording; it does say that the tweet is toxic.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain
from training.sources.source import Source, file_in

LABELS: dict[str, dict[str, int | None]] = {
    "OTHER": {"profanity": 0, "toxicity": 0, "insult": 0, "identity_attack": 0},
    "PROFANITY": {"profanity": 1, "toxicity": 1, "insult": 0, "identity_attack": 0},
    "INSULT": {"toxicity": 1, "insult": 1, "identity_attack": 0},
    "ABUSE": {"toxicity": 1, "identity_attack": 1},
}


def read(folder: Path) -> Iterator[Record]:
    with file_in(folder, "germeval2018.training.txt").open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines):
            text, _, fine = line.rstrip("\r\n").split("\t")
            text = plain(text.replace("|LBR|", "\n"))
            yield labelled("germeval2018_train", number, text, LABELS[fine], lang="de", meta={"fine": fine})


SOURCE = Source(
    name="germeval2018_train",
    url="https://github.com/uds-lsv/GermEval-2018-Data (germeval2018.training.txt)",
    licence="CC BY 4.0",
    permissive=True,
    citation="M. Wiegand, M. Siegel, J. Ruppenhofer. Overview of the GermEval 2018 Shared Task. GermEval 2018.",
    files=("germeval2018.training.txt",),
    notes="Tweets; 71 of 5,009 are profane without being an insult or abuse.",
    read=read,
)
