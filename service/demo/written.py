"""The forms of the demo's files. What is written in them is read in ``content``."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from service.review_domain import Cause, ReviewAction


class WrittenComment(Struct, frozen=True, forbid_unknown_fields=True):
    """One under an article; ``answers`` is the id of another one above it."""

    id: int
    by: str
    text: str
    answers: int | None = field(default=None, name="re")
    lang: str | None = None
    #: What a careful reader would mark it with, and do with it where that does not follow.
    marks: list[str] = field(default=[], name="is")
    then: ReviewAction | None = None


class WrittenArticle(Struct, frozen=True, forbid_unknown_fields=True):
    """Came out ``published`` days ago; its comments came in over ``lasts`` hours, the first ones fast."""

    published: float
    lasts: float
    kind: str
    title: str
    body: str
    section: str
    comments: list[WrittenComment]
    work: str | None = None


class WrittenReport(Struct, frozen=True, forbid_unknown_fields=True):
    """So many ``hours`` after the comment came."""

    comment: str
    by: str
    reason: str
    hours: float
    note: str | None = None


class Crowd(Struct, frozen=True, forbid_unknown_fields=True):
    """``count`` reporters, called ``prefix`` and a number, within so many minutes."""

    comment: str
    prefix: str
    count: int
    reason: str
    hours: float
    minutes: float


class Sitting(Struct, frozen=True, forbid_unknown_fields=True):
    """A reviewer takes so many of what waits, so many ``days`` ago."""

    days: float
    by: str
    count: int
    cause: Cause | None = None


class WrittenOpinion(Struct, frozen=True, forbid_unknown_fields=True):
    """What one reviewer says of one comment, whatever it is marked with."""

    by: str
    comment: str
    action: ReviewAction
    labels: list[str] = []
    note: str | None = None


class Golden(Struct, frozen=True, forbid_unknown_fields=True):
    """Made so, so many ``days`` ago."""

    days: float
    comment: str
    by: str


class Edit(Struct, frozen=True, forbid_unknown_fields=True):
    """The author's, so many ``hours`` after the comment came. Its text is not marked with anything."""

    comment: str
    hours: float
    text: str


class WrittenAppeal(Struct, frozen=True, forbid_unknown_fields=True):
    """The author's, so many ``hours`` after the comment came."""

    comment: str
    hours: float
    note: str


class PutPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """So many ``days`` ago; ``policy`` is what PUT /v1/policies takes."""

    days: float
    by: str
    policy: dict[str, Any]


class DeskWork(Struct, frozen=True, forbid_unknown_fields=True):
    """What happens at the desk beside reports."""

    sittings: list[Sitting]
    golden: list[Golden]
    opinions: list[WrittenOpinion]
    #: Said first, and taken back at once.
    slips: list[WrittenOpinion]
    edits: list[Edit]
    appeals: list[WrittenAppeal]
