"""Whether what is stored still says what it said when it was stored."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, and_, func, inspect, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import State
from service.revisions import text_hash
from service.storage.audit import broken_links
from service.storage.erasure import ERASE
from service.storage.mending import IS_OUTDATED, IS_UNSEEN, WAITS
from service.storage.policies import broken_policies, has_policies
from service.storage.review_tables import queue, reviews
from service.storage.reviews import changed_reviews
from service.storage.schema import NEWEST, schema_of
from service.storage.tables import audit, comments, decisions, revisions, scores

_SHOWN: Final = 20


async def findings(connection: AsyncConnection) -> list[str]:
    """Everything that is wrong, in words; nothing of any text. Reads all of it."""
    found = [*await _damage(connection), *await broken_links(connection), *await _changed_texts(connection)]
    if await has_policies(connection):
        found += await broken_policies(connection)
    contradictions = dict(_CONTRADICTIONS)
    if await connection.run_sync(lambda plain: inspect(plain).has_table(queue.name)):
        found += await changed_reviews(connection)
        contradictions |= _OF_REVIEWS
    for what, query in contradictions.items():
        if count := (await connection.execute(query)).scalar():
            found.append(f"{what}: {count}")
    schema = await schema_of(connection)
    if schema is None or schema < NEWEST:
        found.append(f"schema: it is {schema or 'none'}, and this code needs {NEWEST}: run 'python -m service migrate'")
    return found


async def _damage(connection: AsyncConnection) -> list[str]:
    """What SQLite finds wrong with its own file. PostgreSQL checks its pages itself as it reads them."""
    if connection.dialect.name != "sqlite":
        return []
    told = (await connection.execute(text("PRAGMA integrity_check(20)"))).scalars().all()
    loose = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
    damage = [f"file: {line}" for line in told if line != "ok"]
    return [*damage, *([f"rows that lead nowhere: {len(loose)}"] if loose else [])]


async def _changed_texts(connection: AsyncConnection) -> list[str]:
    own = revisions.c
    wanted = select(own.site, own.comment_id, own.revision, own.text, own.salt, own.text_hash)
    found: list[str] = []
    async for row in await connection.stream(wanted.where(own.text.is_not(None))):
        if row.text_hash != text_hash(row.salt, row.text) and len(found) < _SHOWN:
            found.append(f"text: revision {row.revision} of {row.comment_id!r} on {row.site!r} is not what was stored")
    return found


def _count(*what: Any) -> Select[Any]:
    return select(func.count()).select_from(*what)


_ITS_COMMENT: Final = and_(revisions.c.site == comments.c.site, revisions.c.comment_id == comments.c.id)
_ITS_REVISION: Final = and_(
    scores.c.site == revisions.c.site,
    scores.c.comment_id == revisions.c.comment_id,
    scores.c.revision == revisions.c.revision,
)
_ITS_DECISION: Final = and_(
    decisions.c.site == comments.c.site,
    decisions.c.comment_id == comments.c.id,
    decisions.c.revision == comments.c.revision,
)
_NOTED: Final = and_(reviews.c.site == comments.c.site, reviews.c.comment_id == comments.c.id)
_ERASED: Final = comments.c.state == State.ERASED.value
_RECORDED: Final = and_(audit.c.site == comments.c.site, audit.c.comment_id == comments.c.id, audit.c.action == ERASE)
_CONTRADICTIONS: Final[dict[str, Select[Any]]] = {
    "scores of another text than the revision's": _count(scores.join(revisions, _ITS_REVISION)).where(
        scores.c.text_hash != revisions.c.text_hash
    ),
    "comments without a decision about their newest text": _count(comments.outerjoin(decisions, _ITS_DECISION)).where(
        decisions.c.number.is_(None)
    ),
    "erased comments that still have a text or an author": _count(comments.join(revisions, _ITS_COMMENT)).where(
        _ERASED, or_(revisions.c.text.is_not(None), revisions.c.salt.is_not(None), comments.c.author_id.is_not(None))
    ),
    "erased comments whose erasure is not on record": _count(comments.outerjoin(audit, _RECORDED)).where(
        _ERASED, audit.c.number.is_(None)
    ),
    "comments that are there although their erasure is on record": _count(comments.join(audit, _RECORDED)).where(
        ~_ERASED
    ),
    "texts without a comment's newest revision": _count(
        comments.outerjoin(revisions, and_(_ITS_COMMENT, revisions.c.revision == comments.c.revision))
    ).where(revisions.c.revision.is_(None)),
}
_OF_REVIEWS: Final[dict[str, Select[Any]]] = {
    "queued comments that are erased or have a newer text": _count(queue.join(comments, WAITS)).where(IS_OUTDATED),
    "held comments that nobody is asked about": _count(comments.outerjoin(queue, WAITS)).where(IS_UNSEEN),
    "notes about erased comments": _count(reviews.join(comments, _NOTED)).where(_ERASED, reviews.c.note.is_not(None)),
}
