"""Taking a review back: the decision that it replaced stands again, and what it answered is open again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import STATE_AFTER, Action, State, StoredComment
from service.review_domain import Review, ReviewAction, Role
from service.storage import audit
from service.storage.deciding import Reviewed, stand, told
from service.storage.queue import refresh
from service.storage.reports import reopen_reports
from service.storage.review_tables import appeals, reviews
from service.storage.reviews import review_of
from service.storage.ruling import Refusal
from service.storage.standing import Facts, read_facts
from service.storage.tables import decisions

UNDO: Final = "undo_review"


@dataclass(frozen=True, slots=True)
class UndoReview:
    """Its outcome: ``Reviewed`` as it was, or why not."""

    site: str
    number: int
    by: str
    at: datetime


async def undo_review(connection: AsyncConnection, change: UndoReview) -> Reviewed | Refusal:
    """As ``UndoReview`` says. Undoing twice does nothing more."""
    mine = (reviews.c.site == change.site, reviews.c.number == change.number)
    row = (await connection.execute(select(reviews).where(*mine))).first()
    if row is None:
        return Refusal.UNKNOWN
    key = (row.site, row.comment_id)
    facts = (await read_facts(connection, [key]))[key]
    review = review_of(row)
    if row.undone_at is not None:
        return Reviewed(review, facts.comment.state, is_new=False)
    refusal = _why_not_undone(facts, review)
    if refusal is not None:
        return refusal
    await connection.execute(update(reviews).where(*mine).values(undone_at=change.at, undone_by=change.by))
    state = facts.comment.state
    if review.role is Role.DECIDING and review.opinion.action is not ReviewAction.ESCALATE:
        state = await _as_before(connection, facts.comment, review, row.replaced, change.at)
    review = replace(review, undone_at=change.at, undone_by=change.by)
    await audit.append(connection, [told(review, UNDO, change.by, change.at, facts.comment.state, state)])
    await refresh(connection, [key])
    return Reviewed(review, state)


def _why_not_undone(facts: Facts, review: Review) -> Refusal | None:
    """Only what the comment still stands by can be taken back."""
    if facts.comment.state is State.ERASED:
        return Refusal.ERASED
    if facts.comment.revision != review.opinion.revision:
        return Refusal.STALE
    later = [row for row in facts.reviews if row.number > review.number and row.role == Role.DECIDING]
    return Refusal.DECIDED if later and review.role is Role.DECIDING else None


async def _as_before(
    connection: AsyncConnection, comment: StoredComment, review: Review, replaced: int, now: datetime
) -> State:
    """The decision that the review replaced stands again, with its reasons; what the review answered is open again."""
    kept = (await connection.execute(select(decisions).where(decisions.c.number == replaced))).one()
    decision = {name: getattr(kept, name) for name in ("action", "reasons", "policy", "bundle")}
    await stand(connection, [(comment, {**decision, "decided_at": now})])
    await reopen_reports(connection, review.number, (comment.site, comment.id))
    answered = (appeals.c.site == comment.site, appeals.c.review == review.number)
    await connection.execute(update(appeals).where(*answered).values(review=None))
    return STATE_AFTER[Action(kept.action)]
