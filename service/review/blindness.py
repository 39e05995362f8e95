"""Who judges a comment without being told how others judged it, and what is left of its history for them."""

from __future__ import annotations

from dataclasses import replace

from service.desk import as_decided
from service.domain import StoredComment
from service.principals import Principal, Scope
from service.review_domain import Cause, Report, ReportState, ReviewAction
from service.storage.review_store import History


def wants_second(history: History, caller: Principal) -> bool:
    """A second opinion is asked for: it is worth something only as long as the first is not known."""
    entry = history.entry
    return entry is not None and entry.placement.cause is Cause.SECOND and not _sees_all(caller)


def is_untold(history: History, golden: tuple[int, ReviewAction] | None, caller: Principal) -> bool:
    """It is a golden comment that the caller has not judged. Nothing tells them so: it looks like any other."""
    newest = history.comment.revision
    if golden is None or golden[0] != newest or _sees_all(caller):
        return False
    own = (one for one in history.reviews if one.opinion.reviewer == caller.name and one.undone_at is None)
    return not any(one.opinion.revision == newest and one.opinion.action is not ReviewAction.ESCALATE for one in own)


def unjudged(history: History) -> History:
    """As it was before any person judged it: no review, and nothing that says what one came to."""
    comment = history.comment
    machine = {(comment.site, comment.id): history.past[-1].assessment.decision}
    reports = [_open(report, comment) for report in history.reports]
    return replace(history, comment=as_decided(comment, machine), reviews=[], reports=reports, audit=[])


def _open(report: Report, comment: StoredComment) -> Report:
    """As its reporter left it, if a reviewer answered it in answering about this text."""
    is_answered = report.state in (ReportState.UPHELD, ReportState.DISMISSED) and report.revision == comment.revision
    return replace(report, state=ReportState.OPEN) if is_answered else report


def _sees_all(caller: Principal) -> bool:
    return Scope.ADMIN in caller.scopes
