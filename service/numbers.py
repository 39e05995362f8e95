"""THE NUMBERS: how much comes, what is decided, how people agree, and how good the heads are on a site's comments."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from models.heads import HEAD_NAMES
from service.agreement import Agreement, agreement
from service.domain import Action, Ground
from service.estimates import Calibration, Estimate, Seen, calibration, median, recall, share
from service.review_domain import Cause, ReviewAction, Role, SelectedBy
from service.storage.history_store import HistoryStore
from service.storage.measuring import Counts, Daily, Opinions

DAYS: Final = 30
"""How far back numbers go, unless told otherwise."""
MOST_REVIEWS: Final = 50_000
"""The newest so many reviews are looked at."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC): texts that the machine decided about, and decisions of people that stand, by action."""

    day: date
    machine: Mapping[Action, int]
    people: Mapping[Action, int]


@dataclass(frozen=True, slots=True)
class QueueAge:
    """What waits now for one cause; ages in seconds."""

    cause: Cause
    count: int
    median_age: float
    oldest_age: float


@dataclass(frozen=True, slots=True)
class ReviewerNumbers:
    """One reviewer's work. ``golden`` is how often they gave the right action where it is known."""

    reviewer: str
    decided: int
    checked: int
    escalated: int
    golden: Estimate


@dataclass(frozen=True, slots=True)
class HeadNumbers:
    """One head on this site's comments. What it found is what a rule of the policy acted on."""

    #: Of what it found and people judged, the share they agree with.
    precision: Estimate
    #: Of all that people would call so, the share it found; from the random sample and what was found.
    recall: Estimate
    calibration: Calibration
    #: Of first and second opinions, and how often reviewers were right where that is known.
    agreement: Agreement
    golden: Estimate


@dataclass(frozen=True, slots=True)
class SiteNumbers:
    """All numbers of a site, from ``since`` on and before ``until``; what waits is as it is now."""

    site: str
    since: datetime
    until: datetime
    days: Sequence[Day]
    machine: Mapping[Action, int]
    people: Mapping[Action, int]
    queue: Sequence[QueueAge]
    #: From a text's arrival to a person's decision, in seconds; null where there is none.
    median_time_to_decision: float | None
    slowest_tenth: float | None
    reviewers: Sequence[ReviewerNumbers]
    #: Of first and second opinions about what to do.
    agreement: Agreement
    #: Of what the machine held and people decided, the share that they let stand.
    overturned: Estimate
    heads: Mapping[str, HeadNumbers]
    #: Whether there were more reviews than ``MOST_REVIEWS``: those before them are not looked at.
    cut: bool


class Numbers:
    """Works them out."""

    def __init__(self, history: HistoryStore) -> None:
        self._history = history

    async def of(self, site: str, since: datetime | None = None, until: datetime | None = None) -> SiteNumbers:
        """Of the ``DAYS`` before now, unless told otherwise. Raises ``StoreUnavailable``."""
        now = datetime.now(UTC)
        until = until or now
        since = since or until - timedelta(days=DAYS)
        counts = await self._history.counts(site, since, until)
        opinions = await self._history.opinions(site, since, until, MOST_REVIEWS)
        # Heavy for the loop where there are many reviews: in a thread others get their turns.
        return await asyncio.to_thread(_worked_out, site, since, until, now, counts, opinions)


def _worked_out(
    site: str, since: datetime, until: datetime, now: datetime, counts: Counts, opinions: Opinions
) -> SiteNumbers:
    decided = [row for row in opinions.reviews if row.role == Role.DECIDING and row.action != ReviewAction.ESCALATE]
    waited = sorted((row.reviewed_at - row.received_at).total_seconds() for row in decided)
    held = [row for row in decided if row.machine_action == Action.HOLD]
    machine = _totals(counts.machine)
    return SiteNumbers(
        site=site,
        since=since,
        until=until,
        days=_days(counts),
        machine=machine,
        people=_totals(counts.people),
        queue=[
            QueueAge(w.cause, w.count, _age(now, w.median_since), _age(now, w.oldest_since)) for w in counts.waiting
        ],
        median_time_to_decision=median(waited),
        slowest_tenth=waited[int(0.9 * (len(waited) - 1))] if waited else None,
        reviewers=_reviewers(opinions),
        agreement=agreement((row.first_action, row.second_action) for row in opinions.pairs),
        overturned=share(sum(row.action == ReviewAction.APPROVE for row in held), len(held)),
        heads={head: _head(head, _sampled(decided, since, machine), opinions) for head in HEAD_NAMES},
        cut=len(opinions.reviews) == MOST_REVIEWS,
    )


def _head(head: str, sampled: _Sampled, opinions: Opinions) -> HeadNumbers:
    seen = list(sampled.of(head))
    found = [one for one in seen if one.found]
    pairs = ((r.first_labels.get(head), r.second_labels.get(head)) for r in opinions.pairs)
    right = [
        r.labels[head] == r.right_labels[head] for r in opinions.golden if head in r.labels and head in r.right_labels
    ]
    return HeadNumbers(
        precision=share(sum(one.yes for one in found), len(found)),
        recall=recall(seen),
        calibration=calibration(seen),
        agreement=agreement((one, other) for one, other in pairs if one is not None and other is not None),
        golden=share(sum(right), len(right)),
    )


@dataclass(frozen=True, slots=True)
class _Sampled:
    """Reviews of texts that came before a person by a chance that is known: what the machine acted on, and the sample.

    Each part counts for as many comments as the machine decided about in that time: not all of a part is reviewed
    yet, and those that are stand for the rest.
    """

    acted: Sequence[Any]
    drawn: Sequence[Any]
    all_acted: int
    all_allowed: int

    def of(self, head: str) -> Iterable[Seen]:
        """Those whose reviewer answered the head's question."""
        acted = [row for row in self.acted if head in row.labels]
        drawn = [row for row in self.drawn if head in row.labels]
        yield from _weighted(head, acted, lambda row: 1.0, self.all_acted)
        yield from _weighted(head, drawn, _weight_of(drawn), self.all_allowed)


def _sampled(decided: Sequence[Any], since: datetime, machine: Mapping[Action, int]) -> _Sampled:
    """The newest review of each text, without texts from before ``since``, which the machine's counts leave out."""
    newest = {(row.comment_id, row.revision): row for row in reversed(decided)}
    inside = [row for row in newest.values() if row.received_at >= since]
    acted = [row for row in inside if row.machine_action != Action.ALLOW]
    drawn = [row for row in inside if row.machine_action == Action.ALLOW and _has(row, "rule", Ground.SAMPLE)]
    allowed = machine.get(Action.ALLOW, 0)
    return _Sampled(acted, drawn, sum(machine.values()) - allowed, allowed)


def _weighted(head: str, rows: Sequence[Any], weight_of: Callable[[Any], float], total: int) -> Iterable[Seen]:
    weights = [weight_of(row) for row in rows]
    scale = total / sum(weights) if weights else 0.0
    for row, weight in zip(rows, weights, strict=True):
        yield Seen(weight * scale, _has(row, "head", head), row.labels[head] == 1, row.shown_scores.get(head))


def _weight_of(drawn: Sequence[Any]) -> Callable[[Any], float]:
    """1 / the chance of being drawn. One that readers reported before its turn came has the others' mean."""
    known = [row.sampling_weight for row in drawn if row.selected_by == SelectedBy.SAMPLE]
    mean = sum(known) / len(known) if known else 1.0
    return lambda row: row.sampling_weight if row.selected_by == SelectedBy.SAMPLE else mean


def _has(row: Any, name: str, value: str) -> bool:
    return any(reason.get(name) == value for reason in row.machine_reasons)


def _days(counts: Counts) -> list[Day]:
    days = sorted({day for day, _ in (*counts.machine, *counts.people)})
    return [Day(day, _of_day(counts.machine, day), _of_day(counts.people, day)) for day in days]


def _of_day(daily: Daily, day: date) -> dict[Action, int]:
    return {action: count for action in Action if (count := daily.get((day, action), 0))}


def _totals(daily: Daily) -> dict[Action, int]:
    totals: Counter[Action] = Counter()
    for (_, action), count in daily.items():
        totals[action] += count
    return {action: totals[action] for action in Action}


def _reviewers(opinions: Opinions) -> list[ReviewerNumbers]:
    work = Counter((row.reviewer, _kind(row)) for row in opinions.reviews)
    right: dict[str, list[bool]] = {}
    for row in opinions.golden:
        right.setdefault(row.reviewer, []).append(row.action == row.right_action)
    return [
        ReviewerNumbers(
            reviewer=name,
            decided=work[name, "decided"],
            checked=work[name, "checked"],
            escalated=work[name, "escalated"],
            golden=share(sum(right.get(name, ())), len(right.get(name, ()))),
        )
        for name in sorted({name for name, _ in work})
    ]


def _kind(row: Any) -> str:
    if row.action == ReviewAction.ESCALATE:
        return "escalated"
    return "decided" if row.role == Role.DECIDING else "checked"


def _age(now: datetime, since: datetime) -> float:
    return max((now - since).total_seconds(), 0.0)
