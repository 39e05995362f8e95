"""What requests of people's work hold: reports, appeals, claims, reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct
from msgspec.json import Decoder

from models.heads import HEAD_NAMES
from service.api import limits
from service.api.body import Path, decode
from service.api.schemas import HeadName, Id, Site
from service.api.submissions import check_words, fault_at
from service.domain import Action
from service.review_domain import REPORT_REASONS, Cause, Opinion, ReviewAction
from service.storage.listing import Filters, Order

Note = Annotated[str, Meta(max_length=limits.NOTE_CHARACTERS)]
ReportReason = Annotated[str, Meta(extra_json_schema={"enum": list(REPORT_REASONS)})]
Labels = Annotated[
    dict[HeadName, Literal[0, 1] | None],
    Meta(max_length=limits.LABELS, description="Head → whether its question is answered with yes (1) or no (0)."),
]
Revision = Annotated[int, Meta(ge=1, le=limits.VERSIONS)]
Reviewer = Annotated[Id, Meta(description="A person of the calling system's own; not for people who are signed in.")]
ReviewNumber = Annotated[int, Meta(ge=1, le=limits.NUMBER)]
BulkCount = Annotated[int, Meta(ge=1, le=limits.BATCH_COMMENTS)]
Score = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=1e10)]


class ReportIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A reader's report of a comment as it stands. One counts for each reporter, reason and revision."""

    reporter: Id
    reason: ReportReason
    note: Note | None = None


class AppealIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What the author has to say."""

    note: Note | None = None


class FiltersIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries of the queue are wanted; what is left out may be anything."""

    head: Annotated[ReportReason | None, Meta(description="The head, or reason of reports, that weighs most.")] = None
    cause: Annotated[Cause | None, Meta(description="Why they wait.")] = None
    action: Annotated[Action | None, Meta(description="What was decided so far.")] = None
    min_score: Annotated[Score | None, Meta(description="Of the head that weighs most.")] = None
    max_score: Score | None = None
    min_age: Annotated[Seconds | None, Meta(description="Seconds since they began to wait.")] = None
    max_age: Seconds | None = None
    claimed_by: Id | None = None


class ClaimIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for that comment, or for the next that match: those held already come first."""

    site: Site | None = None
    comment_id: Id | None = None
    filters: FiltersIn | None = None
    sort: Order = Order.PRIORITY
    count: Annotated[int, Meta(ge=1, le=limits.CLAIMED_AT_ONCE)] = 1
    lease_seconds: Annotated[int, Meta(ge=10, le=limits.LEASE_SECONDS, description="For how long they are held.")] = 300
    reviewer: Reviewer | None = None


class ReleaseIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Let a claimed comment go."""

    comment_id: Id
    site: Site | None = None
    reviewer: Reviewer | None = None


class ReviewIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person decides about one revision, and answers to the heads' questions."""

    comment_id: Id
    revision: Revision
    action: Annotated[
        Literal["approve", "label", "reject"] | None, Meta(description="Needed unless it is passed on.")
    ] = None
    labels: Labels = {}
    note: Note | None = None
    escalate: Annotated[bool, Meta(description="Decide nothing, and leave it to another.")] = False
    site: Site | None = None
    reviewer: Reviewer | None = None


class BulkReviewIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The same about every entry that matches, if there are exactly ``count`` of them."""

    filters: FiltersIn
    count: BulkCount
    action: Literal["approve", "label", "reject"]
    labels: Labels = {}
    note: Note | None = None
    site: Site | None = None
    reviewer: Reviewer | None = None


class GoldenIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The right answer about one revision of a comment."""

    revision: Revision
    action: Literal["approve", "label", "reject"]
    labels: Labels = {}


REPORT: Final = Decoder(ReportIn)
APPEAL: Final = Decoder(AppealIn)
CLAIM: Final = Decoder(ClaimIn)
RELEASE: Final = Decoder(ReleaseIn)
REVIEW: Final = Decoder(ReviewIn)
BULK: Final = Decoder(BulkReviewIn)
GOLDEN: Final = Decoder(GoldenIn)


def read_report(raw: bytes) -> ReportIn:
    """Raises ``InvalidInput``."""
    asked = decode(REPORT, raw)
    _check_reason(asked.reason, ("reason",))
    check_words(asked.note, ("note",))
    return asked


def read_appeal(raw: bytes) -> AppealIn:
    """Raises ``InvalidInput``."""
    asked = decode(APPEAL, raw)
    check_words(asked.note, ("note",))
    return asked


def read_review(raw: bytes) -> ReviewIn:
    """Raises ``InvalidInput``."""
    asked = decode(REVIEW, raw)
    if (asked.action is None) != asked.escalate:
        raise fault_at(("action",), "give either an action or escalate")
    check_words(asked.note, ("note",))
    return asked


def opinion_of(
    asked: ReviewIn | BulkReviewIn, site: str, reviewer: str, comment_id: str = "", revision: int = 0
) -> Opinion:
    """What it says. Raises ``InvalidInput``."""
    action = ReviewAction.ESCALATE if asked.action is None else ReviewAction(asked.action)
    return Opinion(site, comment_id, revision, reviewer, action, labels_of(asked.labels), asked.note)


def labels_of(asked: Mapping[str, int | None]) -> dict[str, int]:
    """Those that were answered. Raises ``InvalidInput``."""
    for head in asked:
        if head not in HEAD_NAMES:
            raise fault_at(("labels", head), f"no such head; there are: {', '.join(HEAD_NAMES)}")
    return {head: label for head in HEAD_NAMES if (label := asked.get(head)) is not None}


def filters_of(asked: FiltersIn | None, within: Path = ("filters",)) -> Filters:
    """What to look for. Raises ``InvalidInput``."""
    if asked is None:
        return Filters()
    if asked.head is not None:
        _check_reason(asked.head, (*within, "head"))
    return Filters(
        head=asked.head,
        cause=asked.cause,
        action=asked.action,
        min_score=asked.min_score,
        max_score=asked.max_score,
        min_age=_duration(asked.min_age),
        max_age=_duration(asked.max_age),
        claimed_by=asked.claimed_by,
    )


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _check_reason(reason: str, within: Path) -> None:
    if reason not in REPORT_REASONS:
        raise fault_at(within, f"no such reason; there are: {', '.join(REPORT_REASONS)}")
