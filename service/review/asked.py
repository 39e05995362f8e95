"""What an address of the review page asks for: a site, filters, an order, and what was passed over so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request

from service.alike import Alike
from service.api.body import decode_value
from service.api.paths import cursor, cursor_of, query_of, site_of
from service.api.review_schemas import FiltersIn, filters_of
from service.api.schemas import Id, Time
from service.errors import InvalidInput
from service.review.faults import FieldFault
from service.review.opinions import alike_of
from service.review.quantities import MOST_HOURS, hours_said, percent_said
from service.review.texts import TEXTS
from service.storage.listing import Filters, Order

MOST_SKIPPED: Final = 200
SKIPPED_CHARACTERS: Final = 4_000
"""So many are remembered as passed over, as long as the address stays one that every proxy takes; what was passed over
before them comes again."""
_CHOICES: Final = ("head", "cause", "action")
_SCORES: Final = ("min_score", "max_score")
_HOURS: Final = ("min_hours",)
_KNOWN: Final = (
    *_CHOICES,
    *_SCORES,
    *_HOURS,
    "sort",
    "view",
    "skip",
    "first",
    "after",
    "done",
    "did",
    "notice",
    "alike",
)


class View(StrEnum):
    """How the queue is shown."""

    ONE = "one"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue is asked for. ``fields`` is what the page's form of filters holds, as it was sent."""

    site: str
    filters: Filters = field(default_factory=Filters)
    order: Order = Order.PRIORITY
    view: View = View.ONE
    #: Ids that were passed over, the earliest first.
    skipped: tuple[str, ...] = ()
    #: The comment to begin with.
    first: str | None = None
    after: str | None = None
    #: What happened just now: a review by its number and what it did, or a notice by its name in the catalogue.
    done: str | None = None
    did: str | None = None
    notice: str | None = None
    #: The reviews that were made at once, if that was what happened.
    alike: Alike | None = None
    fields: tuple[tuple[str, str], ...] = ()
    #: Which of them will not do; then nothing is filtered, and nothing to be shown.
    fault: FieldFault | None = None

    def place(self) -> tuple[object, str] | None:
        """Where a list goes on. Raises ``InvalidInput``."""
        given = {} if self.after is None else {"after": self.after}
        if self.order is Order.OLDEST:
            return cursor_of(given, tuple[Time, Id])
        return cursor_of(given, tuple[float, Id])

    def passing(self, comment_id: str) -> Asked:
        """The same, with that one passed over; the notice tells where others are forgotten for it."""
        skipped = (*(one for one in self.skipped if one != comment_id), comment_id)
        kept = skipped[-MOST_SKIPPED:]
        while len(cursor(kept)) > SKIPPED_CHARACTERS:
            kept = kept[1:]
        return replace(self, skipped=kept, notice="skipped" if kept == skipped else "skipped_far")

    def query(self, **others: str | None) -> str:
        """As an address has it, with those fields instead; what happened just now is not repeated."""
        kept: dict[str, str | None] = dict(self.fields)
        kept |= {"sort": None if self.order is Order.PRIORITY else self.order.value}
        kept |= {"view": None if self.view is View.ONE else self.view.value}
        kept |= {"skip": cursor(self.skipped) if self.skipped else None, **others}
        return urlencode([("site", self.site), *((name, value) for name, value in kept.items() if value)])


def asked_of(request: Request) -> Asked:
    """What the address asks for; a field that is left empty is as one that is not there. Raises ``InvalidInput``."""
    query = query_of(request, *_KNOWN)
    given = {name: value for name, value in query.items() if value != ""}
    return Asked(
        site=site_of(query),
        filters=_filters(given),
        order=decode_value(given.get("sort", Order.PRIORITY.value), Order, ("sort",)),
        view=decode_value(given.get("view", View.ONE.value), View, ("view",)),
        skipped=_skipped(given),
        first=None if "first" not in given else decode_value(given["first"], Id, ("first",)),
        after=given.get("after"),
        done=given.get("done"),
        did=given.get("did"),
        notice=given.get("notice"),
        alike=None if "alike" not in given else alike_of(given["alike"]),
        fields=_fields(given),
    )


def misread(request: Request, error: InvalidInput) -> Asked:
    """Where a filter that is typed will not do: what to show, to have it typed again. Raises any other error."""
    name = error.fault.pointer.removeprefix("#/")
    if name not in (*_SCORES, *_HOURS):
        raise error
    query = query_of(request, *_KNOWN)
    words = TEXTS.queue.faults.hours.format(most=f"{MOST_HOURS:,}") if name in _HOURS else TEXTS.queue.faults.score
    view = View.LIST if query.get("view") == View.LIST.value else View.ONE
    fault = FieldFault(words, name, getattr(TEXTS.queue, name))
    return Asked(site_of(query), view=view, fields=_fields(query), fault=fault)


def _fields(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, given[name]) for name in (*_CHOICES, *_SCORES, *_HOURS) if given.get(name))


def _skipped(given: Mapping[str, str]) -> tuple[str, ...]:
    found = cursor_of({"after": given["skip"]}, tuple[Id, ...]) if "skip" in given else None
    return (found or ())[-MOST_SKIPPED:]


def _filters(given: Mapping[str, str]) -> Filters:
    """Scores are given in percent, and an age in hours."""
    wanted: dict[str, Any] = {name: given[name] for name in _CHOICES if name in given}
    wanted |= {name: percent_said(given[name], (name,)) for name in _SCORES if name in given}
    found = filters_of(decode_value(wanted, FiltersIn, (), strict=False), ())
    if "min_hours" not in given:
        return found
    return replace(found, min_age=timedelta(hours=hours_said(given["min_hours"], ("min_hours",))))
