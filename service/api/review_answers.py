"""What answers about people's work hold: the queue, reports, reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, NotRequired, TypedDict

from msgspec import Meta

from service.api.stored import (
    ArticleOut,
    StoredCommentOut,
    article_answer,
    comment_answer,
    revision_answers,
)
from service.desk import EXCERPT, Waiting
from service.domain import Action, State
from service.review_domain import Appeal, Cause, Report, ReportState, Review, ReviewAction, Role, SelectedBy
from service.storage.deciding import Reviewed
from service.storage.listing import COUNTED
from service.storage.review_store import History
from service.storage.ruling import Refusal

_CUT: Final = f"In a list it is the first {EXCERPT} characters; where there are more, this is true and `{{}}` has them."


class ReportOut(TypedDict):
    """A reader's report. ``weight`` is what it counts as evidence, 0 to 1, by its reporter's record when it came."""

    comment_id: str
    revision: int
    reporter: str
    reason: str
    note: str | None
    weight: float
    state: ReportState
    received_at: datetime


class AppealOut(TypedDict):
    """An author's appeal; ``review`` answered it."""

    revision: int
    note: str | None
    received_at: datetime
    review: int | None


class ReviewOut(TypedDict):
    """What a person said about one revision, and what stood there when they said it."""

    id: int
    site: str
    comment_id: str
    revision: int
    reviewer: str
    role: Annotated[Role, Meta(description="A checking one is a further opinion; it changes nothing.")]
    action: ReviewAction
    labels: dict[str, int]
    note: str | None
    cause: Cause | None
    selected_by: SelectedBy
    shown_scores: dict[str, float]
    machine_action: Action
    reviewed_at: datetime
    undone_at: datetime | None
    undone_by: str | None
    state: NotRequired[Annotated[State, Meta(description="How the comment stands now.")]]


class BulkReviewOut(TypedDict):
    """How many were decided, and which were left out because somebody holds or decided them meanwhile."""

    decided: int
    refused: int
    reviews: list[int]


class ArticleBesideOut(ArticleOut):
    """The article that the comment stands under."""

    body_cut: Annotated[bool, Meta(description=_CUT.format("GET /v1/articles/{id}"))]


class ParentOut(TypedDict):
    """The comment that this one answers."""

    id: str
    text: str | None
    state: State
    text_cut: Annotated[bool, Meta(description=_CUT.format("GET /v1/comments/{id}"))]


class WaitingOut(TypedDict):
    """A comment that waits for a person, and why."""

    comment: StoredCommentOut
    article: ArticleBesideOut | None
    parent: ParentOut | None
    action: Annotated[Action, Meta(description="What was decided so far.")]
    cause: Cause
    head: Annotated[str | None, Meta(description="The head, or reason of reports, that weighs most.")]
    score: Annotated[float | None, Meta(description="The model's, of that head.")]
    priority: float
    uncertainty: float
    reports: Annotated[int, Meta(description="How many are open.")]
    entered_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None


class QueueOut(TypedDict):
    """A page of what waits. ``next`` is where to go on (``?after=``), null at the end."""

    entries: list[WaitingOut]
    next: str | None
    count: Annotated[int, Meta(description=f"How many match; exact up to {COUNTED}.")]
    more: Annotated[bool, Meta(description=f"There are more than {COUNTED}.")]


class ClaimedOut(TypedDict):
    """What the reviewer holds now, first things first; empty where nothing waits."""

    entries: list[WaitingOut]


class CommentHistoryOut(StoredCommentOut):
    """A stored comment with everything that happened to it, each list the first one first."""

    waiting: Annotated[Cause | None, Meta(description="Why it waits for a person; null where it does not.")]
    reports: list[ReportOut]
    appeals: list[AppealOut]
    reviews: list[ReviewOut]


def report_answer(report: Report) -> ReportOut:
    """As it is kept."""
    return {
        "comment_id": report.comment_id,
        "revision": report.revision,
        "reporter": report.reporter,
        "reason": report.reason,
        "note": report.note,
        "weight": report.weight,
        "state": report.state,
        "received_at": report.received_at,
    }


def appeal_answer(appeal: Appeal) -> AppealOut:
    """As it is kept."""
    return {
        "revision": appeal.revision,
        "note": appeal.note,
        "received_at": appeal.received_at,
        "review": appeal.review,
    }


def review_answer(review: Review) -> ReviewOut:
    """As it is kept."""
    opinion = review.opinion
    return {
        "id": review.number,
        "site": opinion.site,
        "comment_id": opinion.comment_id,
        "revision": opinion.revision,
        "reviewer": opinion.reviewer,
        "role": review.role,
        "action": opinion.action,
        "labels": dict(opinion.labels),
        "note": opinion.note,
        "cause": review.cause,
        "selected_by": review.selected_by,
        "shown_scores": dict(review.shown_scores),
        "machine_action": review.machine_action,
        "reviewed_at": review.reviewed_at,
        "undone_at": review.undone_at,
        "undone_by": review.undone_by,
    }


def reviewed_answer(reviewed: Reviewed) -> ReviewOut:
    """With how the comment stands now."""
    return {**review_answer(reviewed.review), "state": reviewed.state}


def bulk_answer(outcomes: Sequence[Reviewed | Refusal]) -> BulkReviewOut:
    """How it went."""
    done = [one.review.number for one in outcomes if isinstance(one, Reviewed)]
    return {"decided": len(done), "refused": len(outcomes) - len(done), "reviews": done}


def waiting_answer(waiting: Waiting) -> WaitingOut:
    """With all that a person needs to judge it."""
    entry, article, parent = waiting.entry, waiting.article, waiting.parent
    place = entry.placement
    return {
        "comment": comment_answer(waiting.comment),
        "article": None if article is None else {**article_answer(article), "body_cut": waiting.is_body_cut},
        "parent": None
        if parent is None
        else {"id": parent.id, "text": parent.text, "state": parent.state, "text_cut": waiting.is_parent_cut},
        "action": entry.action,
        "cause": place.cause,
        "head": place.head,
        "score": place.score,
        "priority": place.priority,
        "uncertainty": place.uncertainty,
        "reports": place.reports,
        "entered_at": entry.entered_at,
        "claimed_by": entry.claimed_by,
        "claimed_until": entry.claimed_until,
    }


def history_answer(history: History) -> CommentHistoryOut:
    """The comment as it stands, with what happened to it."""
    return {
        **comment_answer(history.comment),
        "revisions": revision_answers(history.past),
        "waiting": None if history.entry is None else history.entry.placement.cause,
        "reports": [report_answer(one) for one in history.reports],
        "appeals": [appeal_answer(one) for one in history.appeals],
        "reviews": [review_answer(one) for one in history.reviews],
    }
