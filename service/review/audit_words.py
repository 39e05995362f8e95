"""What an entry of the audit says was done, and beside it as far as it is worth a glance; the file has all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from service.review.texts import TEXTS, counted
from service.review_domain import Role
from service.storage.audit import Entry
from service.storage.deciding import REVIEW
from service.storage.undoing import UNDO

_SAID: Final = ("account", "key", "name", "scopes", "webhook", "host", "attempts", "blocked", "deliveries")


def deed_words(entry: Entry) -> str:
    """What was done; of a review, what it came to: to pass a comment on is not to decide it."""
    said = entry.detail.get("action", "")
    if entry.action == REVIEW and entry.detail["role"] == Role.DECIDING:
        return str(getattr(TEXTS.audited_review, said))
    if entry.action == REVIEW:
        return str(TEXTS.audited_review.checking.format(said=getattr(TEXTS.past, said)))
    if entry.action == UNDO:
        return str(TEXTS.audited_review.undone.format(said=getattr(TEXTS.past, said)))
    return str(getattr(TEXTS.audited, entry.action))


def detail_words(entry: Entry) -> list[str]:
    """Each a few words."""
    return [words for words in _words(entry) if words]


def _words(entry: Entry) -> Iterator[str]:
    detail = entry.detail
    if "to" in detail:
        yield TEXTS.audit_detail.change.format(before=_state(detail["from"]), after=_state(detail["to"]))
    if cause := detail.get("cause"):
        yield TEXTS.audit_detail.cause.format(value=getattr(TEXTS.cause, cause))
    if "reports" in detail:
        yield counted(TEXTS.queue.reports, detail["reports"])
    for name in _SAID:
        if value := detail.get(name):
            said = ", ".join(value) if isinstance(value, list) else value
            yield getattr(TEXTS.audit_detail, name).format(value=said)
    # Of a review it is another role that is told.
    if "account" in detail and "role" in detail:
        yield TEXTS.audit_detail.role.format(value=getattr(TEXTS.role, detail["role"]))


def _state(value: Any) -> str:
    """How a comment stood; a version of a policy is a number."""
    return str(getattr(TEXTS.state, str(value), value))
