"""Decisions: each is added once, in order, and told to whoever listens; read back in order.

Numbers grow in the order in which decisions can be seen, also where several replicas write: ``Store`` lets one
transaction at a time write. So whoever has read as far as a number has missed nothing before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import STATE_AFTER, Action, Ground, State
from service.storage.outbox import Event, Notice, append, listening
from service.storage.tables import decisions


class By(StrEnum):
    """Who decided."""

    MACHINE = "machine"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """A decision as others are told it: with its reasons, without the words that they were found in."""

    number: int
    site: str
    comment_id: str
    revision: int
    action: Action
    #: How the comment stood from then on.
    state: State
    reasons: Sequence[Mapping[str, Any]]
    policy: str
    bundle: str
    decided_at: datetime
    by: By


async def add_decisions(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store decisions (columns of the table ``decisions``, but for the number) and hand them to the outbox."""
    if not rows:
        return
    to = await listening(connection, Event.DECIDED, (row["site"] for row in rows))
    if not to:
        await connection.execute(insert(decisions), rows)
        return
    numbered = insert(decisions).returning(decisions.c.number, sort_by_parameter_order=True)
    numbers = (await connection.execute(numbered, rows)).scalars().all()
    made = [made_decision({**row, "number": number}) for row, number in zip(rows, numbers, strict=True)]
    await append(connection, [_notice(one) for one in made], to)


async def read_decisions(connection: AsyncConnection, site: str, after: int, most: int) -> list[MadeDecision]:
    """The site's decisions behind that number, in order."""
    wanted = select(decisions).where(decisions.c.site == site, decisions.c.number > after)
    found = await connection.execute(wanted.order_by(decisions.c.number).limit(most))
    return [made_decision(row) for row in found.mappings()]


def made_decision(row: Mapping[str, Any] | Any) -> MadeDecision:
    """Of a row of the table ``decisions``."""
    action = Action(row["action"])
    is_by_person = any(why.get("rule") == Ground.REVIEW for why in row["reasons"])
    return MadeDecision(
        number=row["number"],
        site=row["site"],
        comment_id=row["comment_id"],
        revision=row["revision"],
        action=action,
        state=STATE_AFTER[action],
        reasons=[_without_words(why) for why in row["reasons"]],
        policy=row["policy"],
        bundle=row["bundle"],
        decided_at=row["decided_at"],
        by=By.PERSON if is_by_person else By.MACHINE,
    )


def decision_data(made: MadeDecision) -> dict[str, Any]:
    """As plain JSON: the same in the feed and in what webhooks are sent."""
    return {name: getattr(made, name) for name in MadeDecision.__slots__}


def _without_words(why: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in why.items() if name != "term" and value is not None}


def _notice(made: MadeDecision) -> Notice:
    return Notice(Event.DECIDED, made.site, made.decided_at, decision_data(made), made.comment_id)
