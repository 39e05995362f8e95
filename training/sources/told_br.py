"""ToLD-Br: Brazilian tweets with the number of three raters who ticked each of six classes.

Two ticks are a yes, none is a no, one is no answer. Obscene is profanity; the four classes aimed at groups are
identity attack; any class with two ticks makes the tweet toxic, and none at all not toxic.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain, table, vote
from training.sources.source import Source, file_in

CLASSES = ("homophobia", "obscene", "insult", "racism", "misogyny", "xenophobia")
AIMED_AT_GROUPS = ("homophobia", "racism", "misogyny", "xenophobia")
RATERS = 3


def read(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, "ToLD-BR.csv"))):
        votes = {name: int(float(row[name])) for name in CLASSES}
        labels = {
            "profanity": vote(votes["obscene"], RATERS),
            "toxicity": vote(max(votes.values()), RATERS),
            "insult": vote(votes["insult"], RATERS),
            "identity_attack": vote(max(votes[name] for name in AIMED_AT_GROUPS), RATERS),
        }
        yield labelled("told_br", number, plain(row["text"]), labels, lang="pt", meta={"votes": votes})


SOURCE = Source(
    name="told_br",
    url="https://github.com/JAugusto97/ToLD-Br (ToLD-BR.csv)",
    licence="CC BY-SA 4.0",
    permissive=False,
    citation="J. A. Leite, D. F. Silva, K. Bontcheva, C. Scarton. Toxic Language Detection in Social Media for "
    "Brazilian Portuguese. AACL 2020.",
    files=("ToLD-BR.csv",),
    notes="Gold profanity in Portuguese.",
    read=read,
)
