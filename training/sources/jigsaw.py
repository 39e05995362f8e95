"""Two samples of the Toxic Comment Classification Challenge (Wikipedia talk pages), as others have published them.

``jigsaw_multilabel_3k`` has the six labels of the challenge: obscene is profanity, and any of the six makes a comment
toxic. ``jigsaw_test_balanced_12k`` has toxic alone, so no profanity label is given for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain, table
from training.sources.source import Source, file_in

SIX = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")


def read_multilabel(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, "toxic_comments.csv"))):
        marks = {name: int(row[name]) for name in SIX}
        labels = {
            "profanity": marks["obscene"],
            "toxicity": max(marks.values()),
            "insult": marks["insult"],
            "identity_attack": marks["identity_hate"],
            "threat": marks["threat"],
        }
        meta = {name: marks[name] for name in ("toxic", "severe_toxic", "obscene")}
        yield labelled("jigsaw_multilabel_3k", number, plain(row["comment_text"]), labels, kind="talk_page", meta=meta)


def read_balanced(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, "test.csv"), headings=["text", "toxic"])):
        labels = {"toxicity": int(row["toxic"])}
        yield labelled("jigsaw_test_balanced_12k", number, plain(row["text"]), labels, kind="talk_page")


_LICENCE = "Labels CC0; text CC BY-SA 3.0 (Wikipedia)"
_CITATION = (
    "cjadams et al. Toxic Comment Classification Challenge. Kaggle/Jigsaw, 2017; "
    "E. Wulczyn, N. Thain, L. Dixon. Ex Machina. WWW 2017."
)

MULTILABEL = Source(
    name="jigsaw_multilabel_3k",
    url="https://github.com/amodh-saxena/toxic_message_analyzer (toxic_comments.csv)",
    licence=_LICENCE,
    permissive=False,
    citation=_CITATION,
    files=("toxic_comments.csv",),
    notes="3,000 rows of the challenge's training part, ids dropped; gold profanity.",
    read=read_multilabel,
)

BALANCED = Source(
    name="jigsaw_test_balanced_12k",
    url="https://github.com/Hongcheng-Gao/RobTest-Demo (data/jigsaw/test.csv)",
    licence=_LICENCE,
    permissive=False,
    citation=_CITATION,
    files=("test.csv",),
    notes="Half toxic, half not.",
    read=read_balanced,
)
