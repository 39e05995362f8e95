"""What a bundle answers about one comment. Offsets are Unicode code points of the text as given, end exclusive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from itertools import repeat
from typing import NamedTuple


class Severity(StrEnum):
    """How strong a profane word is."""

    MILD = "mild"
    STRONG = "strong"
    SLUR = "slur"


class Why(StrEnum):
    """Why a head gave no score."""

    NO_CONTEXT = "no_context"
    TOO_SHORT = "too_short"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the comment that moved the score; ``score`` is the head's for that stretch."""

    start: int
    end: int
    score: float
    #: The word that an obfuscated spelling stands for.
    reads_as: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """The stretch of the article's body that the comment comes closest to; similarity is a cosine, −1 to 1."""

    start: int
    end: int
    similarity: float


class HeadScore(NamedTuple):
    """A calibrated probability, 0–1, or null with the reason. Spans and nearest only where they were asked for."""

    score: float | None
    why: Why | None = None
    spans: tuple[Span, ...] | None = None
    nearest: Nearest | None = None
    #: The strongest severity found, where the head has it (profanity).
    severity: Severity | None = None
    #: The score is the second tier's; spans and nearest are the first's all the same.
    second_tier: bool = False


class CommentScores(NamedTuple):
    """Every asked head's score, and the language the comment seems to be in (``und`` when there is no telling)."""

    heads: Mapping[str, HeadScore]
    language: str = "und"
    language_confidence: float = 0.0


def head_scores(
    scores: Sequence[float | None],
    whys: Iterable[Why | None] = repeat(None),
    spans: Iterable[tuple[Span, ...] | None] = repeat(None),
    nearest: Iterable[Nearest | None] = repeat(None),
    severities: Iterable[Severity | None] = repeat(None),
) -> list[HeadScore]:
    """One head's by the first tier for many comments, in a third of the time that they take one by one; as many as
    there are scores."""
    fields = zip(scores, whys, spans, nearest, severities, repeat(False))
    return list(map(partial(tuple.__new__, HeadScore), fields))


def comment_scores(
    heads: Sequence[str], answers: Sequence[Sequence[HeadScore]], languages: Sequence[str], sure: Sequence[float]
) -> list[CommentScores]:
    """Those of many comments, likewise. ``answers`` are each head's, of all comments."""
    by_head = [dict(zip(heads, one)) for one in zip(*answers)] if heads else [{} for _ in languages]  # noqa: B905
    return list(map(partial(tuple.__new__, CommentScores), zip(by_head, languages, sure)))  # noqa: B905


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A promised property with the threshold that keeps it, e.g. precision at least 0.95 at a base rate of 3 %.

    ``threshold`` is null where the data at hand cannot support the promise.
    """

    head: str
    name: str
    threshold: float | None
    base_rate: float
    recall: float | None = None
    #: Expected precision at other base rates, keyed by the rate ("0.001", "0.01", "0.1").
    precision_at: Mapping[str, float] = field(default_factory=dict)
    #: Held-out rows (positive, negative) the threshold was chosen on.
    rows: tuple[int, int] = (0, 0)
