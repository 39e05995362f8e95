"""Constructive Comments Corpus (C3): Globe and Mail comments judged by people who had read the article.

Two sets of one file. ``c3_toxicity``: toxic 1 from a mean level of 2 (of 4), 0 at exactly 1; a personal attack named by
at least half is an insult. ``c3_constructive``: no labels; weak off-topic 1 where two or more called the comment "not
relevant" and 0 where nobody did (these votes follow length, not topic: never train on them), weak spoiler 0. Nobody was
asked about profane wording. The file names articles by number only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import Row, labelled, plain, table, vote
from training.sources.source import Source, file_in

FILE = "C3_anonymized.csv"
#: One ticked characteristic, with the number of people who ticked it where there is one.
_TICKED = re.compile(r"([a-z][a-z_]+)(?:\W*:\s*(\d+))?")


def read_toxicity(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, FILE))):
        level = float(row["crowd_toxicity_level"]) if row["crowd_toxicity_level"] else None
        ticks = _ticks(row["toxicity_characteristics"])
        judgements = _judgements(row, "toxicity")
        labels = {
            "toxicity": None if level is None else 1 if level >= 2 else 0 if level == 1 else None,
            "insult": vote(ticks["personal_attack"], judgements),
        }
        meta = {
            "toxicity_level_1_4": level,
            "judgements": judgements,
            "votes": dict(ticks),
            "article": row["article_id"],
        }
        yield labelled("c3_toxicity", number, plain(row["comment_text"]), labels, kind="news", meta=meta)


def read_constructive(folder: Path) -> Iterator[Record]:
    for number, row in enumerate(table(file_in(folder, FILE))):
        votes = _ticks(row["non_constructive_characteristics"])["non_relevant"]
        weak = {"spoiler": 0, **({} if votes == 1 else {"off_topic": int(votes >= 2)})}
        yield labelled(
            "c3_constructive",
            number,
            plain(row["comment_text"]),
            {},
            article_id=f"globeandmail:{row['article_id']}",
            kind="news",
            weak_labels=weak,
            meta={
                "non_relevant_votes": votes,
                "judgements": _judgements(row, "constructiveness"),
                "constructive": float(row["constructive"] or 0),
            },
        )


def _ticks(cell: str) -> Counter[str]:
    ticks: Counter[str] = Counter()
    for name, count in _TICKED.findall(cell.lower()):
        ticks[name] += int(count or 1)
    return ticks


def _judgements(row: Row, question: str) -> int:
    """How many people answered; without that column nobody can tell half of them."""
    return int(float(row.get(f"njudgements_{question}_expt") or 0))


_URL = "https://www.kaggle.com/datasets/mtaboada/c3-constructive-comments-corpus"
_LICENCE = "CC BY-NC-SA 4.0"
_CITATION = (
    "V. Kolhatkar, N. Thain, J. Sorensen, L. Dixon, M. Taboada. Classifying Constructive Comments. "
    "First Monday 28(4), 2023."
)

TOXICITY = Source(
    name="c3_toxicity",
    url=_URL,
    licence=_LICENCE,
    permissive=False,
    citation=_CITATION,
    files=(FILE,),
    notes="Moderated news comments: a clean side for profanity.",
    read=read_toxicity,
    folder="c3",
)

CONSTRUCTIVE = Source(
    name="c3_constructive",
    url=_URL,
    licence=_LICENCE,
    permissive=False,
    citation=_CITATION,
    files=(FILE,),
    notes="Unlabelled news comments: negatives for spoilers. The same texts as c3_toxicity.",
    read=read_constructive,
    folder="c3",
)
