"""Statements that read comments back, just as they were answered when they were stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, String, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from models.scores import CommentScores, HeadScore, Nearest, Severity, Span, Why
from service.domain import (
    ARTICLE_UNKNOWN,
    Action,
    Assessment,
    Author,
    Decision,
    Ground,
    Reason,
    SiteReason,
    State,
    StoredComment,
)
from service.storage.among import among
from service.storage.articles import Key
from service.storage.tables import Moment, comments, decisions, revisions, scores

_SAME_REVISION: Final = and_(
    decisions.c.site == revisions.c.site,
    decisions.c.comment_id == revisions.c.comment_id,
    decisions.c.revision == revisions.c.revision,
)
_LAST_DECISION: Final = (
    select(func.max(decisions.c.number)).where(_SAME_REVISION).correlate(revisions).scalar_subquery()
)
_OF_REVISION: Final = and_(_SAME_REVISION, decisions.c.number == _LAST_DECISION)


async def read_comments(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, StoredComment]:
    """Those that there are, each with its newest revision, that one's last decision, and the scores behind it."""
    found = (await connection.execute(_whole().where(among(comments.c.site, comments.c.id, keys)))).all()
    heads = await _heads(connection, found)
    return {(row.site, row.id): _comment(row, heads.get((row.site, row.id), [])) for row in found}


async def has_comments(connection: AsyncConnection) -> bool:
    """Whether there is any at all."""
    return (await connection.execute(select(comments.c.id).limit(1))).first() is not None


async def read_replies(
    connection: AsyncConnection, parent: Key, after: tuple[datetime, str] | None, limit: int
) -> list[StoredComment]:
    """The comments that answer ``parent``, oldest first, from behind ``after`` (time received, id) on."""
    wanted = select(comments.c.site, comments.c.id).where(
        comments.c.site == parent[0], comments.c.parent_id == parent[1]
    )
    if after is not None:
        wanted = wanted.where(tuple_(comments.c.received_at, comments.c.id) > tuple_(*after, types=(Moment, String)))
    wanted = wanted.order_by(comments.c.received_at, comments.c.id).limit(limit)
    keys = [(row.site, row.id) for row in await connection.execute(wanted)]
    found = await read_comments(connection, keys)
    return [found[key] for key in keys]


async def read_sites(connection: AsyncConnection, limit: int) -> list[str]:
    """Sites that have comments, in order. Steps by the index from one to the next, however many lie between."""
    sites = select(func.min(comments.c.site).label("site")).cte("sites", recursive=True)
    following = select(func.min(comments.c.site)).where(comments.c.site > sites.c.site).scalar_subquery()
    sites = sites.union_all(select(following).where(sites.c.site.is_not(None)))
    wanted = select(sites.c.site).where(sites.c.site.is_not(None)).limit(limit)
    return list((await connection.execute(wanted)).scalars())


async def count_standing(connection: AsyncConnection, site: str, author_id: str, but: str, most: int) -> int:
    """How many comments of that author are shown, up to ``most``; the one with the id ``but`` is not counted."""
    mine = (comments.c.site == site, comments.c.author_id == author_id, comments.c.id != but)
    standing = comments.c.state.in_([State.ALLOWED.value, State.LABELLED.value])
    found = select(comments.c.id).where(*mine, standing).limit(most).subquery()
    return (await connection.execute(select(func.count()).select_from(found))).scalar_one()


def _whole() -> Select[Any]:
    own = revisions.c
    return (
        select(
            comments,
            own.text,
            own.text_hash,
            own.lang,
            own.language,
            own.language_confidence,
            decisions.c.action,
            decisions.c.reasons,
            decisions.c.policy,
            decisions.c.bundle,
        )
        .join(revisions, and_(own.site == comments.c.site, own.comment_id == comments.c.id))
        .where(own.revision == comments.c.revision)
        .join(decisions, _OF_REVISION)
    )


async def _heads(connection: AsyncConnection, found: Sequence[Row[Any]]) -> dict[Key, list[Row[Any]]]:
    """The scores behind each one's decision."""
    behind = {(row.site, row.id): (row.revision, row.bundle) for row in found}
    heads: dict[Key, list[Row[Any]]] = {}
    for row in await connection.execute(select(scores).where(among(scores.c.site, scores.c.comment_id, behind))):
        key = (row.site, row.comment_id)
        if behind[key] == (row.revision, row.bundle):
            heads.setdefault(key, []).append(row)
    return heads


def _head(row: Row[Any]) -> HeadScore:
    detail = row.detail or {"spans": None, "nearest": None}
    spans = None if detail["spans"] is None else tuple(map(_span, detail["spans"]))
    nearest = None if detail["nearest"] is None else Nearest(**detail["nearest"])
    severity = row.severity and Severity(row.severity)
    # What was stored before there was a second tier does not speak of it.
    return HeadScore(row.score, row.why and Why(row.why), spans, nearest, severity, detail.get("second_tier", False))


def _span(kept: dict[str, Any]) -> Span:
    severity = kept["severity"]
    return Span(kept["start"], kept["end"], kept["score"], kept["reads_as"], severity and Severity(severity))


def _reason(kept: dict[str, Any]) -> Reason | SiteReason:
    if "rule" not in kept:
        return Reason(**kept)
    return SiteReason(Ground(kept["rule"]), kept["term"], kept["start"], kept["end"])


def decision_of(row: Row[Any]) -> Decision:
    """As it was kept."""
    return Decision(Action(row.action), tuple(map(_reason, row.reasons)), row.policy)


def assessment_of(text: Row[Any], heads: Sequence[Row[Any]], decision: Row[Any]) -> Assessment:
    """What was made of a text: its row says the language, those of ``heads`` the scores behind the decision."""
    withheld = {head.head: head.why for head in heads if head.why == ARTICLE_UNKNOWN}
    asked = {head.head: _head(head) for head in heads if head.head not in withheld}
    scored = CommentScores(asked, text.language, text.language_confidence)
    return Assessment(scored, withheld, decision_of(decision), decision.bundle)


def _comment(row: Row[Any], heads: Sequence[Row[Any]]) -> StoredComment:
    return StoredComment(
        site=row.site,
        id=row.id,
        state=State(row.state),
        revision=row.revision,
        text=row.text,
        article_id=row.article_id,
        parent_id=row.parent_id,
        author=None if row.author_id is None else Author(row.author_id, row.author_name),
        created_at=row.created_at,
        revised_at=row.revised_at,
        received_at=row.received_at,
        changed_at=row.changed_at,
        erased_at=row.erased_at,
        text_hash=row.text_hash,
        lang=row.lang,
        assessment=assessment_of(row, heads, row),
    )
