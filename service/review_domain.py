"""Frozen values of what people do: the queue, readers' reports, reviews. Nothing here knows HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from models.heads import HEAD_NAMES
from service.domain import Action

OTHER: Final = "other"
REPORT_REASONS: Final = (*HEAD_NAMES, OTHER)
"""What a reader can report a comment for: what the heads ask, or something else."""


class Cause(StrEnum):
    """Why a comment waits for a person; of several, the first in this order."""

    APPEAL = "appeal"
    ESCALATION = "escalation"
    HOLD = "hold"
    REPORT = "report"
    LABEL = "label"
    SAMPLE = "sample"
    #: A further opinion, to see how well reviewers agree.
    SECOND = "second"


class SelectedBy(StrEnum):
    """How a comment came before a person, as labelled comments say it."""

    POLICY = "policy"
    REPORT = "report"
    SAMPLE = "sample"
    AUDIT = "audit"


SELECTED_BY: Final[Mapping[Cause, SelectedBy]] = {
    Cause.APPEAL: SelectedBy.REPORT,
    Cause.ESCALATION: SelectedBy.POLICY,
    Cause.HOLD: SelectedBy.POLICY,
    Cause.REPORT: SelectedBy.REPORT,
    Cause.LABEL: SelectedBy.POLICY,
    Cause.SAMPLE: SelectedBy.SAMPLE,
    Cause.SECOND: SelectedBy.AUDIT,
}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a comment stands in the queue."""

    cause: Cause
    #: The head or reason that weighs most, and the model's score of it.
    head: str | None
    score: float | None
    #: 0 to 1; what is looked at first has the highest.
    priority: float
    #: 0 (sure) to 1 (as likely as not).
    uncertainty: float
    #: How many open reports there are.
    reports: int
    #: Who is not asked.
    not_for: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment in the queue, with who holds it until when."""

    site: str
    comment_id: str
    revision: int
    #: What was decided so far.
    action: Action
    placement: Placement
    entered_at: datetime
    claimed_by: str | None = None
    claimed_until: datetime | None = None


class ReportState(StrEnum):
    """What became of a report."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    SET_ASIDE = "set_aside"
    #: Its comment was erased before anybody answered it.
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Report:
    """A reader's report of one revision for one reason."""

    site: str
    comment_id: str
    revision: int
    reporter: str
    reason: str
    note: str | None
    #: 0 to 1: what it counts as evidence.
    weight: float
    state: ReportState
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Appeal:
    """An author's appeal against how one revision stands, and the review that answered it."""

    revision: int
    note: str | None
    received_at: datetime
    review: int | None


class Against(StrEnum):
    """Whose decision an appeal is against."""

    MACHINE = "machine"
    PERSON = "person"


class ReviewAction(StrEnum):
    """What a person does with a comment."""

    APPROVE = "approve"
    LABEL = "label"
    REJECT = "reject"
    #: Decide nothing, and leave it to another.
    ESCALATE = "escalate"


ACTION_AFTER: Final[Mapping[ReviewAction, Action]] = {
    ReviewAction.APPROVE: Action.ALLOW,
    ReviewAction.LABEL: Action.LABEL,
    ReviewAction.REJECT: Action.REJECT,
}


class Role(StrEnum):
    """What a review does: decide how the comment stands, or only say what its reviewer thinks."""

    DECIDING = "deciding"
    CHECKING = "checking"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person says about one revision of a comment. A head that was not answered has no label."""

    site: str
    comment_id: str
    revision: int
    reviewer: str
    action: ReviewAction
    labels: Mapping[str, int]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """An opinion as it is kept, with what its reviewer saw."""

    number: int
    opinion: Opinion
    role: Role
    cause: Cause | None
    selected_by: SelectedBy
    #: 1 / the chance that the comment came before a person.
    sampling_weight: float
    shown_scores: Mapping[str, float]
    machine_action: Action
    policy: str
    bundle: str
    text_hash: str
    wants_second: bool
    reviewed_at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
