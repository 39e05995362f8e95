"""Polis open data: statements people made about a question, and what the moderator did with them.

Off-topic is 0 where a moderator approved the statement. A rejection is no label: most rejected statements are
duplicates, compound statements or tests, not off-topic ones.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from models.comment import Article
from models.record import Record
from training.sources.reading import labelled, squeezed, table, without_repeats
from training.sources.source import Source, matching

APPROVED = 1
FILES = "*/comments.csv|*__comments.csv"


def read(folder: Path) -> Iterator[Record]:
    """Conversations in the order of their names; either the repository's folders or one flat folder."""
    for comments in matching(folder, FILES):
        name, summary = _conversation(comments)
        yield from without_repeats(_statements(comments, name, _summary(summary)))


def _conversation(comments: Path) -> tuple[str, Path]:
    if comments.name == "comments.csv":
        return comments.parent.name, comments.with_name("summary.csv")
    name = comments.name.removesuffix("__comments.csv")
    return name, comments.with_name(f"{name}__summary.csv")


def _summary(path: Path) -> Article:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        facts = {row[0]: row[1] for row in csv.reader(stream) if len(row) > 1}
    body = squeezed(facts.get("conversation-description", ""))
    return Article(squeezed(facts["topic"]), body or None)


def _statements(path: Path, name: str, article: Article) -> Iterator[Record]:
    for row in table(path):
        text, moderated = squeezed(row["comment-body"]), int(row["moderated"])
        yield labelled(
            "polis_opendata",
            f"{name}-{row['comment-id']}",
            text,
            {"off_topic": 0 if moderated == APPROVED else None},
            article_id=f"polis:{name}",
            article=article,
            kind="deliberation",
            weak_labels={"spoiler": 0},
            meta={"moderated": moderated},
        )


SOURCE = Source(
    name="polis_opendata",
    url="https://github.com/compdemocracy/openData",
    licence="CC BY 4.0",
    permissive=True,
    citation="Data was gathered using the Polis software (compdemocracy.org/polis) and is sub-licensed under CC BY 4.0 "
    "with Attribution to The Computational Democracy Project.",
    files=(FILES,),
    notes="English conversations; weak spoiler 0.",
    read=read,
)
