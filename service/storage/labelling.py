"""Statements about what people said of which text: labels, with the text they were given for and its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import RegisteredArticle
from service.review_domain import Review, ReviewAction
from service.storage.articles import Key, read_articles
from service.storage.review_tables import reviews
from service.storage.reviews import review_of
from service.storage.tables import comments, revisions, secrets

PSEUDONYMS: Final = "pseudonyms"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A review that was not undone, with the text it was about."""

    review: Review
    text: str
    lang: str | None
    article_id: str | None
    article: RegisteredArticle | None
    parent_id: str | None
    #: The newest text of the comment that it answers; null where that is not stored or was erased.
    parent: str | None


async def read_pseudonym_key(connection: AsyncConnection) -> bytes:
    """What keys the names under which reviewers stand in exports: made with the store, and its own for good."""
    wanted = select(secrets.c.value).where(secrets.c.name == PSEUDONYMS)
    return bytes.fromhex((await connection.execute(wanted)).scalar_one())


async def read_labelled(
    connection: AsyncConnection, site: str, since: datetime | None, after: int, limit: int
) -> tuple[list[Labelled], int | None]:
    """A page, the first one first, from behind the number ``after`` on; and where to go on, null at the end.

    What was passed on, holds no label or is about an erased text is left out, so that a page may be short or empty.
    """
    kept = (reviews.c.undone_at.is_(None), reviews.c.action != ReviewAction.ESCALATE.value)
    columns = (reviews, revisions.c.text, revisions.c.lang, comments.c.article_id, comments.c.parent_id)
    wanted = select(*columns).join(revisions, _TEXT).join(comments, _COMMENT)
    wanted = wanted.where(reviews.c.site == site, reviews.c.number > after, *kept)
    if since is not None:
        wanted = wanted.where(reviews.c.reviewed_at >= since)
    rows = (await connection.execute(wanted.order_by(reviews.c.number).limit(limit))).all()
    found = [row for row in rows if row.labels and row.text is not None]
    articles = await read_articles(connection, {(site, row.article_id) for row in found if row.article_id is not None})
    parents = await _texts(connection, sorted({(site, row.parent_id) for row in found if row.parent_id is not None}))
    return [_labelled(row, articles, parents) for row in found], rows[-1].number if len(rows) == limit else None


_TEXT: Final = and_(
    revisions.c.site == reviews.c.site,
    revisions.c.comment_id == reviews.c.comment_id,
    revisions.c.revision == reviews.c.revision,
)
_COMMENT: Final = and_(comments.c.site == reviews.c.site, comments.c.id == reviews.c.comment_id)


def _labelled(row: Any, articles: dict[Key, RegisteredArticle], parents: dict[str, str | None]) -> Labelled:
    article = articles.get((row.site, row.article_id or ""))
    parent = parents.get(row.parent_id or "")
    return Labelled(review_of(row), row.text, row.lang, row.article_id, article, row.parent_id, parent)


async def _texts(connection: AsyncConnection, keys: Sequence[Key]) -> dict[str, str | None]:
    """The newest text of each."""
    newest = and_(
        revisions.c.site == comments.c.site,
        revisions.c.comment_id == comments.c.id,
        revisions.c.revision == comments.c.revision,
    )
    if not keys:
        return {}
    wanted = select(comments.c.id, revisions.c.text).join(revisions, newest).where(comments.c.site == keys[0][0])
    found = await connection.execute(wanted.where(comments.c.id.in_([name for _, name in keys])))
    return {row.id: row.text for row in found}
