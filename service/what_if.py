"""WHAT IF: a draft policy against the one in force, both on what is stored. Nothing is changed, and scores are taken as
they were. Not against what was decided then: earlier policies did that, and the draft would be blamed for it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from models.heads import HEAD_NAMES
from service.domain import Action, Decision, Ground, OperatingPoints, SiteReason
from service.errors import AlreadyTrying
from service.moderation import Moderation
from service.policies import Policies, SitePolicy
from service.policy import Case, Policy
from service.priority import Standing, placed, scores_of
from service.scoring.engine import Engine
from service.storage.history_store import HistoryStore
from service.storage.past_decisions import Past, Place

NEWEST: Final = 20_000
"""How many comments a draft is tried on, unless told otherwise."""
EXAMPLES: Final = 20
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Yes:
    """How often a head's question was answered with yes and with no."""

    yes: int = 0
    no: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What people decided about those comments that they reviewed, and the labels that they gave."""

    approve: int
    label: int
    reject: int
    labels: Mapping[str, Yes]


@dataclass(frozen=True, slots=True)
class Change:
    """Comments for which the policy in force decides one thing and the draft decides another, or the same."""

    before: Action
    after: Action
    count: int
    judged: Judged
    #: Ids of the newest of them; none where nothing changes.
    examples: Sequence[str]


@dataclass(frozen=True, slots=True)
class Both:
    """How many there are by the policy in force, and how many there would be by the draft."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What a draft would have done."""

    site: str
    comments: int
    #: When the oldest of them came; null where there is none.
    oldest: datetime | None
    actions: Mapping[Action, Both]
    #: How many would wait for a person at first, reports aside.
    queued: Both
    changes: Sequence[Change]
    #: What could not be taken into account, in words.
    left_out: Sequence[str]


@dataclass(slots=True)
class _Tally:
    """One kind of change, as it is counted."""

    count: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    labels: Counter[tuple[str, int]] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, past: Past, *, example: bool) -> None:
        self.count += 1
        if example and len(self.examples) < EXAMPLES:
            self.examples.append(past.comment_id)
        if past.judged is not None:
            action, labels = past.judged
            self.actions[action.value] += 1
            self.labels.update(labels.items())

    def judged(self) -> Judged:
        labels = {head: Yes(self.labels[head, 1], self.labels[head, 0]) for head in HEAD_NAMES}
        return Judged(self.actions["approve"], self.actions["label"], self.actions["reject"], labels)


class WhatIf:
    """Tries one draft a site at a time."""

    def __init__(self, history: HistoryStore, policies: Policies, moderation: Moderation, engine: Engine) -> None:
        self._history = history
        self._policies = policies
        self._moderation = moderation
        self._engine = engine
        self._busy: set[str] = set()

    async def tried(self, site: str, draft: Policy, newest: int = NEWEST, since: datetime | None = None) -> Tried:
        """What the draft would make of the ``newest`` comments, none from before ``since``, beside what is in force.

        Reads them a few at a time, with turns of the loop between.

        Raises:
            AlreadyTrying: another draft is being tried on the site.
            StoreUnavailable, NotReady, Overloaded: there is no answer now.
        """
        if site in self._busy:
            raise AlreadyTrying
        self._busy.add(site)
        try:
            in_force = await self._policies.known(site)
            return await self._tried(site, in_force, SitePolicy(draft, self._engine), newest, since)
        finally:
            self._busy.discard(site)

    async def _tried(
        self, site: str, in_force: SitePolicy, draft: SitePolicy, newest: int, since: datetime | None
    ) -> Tried:
        points = self._engine.live.operating_points
        tallies: dict[tuple[Action, Action], _Tally] = {}
        place: Place | None = None
        count = waited = would_wait = 0
        while count < newest:
            most = min(_AT_ONCE, newest - count)
            page = await self._history.past(site, since, place, most, texts=in_force.has_terms or draft.has_terms)
            for past in page:
                now = await self._decision(site, in_force, points, past)
                then = await self._decision(site, draft, points, past)
                tallies.setdefault((now.action, then.action), _Tally()).add(past, example=now.action is not then.action)
                waited += _waits(now, past)
                would_wait += _waits(then, past)
            count += len(page)
            if len(page) < most:
                place = page[-1].place if page else place
                break
            place = page[-1].place
            await asyncio.sleep(0)
        return Tried(
            site=site,
            comments=count,
            oldest=None if place is None else place[0],
            actions={action: _both(tallies, action) for action in Action},
            queued=Both(waited, would_wait),
            changes=[Change(*kind, one.count, one.judged(), one.examples) for kind, one in sorted(tallies.items())],
            left_out=_left_out(in_force.policy, draft.policy),
        )

    async def _decision(self, site: str, policy: SitePolicy, points: OperatingPoints, past: Past) -> Decision:
        grounds = {reason.rule for reason in past.decision.reasons if isinstance(reason, SiteReason)}
        case = Case(
            site,
            past.comment_id,
            past.author_id,
            # How many of an author's comments stood is not kept; that they were too few is.
            standing=0 if Ground.NEW_AUTHOR in grounds else None,
            rejected_before=Ground.REJECTED_BEFORE in grounds,
        )
        return await self._moderation.decide(policy, past.text or "", past.scores, points, case)


def _waits(decision: Decision, past: Past) -> bool:
    return placed(Standing(decision, scores_of(past.scores))) is not None


def _both(tallies: Mapping[tuple[Action, Action], _Tally], action: Action) -> Both:
    before = sum(one.count for (first, _), one in tallies.items() if first is action)
    return Both(before, sum(one.count for (_, second), one in tallies.items() if second is action))


def _left_out(*policies: Policy) -> list[str]:
    told = ["erased comments", "texts that were edited since", "reports and appeals"]
    if any(policy.hold_new_authors for policy in policies):
        told.append("how many comments an author had: authors count as new where they were held for it then")
    return told
