"""People's decisions, with all that follows from them, in one transaction: many together cost few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update
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
from service.storage.among import among, apart
from service.storage.articles import Key
from service.storage.decisions import add_decisions
from service.storage.golden import golden_among
from service.storage.policies import read_sample_rate
from service.storage.queue import let_go, read_entries, refresh
from service.storage.reports import close_reports
from service.storage.review_tables import appeals
from service.storage.reviews import insert_reviews
from service.storage.ruling import Refusal, ruling
from service.storage.standing import Facts, read_facts
from service.storage.tables import comments, decisions

REVIEW: Final = "review"


@dataclass(frozen=True, slots=True)
class SaveReview:
    """Its outcome: ``Reviewed``, or why not."""

    opinion: Opinion
    at: datetime
    #: Whether another's opinion is wanted too, should this one decide.
    wants_second: bool = False

    @property
    def key(self) -> Key:
        return (self.opinion.site, self.opinion.comment_id)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review and how the comment stands after it; not new where the same had been said before."""

    review: Review
    state: State
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class _Taken:
    """An opinion that is to be kept, with what is known of its comment."""

    change: SaveReview
    facts: Facts
    entry: Entry | None
    role: Role

    @property
    def decides(self) -> bool:
        return self.role is Role.DECIDING and self.change.opinion.action is not ReviewAction.ESCALATE

    @property
    def cause(self) -> Cause | None:
        """Why it waited."""
        return None if self.entry is None else self.entry.placement.cause

    @property
    def policy(self) -> str:
        """By which the machine decided."""
        return self.facts.comment.assessment.decision.policy

    @property
    def state(self) -> State:
        """How the comment stands afterwards."""
        return STATE_AFTER[ACTION_AFTER[self.change.opinion.action]] if self.decides else self.facts.comment.state


async def save_reviews(connection: AsyncConnection, changes: Sequence[SaveReview]) -> list[Reviewed | Refusal]:
    """For each, what came of it; of several about one comment, one after the other."""
    outcomes: list[Reviewed | Refusal] = []
    for some in apart(changes, lambda one: one.key):
        outcomes += await _saved(connection, some)
    return outcomes


async def _saved(connection: AsyncConnection, changes: Sequence[SaveReview]) -> list[Reviewed | Refusal]:
    keys = [change.key for change in changes]
    facts, entries = await read_facts(connection, keys), await read_entries(connection, keys)
    known = await golden_among(connection, [(*change.key, change.opinion.revision) for change in changes])
    outcomes: dict[Key, Reviewed | Refusal] = {}
    taken: list[_Taken] = []
    for change in changes:
        key, entry = change.key, entries.get(change.key)
        is_golden = (*key, change.opinion.revision) in known
        found = ruling(facts.get(key), entry, change.opinion, change.at, is_golden=is_golden)
        if isinstance(found, Refusal):
            outcomes[key] = found
        elif isinstance(found, Role):
            taken.append(_Taken(change, facts[key], entry, found))
        else:
            outcomes[key] = Reviewed(found, facts[key].comment.state, is_new=False)
    if taken:
        for one, review in zip(taken, await _written(connection, taken), strict=True):
            outcomes[one.change.key] = Reviewed(review, one.state)
    return [outcomes[key] for key in keys]


async def _written(connection: AsyncConnection, taken: Sequence[_Taken]) -> list[Review]:
    """The reviews, with everything that they answer."""
    keys = [one.change.key for one in taken]
    standing = await _newest_decisions(connection, [one.facts.comment for one in taken])
    rates = await _sample_rates(connection, taken)
    kept = [(_review(one, rates), standing[one.change.key] if one.role is Role.DECIDING else None) for one in taken]
    reviews = await insert_reviews(connection, kept)
    await _decide(connection, [(one.facts.comment, by) for one, by in zip(taken, reviews, strict=True) if one.decides])
    await audit.append(connection, list(map(_told, taken, reviews)))
    await let_go(connection, keys)
    await refresh(connection, keys)
    return reviews


async def _decide(connection: AsyncConnection, decided: Sequence[tuple[StoredComment, Review]]) -> None:
    if not decided:
        return
    await stand(connection, [(comment, _decision(review)) for comment, review in decided])
    await close_reports(connection, [review for _, review in decided])
    await connection.execute(_ANSWER, [_answer(review) for _, review in decided])


async def _sample_rates(connection: AsyncConnection, taken: Iterable[_Taken]) -> dict[tuple[str, str], float]:
    """Site and policy → the share that it draws by chance, as far as comments wait because of that."""
    by = {(one.change.opinion.site, one.policy) for one in taken if one.cause is Cause.SAMPLE}
    return {(site, policy): await read_sample_rate(connection, site, policy) for site, policy in by}


def _review(taken: _Taken, rates: Mapping[tuple[str, str], float]) -> Review:
    """It with what its reviewer saw."""
    change, cause = taken.change, taken.cause
    selected = SelectedBy.POLICY if cause is None else SELECTED_BY[cause]
    comment = taken.facts.comment
    return Review(
        number=0,
        opinion=replace(change.opinion, labels=dict(change.opinion.labels)),
        role=taken.role,
        cause=cause,
        selected_by=SelectedBy.AUDIT if taken.role is Role.CHECKING else selected,
        sampling_weight=1 / (rates[change.opinion.site, taken.policy] or 1.0) if cause is Cause.SAMPLE else 1.0,
        shown_scores=scores_of(comment.assessment.scores),
        machine_action=taken.facts.machine_action,
        policy=taken.policy,
        bundle=comment.assessment.bundle,
        text_hash=comment.text_hash,
        wants_second=change.wants_second and taken.role is Role.DECIDING,
        reviewed_at=change.at,
    )


async def _newest_decisions(connection: AsyncConnection, wanted: Sequence[StoredComment]) -> dict[Key, int]:
    """The number of the decision by which each one's newest revision stands."""
    revision_of = {(one.site, one.id): one.revision for one in wanted}
    columns = (decisions.c.site, decisions.c.comment_id, decisions.c.revision)
    newest = select(*columns, func.max(decisions.c.number).label("number")).group_by(*columns)
    found = await connection.execute(newest.where(among(decisions.c.site, decisions.c.comment_id, revision_of)))
    return {
        (row.site, row.comment_id): row.number for row in found if row.revision == revision_of[row.site, row.comment_id]
    }


def _decision(review: Review) -> dict[str, Any]:
    action = ACTION_AFTER[review.opinion.action].value
    reasons = [asdict(SiteReason(Ground.REVIEW))]
    made = {"policy": review.policy, "bundle": review.bundle, "decided_at": review.reviewed_at}
    return {"action": action, "reasons": reasons, **made}


async def stand(connection: AsyncConnection, decided: Iterable[tuple[StoredComment, Mapping[str, Any]]]) -> None:
    """From now on each comment stands by its decision (columns of the table ``decisions``)."""
    rows, states = [], []
    for comment, decision in decided:
        rows.append({"site": comment.site, "comment_id": comment.id, "revision": comment.revision, **decision})
        state = STATE_AFTER[Action(decision["action"])]
        states.append({"key_site": comment.site, "key_id": comment.id, "new_state": state.value})
    await add_decisions(connection, rows)
    await connection.execute(_STAND, states)


_STAND: Final = (
    update(comments)
    .where(comments.c.site == bindparam("key_site"), comments.c.id == bindparam("key_id"))
    .values(state=bindparam("new_state"))
)
_ANSWER: Final = (
    update(appeals)
    .where(appeals.c.site == bindparam("key_site"), appeals.c.comment_id == bindparam("key_id"))
    .where(appeals.c.revision == bindparam("key_revision"), appeals.c.review.is_(None))
    .values(review=bindparam("answer"))
)


def _answer(review: Review) -> dict[str, Any]:
    of = review.opinion
    return {"key_site": of.site, "key_id": of.comment_id, "key_revision": of.revision, "answer": review.number}


def _told(taken: _Taken, review: Review) -> audit.Entry:
    return told(review, REVIEW, review.opinion.reviewer, taken.change.at, taken.facts.comment.state, taken.state)


def told(review: Review, action: audit.Deed, actor: str, at: datetime, before: State, after: State) -> audit.Entry:
    """For the audit: who did what with the review, and how the comment stood before and after."""
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
    return audit.Entry(opinion.site, at, actor, action, opinion.comment_id, detail)
