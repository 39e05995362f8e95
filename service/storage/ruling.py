"""What becomes of an opinion before anything is written: a decision, a check, the same said again, or refused. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from service.domain import State
from service.review_domain import Cause, Entry, Opinion, Review, ReviewAction, Role
from service.storage.reviews import review_of
from service.storage.standing import Facts


class Refusal(StrEnum):
    """Why a review, or its undoing, was not taken in."""

    UNKNOWN = "unknown"
    ERASED = "erased"
    #: The text changed meanwhile.
    STALE = "stale"
    #: Somebody else decided first.
    DECIDED = "decided"
    #: Somebody else holds it.
    CLAIMED = "claimed"
    #: The reviewer said something else about this text before.
    OWN = "own"


def ruling(
    facts: Facts | None, entry: Entry | None, opinion: Opinion, now: datetime, *, is_golden: bool
) -> Role | Review | Refusal:
    """What a new review does; or the review that this one is again; or why not."""
    if facts is None:
        return Refusal.UNKNOWN
    return _said_before(facts, entry, opinion) or _role(facts, entry, opinion, now, is_golden)


def _said_before(facts: Facts, entry: Entry | None, opinion: Opinion) -> Review | None:
    """The same reviewer's same review, where this one is sent again: nobody asked them anything since."""
    own = [row for row in facts.reviews if row.reviewer == opinion.reviewer]
    if facts.comment.revision != opinion.revision or not own:
        return None
    last = own[-1]
    if (last.action, last.labels) != (opinion.action, dict(opinion.labels)):
        return None
    if last.action == ReviewAction.ESCALATE:
        is_answered = entry is None or last is facts.reviews[-1]
    else:
        is_answered = entry is None or entry.placement.cause is Cause.SECOND
    return review_of(last) if is_answered else None


def _role(facts: Facts, entry: Entry | None, opinion: Opinion, now: datetime, is_golden: bool) -> Role | Refusal:
    if facts.comment.state is State.ERASED:
        return Refusal.ERASED
    if facts.comment.revision != opinion.revision:
        return Refusal.STALE
    if entry is not None and entry.claimed_by not in (None, opinion.reviewer) and _holds(entry, now):
        return Refusal.CLAIMED
    own = any(row.reviewer == opinion.reviewer for row in facts.reviews if row.action != ReviewAction.ESCALATE)
    if entry is not None and entry.placement.cause is Cause.SECOND:
        return Refusal.OWN if own else Role.CHECKING
    if entry is None and (is_golden or facts.deciding is not None):
        if own:
            return Refusal.OWN
        return Role.CHECKING if is_golden else Refusal.DECIDED
    return Role.DECIDING


def _holds(entry: Entry, now: datetime) -> bool:
    return entry.claimed_until is not None and entry.claimed_until > now
