"""Statements about the queue: one row for each comment that waits, kept in step with how the comment stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import Action, State, StoredComment
from service.priority import Standing, causes, chance_of, placed, scores_of
from service.review_domain import Cause, Entry, Placement
from service.storage.among import among
from service.storage.articles import Key
from service.storage.policies import read_policy
from service.storage.review_tables import queue
from service.storage.standing import Facts, read_facts

_BY_KEY: Final = (queue.c.site == bindparam("key_site")) & (queue.c.comment_id == bindparam("key_id"))
_MOVED: Final = (
    "revision",
    "cause",
    "action",
    "head",
    "score",
    "priority",
    "uncertainty",
    "reports",
    "not_for",
    "entered_at",
)
_MOVE: Final = update(queue).where(_BY_KEY).values({name: bindparam(name) for name in _MOVED})
_START_AGAIN: Final = (
    update(queue)
    .where(_BY_KEY)
    .values({name: bindparam(name) for name in _MOVED} | {"claimed_by": None, "claimed_until": None})
)


async def add_new(connection: AsyncConnection, new: Iterable[StoredComment]) -> None:
    """Comments that were stored just now for the first time: nobody said anything about them yet."""
    rows = [row for one in new if (row := _row_of_new(one)) is not None]
    if rows:
        await connection.execute(insert(queue), rows)


async def refresh(connection: AsyncConnection, keys: Iterable[Key]) -> None:
    """Bring their rows in step with how they stand now."""
    wanted = sorted(set(keys))
    least = {site: await _least_evidence(connection, site) for site in {site for site, _ in wanted}}
    facts = await read_facts(connection, wanted)
    waiting = await connection.execute(select(queue).where(among(queue.c.site, queue.c.comment_id, wanted)))
    kept = {(row.site, row.comment_id): row for row in waiting}
    new, moved, anew, gone = [], [], [], []
    for key in wanted:
        fact = facts.get(key)
        row = None if fact is None else _row_of(fact, least[key[0]])
        if row is None:
            gone.append({"key_site": key[0], "key_id": key[1]})
        elif key not in kept:
            new.append(row)
        elif _is_asked_anew(kept[key], row):
            anew.append(_change(row))
        else:
            moved.append(_change(row))
    steps = ((insert(queue), new), (_MOVE, moved), (_START_AGAIN, anew), (delete(queue).where(_BY_KEY), gone))
    for statement, rows in steps:
        if rows:
            await connection.execute(statement, rows)


async def let_go(connection: AsyncConnection, keys: Iterable[Key]) -> None:
    """Nobody holds them any more: whatever they wait for next, anybody may take."""
    mine = among(queue.c.site, queue.c.comment_id, keys)
    await connection.execute(update(queue).where(mine).values(claimed_by=None, claimed_until=None))


async def read_entries(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, Entry]:
    """Those that wait."""
    found = await connection.execute(select(queue).where(among(queue.c.site, queue.c.comment_id, keys)))
    return {(row.site, row.comment_id): entry_of(row) for row in found}


async def _least_evidence(connection: AsyncConnection, site: str) -> float:
    """What the site's newest policy wants the reports of a comment to weigh before they queue it."""
    policy = await read_policy(connection, site, None)
    return 0.0 if policy is None else float(policy.content.get("report_weight", 0.0))


def entry_of(row: Row[Any]) -> Entry:
    """As it was kept."""
    place = Placement(Cause(row.cause), row.head, row.score, row.priority, row.uncertainty, row.reports, row.not_for)
    return Entry(
        site=row.site,
        comment_id=row.comment_id,
        revision=row.revision,
        action=Action(row.action),
        placement=place,
        entered_at=row.entered_at,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
    )


def _is_asked_anew(kept: Row[Any], row: dict[str, Any]) -> bool:
    """Another text, or another opinion to be had, is waited for anew, and by nobody who held the one before."""
    return bool(kept.revision != row["revision"] or kept.not_for != row["not_for"])


def _change(row: dict[str, Any]) -> dict[str, Any]:
    return {"key_site": row["site"], "key_id": row["comment_id"], **{name: row[name] for name in _MOVED}}


def _row_of(facts: Facts, least_evidence: float) -> dict[str, Any] | None:
    standing = facts.standing
    place = None if facts.comment.state is State.ERASED else placed(standing, least_evidence)
    if place is None:
        return None
    return _row(facts.comment, place, facts.machine_action, facts.since(causes(standing, least_evidence)))


def _row_of_new(comment: StoredComment) -> dict[str, Any] | None:
    assessment = comment.assessment
    chance = chance_of(comment.site, comment.id)
    place = placed(Standing(assessment.decision, scores_of(assessment.scores), chance=chance))
    return None if place is None else _row(comment, place, assessment.decision.action, comment.changed_at)


def _row(comment: StoredComment, place: Placement, machines: Action, since: datetime) -> dict[str, Any]:
    # Whoever is asked for a second opinion is not told of the first, by no filter either.
    action = machines if place.cause is Cause.SECOND else comment.assessment.decision.action
    return {
        "site": comment.site,
        "comment_id": comment.id,
        "revision": comment.revision,
        "action": action.value,
        **asdict(place),
        "cause": place.cause.value,
        "entered_at": since,
    }
