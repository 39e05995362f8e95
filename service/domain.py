"""Frozen values of the service. Nothing here knows HTTP.

Those made for each comment that is scored are named tuples: a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from models.comment import Comment
from models.heads import HEAD_NAMES, HEADS
from models.scores import CommentScores, OperatingPoint

OperatingPoints: TypeAlias = Mapping[str, Mapping[str, OperatingPoint]]
"""Head → name of the point → point."""

ARTICLE_UNKNOWN = "article_unknown"
"""Why a head has no score: the article was named by its id, and no article with that id is registered."""
STORE_UNAVAILABLE = "store_unavailable"
"""Why a head has no score: the article was named by its id, and whether there is one could not be found out."""

DEFAULT_SITE = "default"
"""The site of whatever names none."""


class Submission(NamedTuple):
    """A comment to be scored, and what its sender wants to know."""

    comment: Comment
    #: The id of a registered article, where the article came by name and not inline.
    article_id: str | None = None
    heads: tuple[str, ...] = HEAD_NAMES
    explain: bool = False
    #: The language the sender says the comment is in.
    lang: str | None = None
    site: str = DEFAULT_SITE


class Question(NamedTuple):
    """What the bundle is asked: one comment, which heads, and whether it should show its spans."""

    comment: Comment
    heads: tuple[str, ...] = HEAD_NAMES
    explain: bool = False


class Scored(NamedTuple):
    """The bundle's answer, with which bundle gave it; both from one reading of the live bundle, never torn."""

    scores: CommentScores
    bundle: str
    operating_points: OperatingPoints
    #: Gives the scores as the second tier leaves them: slow, and not for the event loop. Null where these stand.
    look_again: Callable[[], CommentScores] | None = None


class Action(StrEnum):
    """What a decision does with a comment, from the mildest to the strongest."""

    ALLOW = "allow"
    LABEL = "label"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Reason:
    """A head that reached the threshold of an operating point."""

    head: str
    score: float
    threshold: float
    operating_point: str


class Ground(StrEnum):
    """Why a decision is what it is, where no head's score is the reason."""

    BLOCKED_TERM = "blocked_term"
    #: The profanity of that word was not counted.
    ALLOWED_TERM = "allowed_term"
    #: No rule acts on what this author writes.
    EXEMPT_AUTHOR = "exempt_author"
    #: Too few of the author's comments stand.
    NEW_AUTHOR = "new_author"
    #: Nothing was found; drawn at random to be looked at all the same.
    SAMPLE = "sample"
    #: A person decided.
    REVIEW = "review"
    #: A person rejected the text before this one.
    REJECTED_BEFORE = "rejected_before"


@dataclass(frozen=True, slots=True)
class SiteReason:
    """Something that the site itself asked for; ``term`` as the site's list has it, null once the text is erased."""

    rule: Ground
    term: str | None = None
    #: Where the term stands in the text as given, end exclusive.
    start: int | None = None
    end: int | None = None


class Decision(NamedTuple):
    """The strongest action that any rule asked for, with every rule's reason; ``policy`` is ``name@version``."""

    action: Action
    reasons: tuple[Reason | SiteReason, ...]
    policy: str


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A term of a site's list and where it stands in a text as given, end exclusive."""

    term: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a site's policy as it is kept; ``content`` is plain JSON."""

    site: str
    version: int
    content: Mapping[str, Any]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Assessment:
    """One comment's scores and decision. ``withheld`` names the heads that were not asked, with the reason."""

    scores: CommentScores
    withheld: Mapping[str, str]
    decision: Decision
    bundle: str


class State(StrEnum):
    """How a stored comment stands: as the newest decision left it, or erased for good."""

    ALLOWED = "allowed"
    LABELLED = "labelled"
    HELD = "held"
    REJECTED = "rejected"
    ERASED = "erased"


STATE_AFTER: Mapping[Action, State] = {
    Action.ALLOW: State.ALLOWED,
    Action.LABEL: State.LABELLED,
    Action.HOLD: State.HELD,
    Action.REJECT: State.REJECTED,
}


@dataclass(frozen=True, slots=True)
class RegisteredArticle:
    """An article that comments stand under."""

    site: str
    id: str
    title: str | None = None
    body: str | None = None
    url: str | None = None
    kind: str | None = None
    work: str | None = None
    section: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a comment: names change, ids do not."""

    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SentComment:
    """A comment as a site sends it to be stored. Null is what it did not say."""

    site: str
    id: str
    text: str
    article_id: str | None = None
    parent_id: str | None = None
    author: Author | None = None
    created_at: datetime | None = None
    revised_at: datetime | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class StoredComment:
    """A comment as it is kept, with its newest revision. Once erased, text and author are null."""

    site: str
    id: str
    state: State
    revision: int
    text: str | None
    article_id: str | None
    parent_id: str | None
    author: Author | None
    created_at: datetime | None
    revised_at: datetime | None
    received_at: datetime
    changed_at: datetime
    erased_at: datetime | None
    #: Of the newest revision.
    text_hash: str
    lang: str | None
    assessment: Assessment


CONTEXT_HEADS = frozenset(head.name for head in HEADS if head.needs_context)
