"""The one list of heads. Adding a head means adding one entry here and giving training its labels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a head scores at a time; a comment's score is its strongest unit's, so that long text drowns nothing."""

    WINDOW = "window"
    SENTENCE = "sentence"
    #: The whole comment against its article and parent.
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class Head:
    """One question asked of every comment."""

    name: str
    question: str
    unit: Unit = Unit.WINDOW
    #: Looks words up in the lexicon; its spans carry a severity.
    lexicon: bool = False
    #: Looks at whether the article is about a film, book, series or game.
    work: bool = False

    @property
    def needs_context(self) -> bool:
        """Without an article or a parent the question has no answer: the score is null, with the reason."""
        return self.unit is Unit.PAIR


HEADS: tuple[Head, ...] = (
    Head(
        "profanity",
        "Does the comment contain profane or obscene wording or a slur, however it is spelt?",
        lexicon=True,
    ),
    Head("off_topic", "Does the comment not belong to this article, thread or question?", Unit.PAIR),
    Head(
        "spoiler",
        "Does the comment give away how a film, book, series or game turns out?",
        Unit.SENTENCE,
        work=True,
    ),
)

HEAD_NAMES: tuple[str, ...] = tuple(head.name for head in HEADS)


def head(name: str) -> Head:
    """The head of that name.

    :raises KeyError: there is none.
    """
    return {one.name: one for one in HEADS}[name]
