"""What an entry of the audit says beside who did what, as far as it is worth a glance; the file has all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from service.review.texts import TEXTS, counted
from service.storage.audit import Entry

_SAID: Final = ("account", "key", "name", "scopes", "webhook", "host", "attempts", "blocked", "deliveries")


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
