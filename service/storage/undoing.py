"""Taking reviews back: the decision that each replaced stands again, and what it answered is open again.

In one transaction; many together cost few statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import STATE_AFTER, Action, State, StoredComment
from service.review_domain import Review, ReviewAction, Role
from service.storage import audit
from service.storage.among import among, apart
from service.storage.articles import Key
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

    @property
    def key(self) -> tuple[str, int]:
        return (self.site, self.number)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A review that is taken back, with its comment as it stands by it."""

    review: Review
    comment: StoredComment
    #: The decision that stood before it.
    replaced: int | None

    @property
    def key(self) -> Key:
        return (self.review.opinion.site, self.review.opinion.comment_id)

    @property
    def had_decided(self) -> bool:
        return self.review.role is Role.DECIDING and self.review.opinion.action is not ReviewAction.ESCALATE


async def undo_reviews(connection: AsyncConnection, changes: Sequence[UndoReview]) -> list[Reviewed | Refusal]:
    """For each, what came of it; of several about one comment, one after the other. Undoing twice does nothing more."""
    outcomes: list[Reviewed | Refusal] = []
    comment_of = {key: row.comment_id for key, row in (await _rows(connection, changes)).items()}
    for some in apart(changes, lambda one: (one.site, comment_of.get(one.key, ""))):
        outcomes += await _undone(connection, some)
    return outcomes


async def _undone(connection: AsyncConnection, changes: Sequence[UndoReview]) -> list[Reviewed | Refusal]:
    rows = await _rows(connection, changes)
    facts = await read_facts(connection, [(row.site, row.comment_id) for row in rows.values()])
    judged = [_judged(change, rows.get(change.key), facts) for change in changes]
    taken = [one for one in judged if isinstance(one, _Taken)]
    written = iter(await _written(connection, taken) if taken else ())
    return [next(written) if isinstance(one, _Taken) else one for one in judged]


async def _rows(connection: AsyncConnection, changes: Iterable[UndoReview]) -> dict[tuple[str, int], Row[Any]]:
    """The reviews that there are, by site and number."""
    wanted = select(reviews).where(among(reviews.c.site, reviews.c.number, (change.key for change in changes)))
    return {(row.site, row.number): row for row in await connection.execute(wanted)}


def _judged(change: UndoReview, row: Row[Any] | None, facts: Mapping[Key, Facts]) -> _Taken | Reviewed | Refusal:
    """What is to be done; or the review as it was undone before; or why not."""
    if row is None:
        return Refusal.UNKNOWN
    review, found = review_of(row), facts[row.site, row.comment_id]
    if review.undone_at is not None:
        return Reviewed(review, found.comment.state, is_new=False)
    undone = replace(review, undone_at=change.at, undone_by=change.by)
    return _why_not_undone(found, review) or _Taken(undone, found.comment, row.replaced)


def _why_not_undone(facts: Facts, review: Review) -> Refusal | None:
    """Only what the comment still stands by can be taken back."""
    if facts.comment.state is State.ERASED:
        return Refusal.ERASED
    if facts.comment.revision != review.opinion.revision:
        return Refusal.STALE
    later = [row for row in facts.reviews if row.number > review.number and row.role == Role.DECIDING]
    return Refusal.DECIDED if later and review.role is Role.DECIDING else None


async def _written(connection: AsyncConnection, taken: Sequence[_Taken]) -> list[Reviewed]:
    await connection.execute(_MARK, [_mark(one.review) for one in taken])
    states = await _as_before(connection, [one for one in taken if one.had_decided])
    outcomes = [Reviewed(one.review, states.get(one.key, one.comment.state)) for one in taken]
    await audit.append(connection, list(map(_told, taken, outcomes)))
    await refresh(connection, [one.key for one in taken])
    return outcomes


async def _as_before(connection: AsyncConnection, taken: Sequence[_Taken]) -> dict[Key, State]:
    """The decisions that the reviews replaced stand again, with their reasons; what was answered is open again."""
    if not taken:
        return {}
    numbers = {one.replaced for one in taken}
    found = await connection.execute(select(decisions).where(decisions.c.number.in_(numbers)))
    kept = {row.number: row for row in found}
    await stand(connection, [(one.comment, _decision(kept[one.replaced], one.review)) for one in taken])
    await reopen_reports(connection, [one.review for one in taken])
    await connection.execute(_REOPEN, [_answer(one) for one in taken])
    return {one.key: STATE_AFTER[Action(kept[one.replaced].action)] for one in taken}


def _decision(kept: Row[Any], undone: Review) -> dict[str, Any]:
    decision = {name: getattr(kept, name) for name in ("action", "reasons", "policy", "bundle")}
    return {**decision, "decided_at": undone.undone_at}


_MARK: Final = (
    update(reviews)
    .where(reviews.c.number == bindparam("key"))
    .values(undone_at=bindparam("at"), undone_by=bindparam("by"))
)
_REOPEN: Final = (
    update(appeals)
    .where(appeals.c.site == bindparam("key_site"), appeals.c.comment_id == bindparam("key_id"))
    .where(appeals.c.review == bindparam("answer"))
    .values(review=None)
)


def _mark(review: Review) -> dict[str, Any]:
    return {"key": review.number, "at": review.undone_at, "by": review.undone_by}


def _answer(taken: _Taken) -> dict[str, Any]:
    site, comment_id = taken.key
    return {"key_site": site, "key_id": comment_id, "answer": taken.review.number}


def _told(taken: _Taken, outcome: Reviewed) -> audit.Entry:
    by, at = taken.review.undone_by, taken.review.undone_at
    assert by is not None
    assert at is not None
    return told(taken.review, UNDO, by, at, taken.comment.state, outcome.state)
