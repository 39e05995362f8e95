"""Comments to store, with scores that no bundle gave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from models.scores import CommentScores, HeadScore, Nearest, Severity, Span, Why
from service.domain import (
    STATE_AFTER,
    Action,
    Assessment,
    Author,
    Decision,
    Reason,
    SentComment,
    StoredComment,
)
from service.revisions import new_salt, revised
from service.storage.store import Store

TEXT = "A dreary fr1ggin ferry, late by a third of an hour"
NOW = datetime(2026, 3, 4, 5, 6, 7, 890_123, tzinfo=UTC)


def assessment(action: Action = Action.HOLD, bundle: str = "2026.11.1") -> Assessment:
    """Every kind of thing that an answer may hold."""
    heads = {
        "profanity": HeadScore(
            1 / 3, None, (Span(9, 16, 0.1 + 0.2, "friggin", Severity.MILD), Span(17, 22, 0.5)), None, Severity.MILD
        ),
        "off_topic": HeadScore(0.25, None, None, Nearest(0, 12, 0.123456789012345)),
        "spoiler": HeadScore(None, Why.TOO_SHORT, ()),
    }
    reasons = (Reason("profanity", 1 / 3, 0.3, "precision>=0.95"),)
    return Assessment(CommentScores(heads, "en", 2 / 3), {}, Decision(action, reasons, "default@1"), bundle)


def sent(name: str = "c-1", text: str = TEXT, **fields: Any) -> SentComment:
    """As a site would send it."""
    whole = SentComment("default", name, text, author=Author("u-7", "Ann Onymous"), lang="en", created_at=NOW)
    return replace(whole, **fields)


async def save(
    store: Store, one: SentComment, before: StoredComment | None = None, at: datetime = NOW
) -> tuple[StoredComment, bool]:
    """What was handed in, and whether it was stored."""
    salt = new_salt()
    comment = revised(before, one, assessment(), salt, at)
    assert comment.state is STATE_AFTER[Action.HOLD]
    return comment, await store.save_comment(comment, salt)
