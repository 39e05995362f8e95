"""A person's decision, with all that follows from it, in one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import STATE_AFTER, Action, Ground, SiteReason, State, StoredComment
from service.priority import scores_of
from service.review_domain import (
    ACTION_AFTER,
    SELECTED_BY,
    Cause,
    Entry,
    Opinion,
    Review,
    ReviewAction,
    Role,
    SelectedBy,
)
from service.storage import audit
from service.storage.articles import Key
from service.storage.decisions import add_decisions
from service.storage.queue import read_entries, refresh
from service.storage.reports import close_reports
from service.storage.review_tables import appeals, golden, queue
from service.storage.reviews import insert_review, review_of
from service.storage.standing import Facts, read_facts
from service.storage.tables import comments, decisions

REVIEW: Final = "review"


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


@dataclass(frozen=True, slots=True)
class SaveReview:
    """Its outcome: ``Reviewed``, or why not."""

    opinion: Opinion
    at: datetime
    #: Whether another's opinion is wanted too, should this one decide; and 1 / the chance that a sampled one was drawn.
    wants_second: bool = False
    sample_weight: float = 1.0

    @property
    def key(self) -> Key:
        return (self.opinion.site, self.opinion.comment_id)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review and how the comment stands after it; not new where the same had been said before."""

    review: Review
    state: State
    is_new: bool = True


async def save_review(connection: AsyncConnection, change: SaveReview) -> Reviewed | Refusal:
    """As ``SaveReview`` says."""
    opinion, key = change.opinion, change.key
    facts = (await read_facts(connection, [key])).get(key)
    if facts is None:
        return Refusal.UNKNOWN
    entry = (await read_entries(connection, [key])).get(key)
    before = _said_before(facts, opinion)
    if before is not None and entry is None:
        return Reviewed(before, facts.comment.state, is_new=False)
    role = await _role(connection, facts, entry, opinion, change.at)
    if isinstance(role, Refusal):
        return role
    review = await _kept(connection, change, facts, entry, role)
    state = facts.comment.state
    if role is Role.DECIDING and opinion.action is not ReviewAction.ESCALATE:
        state = await _decided(connection, facts.comment, review)
    await tell(connection, review, REVIEW, opinion.reviewer, change.at, facts.comment.state, state)
    await _let_go(connection, key)
    await refresh(connection, [key], change.at)
    return Reviewed(review, state)


def _said_before(facts: Facts, opinion: Opinion) -> Review | None:
    """The same reviewer's same review, where this one is sent again."""
    for row in reversed(facts.reviews):
        if row.reviewer == opinion.reviewer and row.revision == opinion.revision:
            same = row.action == opinion.action and row.labels == dict(opinion.labels)
            return review_of(row) if same else None
    return None


async def _role(
    connection: AsyncConnection, facts: Facts, entry: Entry | None, opinion: Opinion, now: datetime
) -> Role | Refusal:
    if facts.comment.state is State.ERASED:
        return Refusal.ERASED
    if facts.comment.revision != opinion.revision:
        return Refusal.STALE
    if entry is not None and entry.claimed_by not in (None, opinion.reviewer) and _holds(entry, now):
        return Refusal.CLAIMED
    decided = facts.deciding
    own = any(row.reviewer == opinion.reviewer for row in facts.reviews if row.action != ReviewAction.ESCALATE)
    if entry is not None and entry.placement.cause is Cause.SECOND:
        return Refusal.OWN if own else Role.CHECKING
    if entry is None and decided is not None:
        if own:
            return Refusal.OWN
        is_golden = await _is_golden(connection, opinion)
        return Role.CHECKING if is_golden and opinion.action is not ReviewAction.ESCALATE else Refusal.DECIDED
    return Role.DECIDING


def _holds(entry: Entry, now: datetime) -> bool:
    return entry.claimed_until is not None and entry.claimed_until > now


async def _is_golden(connection: AsyncConnection, opinion: Opinion) -> bool:
    mine = (golden.c.site == opinion.site, golden.c.comment_id == opinion.comment_id)
    wanted = select(golden.c.comment_id).where(*mine, golden.c.revision == opinion.revision)
    return (await connection.execute(wanted)).first() is not None


async def _kept(
    connection: AsyncConnection, change: SaveReview, facts: Facts, entry: Entry | None, role: Role
) -> Review:
    """The review with what its reviewer saw, in its row."""
    cause = None if entry is None else entry.placement.cause
    selected = SelectedBy.POLICY if cause is None else SELECTED_BY[cause]
    assessment = facts.comment.assessment
    review = Review(
        number=0,
        opinion=replace(change.opinion, labels=dict(change.opinion.labels)),
        role=role,
        cause=cause,
        selected_by=SelectedBy.AUDIT if role is Role.CHECKING else selected,
        sampling_weight=change.sample_weight if cause is Cause.SAMPLE else 1.0,
        shown_scores=scores_of(assessment.scores),
        machine_action=_machine_action(facts),
        policy=assessment.decision.policy,
        bundle=assessment.bundle,
        text_hash=facts.comment.text_hash,
        wants_second=change.wants_second and role is Role.DECIDING,
        reviewed_at=change.at,
    )
    replaced = await _newest_decision(connection, facts.comment) if role is Role.DECIDING else None
    return await insert_review(connection, review, replaced)


async def _newest_decision(connection: AsyncConnection, comment: StoredComment) -> int:
    own = (decisions.c.site == comment.site, decisions.c.comment_id == comment.id)
    wanted = select(func.max(decisions.c.number)).where(*own, decisions.c.revision == comment.revision)
    return int((await connection.execute(wanted)).scalar_one())


def _machine_action(facts: Facts) -> Action:
    """What the machine decided about this text, whatever people made of it since."""
    if facts.deciding is not None:
        return Action(facts.deciding.machine_action)
    return facts.comment.assessment.decision.action


async def _decided(connection: AsyncConnection, comment: StoredComment, review: Review) -> State:
    """How the comment stands now, and everything that this answers."""
    reasons = [asdict(SiteReason(Ground.REVIEW))]
    action = ACTION_AFTER[review.opinion.action].value
    decision = {"action": action, "reasons": reasons, "policy": review.policy, "bundle": review.bundle}
    state = await stands(connection, comment, decision, review.reviewed_at)
    await close_reports(connection, review.opinion, review.number, review.reviewed_at)
    mine = (appeals.c.site == comment.site, appeals.c.comment_id == comment.id)
    is_open = (appeals.c.revision == comment.revision, appeals.c.review.is_(None))
    await connection.execute(update(appeals).where(*mine, *is_open).values(review=review.number))
    return state


async def stands(connection: AsyncConnection, comment: StoredComment, decision: dict[str, Any], now: datetime) -> State:
    place = {"site": comment.site, "comment_id": comment.id, "revision": comment.revision}
    await add_decisions(connection, [{**place, **decision, "decided_at": now}])
    state = STATE_AFTER[Action(decision["action"])]
    mine = (comments.c.site == comment.site, comments.c.id == comment.id)
    await connection.execute(update(comments).where(*mine).values(state=state.value))
    return state


async def _let_go(connection: AsyncConnection, key: Key) -> None:
    """Nobody holds it any more: whatever it waits for next, anybody may take."""
    mine = (queue.c.site == key[0], queue.c.comment_id == key[1])
    await connection.execute(update(queue).where(*mine).values(claimed_by=None, claimed_until=None))


async def tell(
    connection: AsyncConnection,
    review: Review,
    action: audit.Deed,
    actor: str,
    at: datetime,
    before: State,
    after: State,
) -> None:
    """Put into the audit who did what with the review, and how the comment stood before and after."""
    opinion = review.opinion
    detail = {
        "review": review.number,
        "revision": opinion.revision,
        "text_hash": review.text_hash,
        "role": review.role.value,
        "action": opinion.action.value,
        "labels": dict(opinion.labels),
        "cause": review.cause and review.cause.value,
        "from": before.value,
        "to": after.value,
    }
    await audit.append(connection, [audit.Entry(opinion.site, at, actor, action, opinion.comment_id, detail)])
