"""The golden cases: comments of our own and, for each, the band that a sensible person would put its score in.

A line of ``cases/HEAD.jsonl`` or ``known_failures/HEAD.jsonl`` holds ``text``, ``kind`` (what it is a case of),
``expect`` and, where there is one, ``parent`` and the name of an article in ``articles.json``. Articles and works are
invented, every sentence was written for this file; one word of agreement may stand in somebody's data too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.comment import Article, Comment
from models.scores import HeadScore, OperatingPoint

FOLDER = Path(__file__).parent

#: By head the points at which the middle band begins and at which the high band begins. The built-in policy acts at
#: profanity's and spoiler's second point; off-topic comments are only sorted, by the first.
EDGES: Mapping[str, tuple[str, str]] = {
    "profanity": ("precision>=0.7", "precision>=0.9"),
    "spoiler": ("balanced", "precision>=0.7"),
    "off_topic": ("balanced", "precision>=0.7"),
}
#: What ``expect`` may say, and the bands that it allows. The last two are reasons to give no score.
ALLOWED: Mapping[str, frozenset[str]] = {
    "low": frozenset({"low"}),
    "at_most_middle": frozenset({"low", "middle"}),
    "at_least_middle": frozenset({"middle", "high"}),
    "high": frozenset({"high"}),
    "no_context": frozenset({"no_context"}),
    "too_short": frozenset({"too_short"}),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One comment and what is expected of one head's score for it."""

    text: str
    kind: str
    expect: str
    article: str | None = None
    parent: str | None = None

    def comment(self) -> Comment:
        """The comment in its context.

        :raises KeyError: no article has that name.
        """
        return Comment(self.text, ARTICLES[self.article] if self.article else None, self.parent)


def _articles() -> dict[str, Article]:
    described = json.loads((FOLDER / "articles.json").read_text("utf-8"))
    return {name: Article(**fields) for name, fields in described.items()}


ARTICLES = _articles()


def read_cases(folder: str, head: str) -> list[Case]:
    """One head's cases, in the file's order."""
    lines = (FOLDER / folder / f"{head}.jsonl").read_text("utf-8").split("\n")
    return [Case(**json.loads(line)) for line in lines if line]


def band(points: Mapping[str, OperatingPoint], head: str, answer: HeadScore) -> str:
    """Where a score lies between the head's points, or the reason why there is none."""
    if answer.score is None:
        return str(answer.why)
    low, high = (points[name].threshold for name in EDGES[head])
    assert low is not None, f"{head} has no threshold that keeps {EDGES[head][0]}"
    assert high is not None, f"{head} has no threshold that keeps {EDGES[head][1]}"
    return "low" if answer.score < low else "middle" if answer.score < high else "high"
