"""Statements that store comments: a revision with its scores and its decision, all in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.scores import HeadScore
from service.domain import StoredComment
from service.storage.among import among
from service.storage.articles import Key
from service.storage.decisions import add_decisions
from service.storage.queue import add_new, refresh
from service.storage.reports import carry_reports
from service.storage.tables import comments, revisions, scores


@dataclass(frozen=True, slots=True)
class SaveComment:
    """A first or a further revision. Its outcome: whether it was stored; not if ``base`` is not the newest before it.

    ``comment.text_hash`` is keyed with ``salt``.
    """

    comment: StoredComment
    salt: str

    @property
    def key(self) -> Key:
        return (self.comment.site, self.comment.id)

    @property
    def base(self) -> int:
        """The revision that it follows; 0 where it is the first."""
        return self.comment.revision - 1


@dataclass(slots=True)
class _Rows:
    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)


async def save_comments(connection: AsyncConnection, changes: Sequence[SaveComment]) -> list[bool]:
    """For each, whether it was stored. Together or one by one, the same is stored."""
    newest = await _newest(connection, {change.key for change in changes})
    rows, outcomes = _Rows(), []
    for change in changes:
        is_next = newest.get(change.key, 0) == change.base
        if is_next:
            newest[change.key] = change.comment.revision
            _collect(rows, change)
        outcomes.append(is_next)
    if rows.new:
        await connection.execute(insert(comments), rows.new)
    if rows.changed:
        await connection.execute(_CHANGE, rows.changed)
    if rows.revisions:
        await connection.execute(insert(revisions), rows.revisions)
        await connection.execute(insert(scores), rows.scores)
        await add_decisions(connection, rows.decisions)
        await _queue(connection, [change.comment for change, done in zip(changes, outcomes, strict=True) if done])
    return outcomes


async def _queue(connection: AsyncConnection, stored: Sequence[StoredComment]) -> None:
    """What was edited is placed by all that is known of it; of a new comment nothing more is known than is here."""
    edited = {(one.site, one.id): one for one in stored if one.revision > 1}
    await add_new(connection, (one for one in stored if (one.site, one.id) not in edited))
    if edited:
        await carry_reports(connection, [(key, one.revision) for key, one in edited.items()])
        await refresh(connection, edited)


_PLAIN: Final = (
    *("site", "id", "article_id", "parent_id", "revision"),
    *("created_at", "revised_at", "received_at", "changed_at", "erased_at"),
)
_CHANGED: Final = ("author_name", "state", "revision", "revised_at", "changed_at")
_CHANGE: Final = (
    update(comments)
    .where(comments.c.site == bindparam("key_site"), comments.c.id == bindparam("key_id"))
    .values({name: bindparam(name) for name in _CHANGED})
)


async def _newest(connection: AsyncConnection, keys: Iterable[Key]) -> dict[Key, int]:
    """Each one's newest revision, −1 where it was erased."""
    columns = (comments.c.site, comments.c.id, comments.c.revision, comments.c.erased_at)
    found = await connection.execute(select(*columns).where(among(comments.c.site, comments.c.id, keys)))
    return {(row.site, row.id): row.revision if row.erased_at is None else -1 for row in found}


def _collect(rows: _Rows, change: SaveComment) -> None:
    one, assessment = change.comment, change.comment.assessment
    author = {"author_id": one.author and one.author.id, "author_name": one.author and one.author.name}
    plain = {name: getattr(one, name) for name in _PLAIN}
    whole = {**plain, **author, "state": one.state.value}
    if change.base:
        rows.changed.append({n: whole[n] for n in _CHANGED} | {"key_site": one.site, "key_id": one.id})
    else:
        rows.new.append(whole)
    place = {"site": one.site, "comment_id": one.id, "revision": one.revision}
    rows.revisions.append(
        {
            **place,
            "text": one.text,
            "salt": change.salt,
            "text_hash": one.text_hash,
            "lang": one.lang,
            "language": assessment.scores.language,
            "language_confidence": assessment.scores.language_confidence,
            "revised_at": one.revised_at,
            "received_at": one.changed_at,
        }
    )
    made = {**place, "bundle": assessment.bundle}
    scored = {**made, "text_hash": one.text_hash, "scored_at": one.changed_at}
    rows.scores += [{**scored, "head": head, **_score(answer)} for head, answer in assessment.scores.heads.items()]
    rows.scores += [{**scored, "head": head, **_NOTHING, "why": why} for head, why in assessment.withheld.items()]
    decision = assessment.decision
    rows.decisions.append(
        {
            **made,
            "action": decision.action.value,
            "reasons": [asdict(reason) for reason in decision.reasons],
            "policy": decision.policy,
            "decided_at": one.changed_at,
        }
    )


_NOTHING: Final = {"score": None, "severity": None, "detail": None}


def _score(answer: HeadScore) -> dict[str, Any]:
    spans = None if answer.spans is None else [asdict(span) for span in answer.spans]
    return {
        "score": answer.score,
        "why": answer.why and answer.why.value,
        "severity": answer.severity and answer.severity.value,
        "detail": {
            "spans": spans,
            "nearest": answer.nearest and asdict(answer.nearest),
            "second_tier": answer.second_tier,
        },
    }
