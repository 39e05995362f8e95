"""What a sent comment makes of the one that is stored under its id. Pure, but for the salt."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime

from service.domain import STATE_AFTER, Action, Assessment, Ground, SentComment, SiteReason, State, StoredComment
from service.errors import Conflict, Erased, Fault, StaleRevision


def new_salt() -> str:
    """What a revision's hash is keyed with. It is erased with the text; then nothing can be tried against the hash."""
    return secrets.token_hex(16)


def text_hash(salt: str, text: str) -> str:
    """What stands for the text wherever it is referred to."""
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()


def merged(stored: StoredComment, sent: SentComment) -> SentComment:
    """What was sent, with what is stored where it said nothing. Raises ``Erased`` or ``Conflict``."""
    if stored.state is State.ERASED:
        raise Erased
    for name in ("article_id", "parent_id"):
        said, kept = getattr(sent, name), getattr(stored, name)
        if said is not None and said != kept:
            raise Conflict(Fault(f"#/{name}", "not the one that is stored for this comment, which stays"))
    if sent.author is not None and stored.author is not None and sent.author.id != stored.author.id:
        raise Conflict(Fault("#/author/id", "this comment is stored as another author's"))
    return replace(
        sent,
        article_id=stored.article_id,
        parent_id=stored.parent_id,
        author=stored.author if sent.author is None else sent.author,
    )


def refuse_stale(stored: StoredComment, sent: SentComment) -> None:
    """Raise ``StaleRevision`` for an edit that was overtaken by a newer one."""
    newest = stored.revised_at or stored.created_at
    if sent.revised_at is not None and newest is not None and sent.revised_at < newest:
        raise StaleRevision(Fault("#/revised_at", "older than the text that is stored"))


def was_rejected(stored: StoredComment) -> bool:
    """A person rejected the text as it is stored."""
    decision = stored.assessment.decision
    by_person = any(isinstance(why, SiteReason) and why.rule is Ground.REVIEW for why in decision.reasons)
    return by_person and decision.action is Action.REJECT


def revised(
    stored: StoredComment | None, sent: SentComment, assessment: Assessment, salt: str, now: datetime
) -> StoredComment:
    """The comment with its next revision, or its first."""
    return StoredComment(
        site=sent.site,
        id=sent.id,
        state=STATE_AFTER[assessment.decision.action],
        revision=1 if stored is None else stored.revision + 1,
        text=sent.text,
        article_id=sent.article_id,
        parent_id=sent.parent_id,
        author=sent.author,
        created_at=sent.created_at if stored is None else stored.created_at,
        revised_at=sent.revised_at if sent.revised_at or stored is None else stored.revised_at,
        received_at=now if stored is None else stored.received_at,
        changed_at=now,
        erased_at=None,
        text_hash=text_hash(salt, sent.text),
        lang=sent.lang,
        assessment=assessment,
    )
