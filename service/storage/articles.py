"""Statements about articles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import RegisteredArticle
from service.storage.among import among
from service.storage.tables import articles

Key = tuple[str, str]
"""Site and id."""

_OWN: Final = ("site", "id", "title", "body", "url", "kind", "work", "section", "published_at")
_BY_KEY: Final = (articles.c.site == bindparam("key_site")) & (articles.c.id == bindparam("key_id"))

_PUT_IN_PLACE: Final = (
    update(articles).where(_BY_KEY).values({name: bindparam(name) for name in (*_OWN[2:], "updated_at")})
)


@dataclass(frozen=True, slots=True)
class SaveArticle:
    """Register an article, or put it in place of the one with its id. Its outcome: whether it is new."""

    article: RegisteredArticle
    at: datetime

    @property
    def key(self) -> Key:
        return (self.article.site, self.article.id)


@dataclass(frozen=True, slots=True)
class DropArticle:
    """Its outcome: whether there was one."""

    key: Key


async def read_articles(connection: AsyncConnection, keys: Iterable[Key]) -> dict[Key, RegisteredArticle]:
    """Those that there are."""
    wanted = select(*(articles.c[name] for name in _OWN)).where(among(articles.c.site, articles.c.id, keys))
    found = [RegisteredArticle(**row) for row in (await connection.execute(wanted)).mappings()]
    return {(article.site, article.id): article for article in found}


async def read_openings(connection: AsyncConnection, keys: Iterable[Key], most: int) -> dict[Key, RegisteredArticle]:
    """The same, each with the first ``most`` characters of its body only: the rest is not read."""
    columns = [articles.c[name] for name in _OWN if name != "body"]
    opening = func.substr(articles.c.body, 1, most).label("body")
    wanted = select(*columns, opening).where(among(articles.c.site, articles.c.id, keys))
    found = [RegisteredArticle(**row) for row in (await connection.execute(wanted)).mappings()]
    return {(article.site, article.id): article for article in found}


async def save_articles(connection: AsyncConnection, changes: Sequence[SaveArticle]) -> list[bool]:
    """For each, whether it is new. Of several with one id, the last one stays."""
    known = await _known(connection, {change.key for change in changes})
    outcomes, new, changed = [], dict[Key, dict[str, Any]](), dict[Key, dict[str, Any]]()
    for change in changes:
        key, values = change.key, {**asdict(change.article), "updated_at": change.at}
        outcomes.append(key not in known and key not in new)
        if key in known:
            changed[key] = values
        else:
            new[key] = {"created_at": change.at, **values}
    if new:
        await connection.execute(insert(articles), list(new.values()))
    if changed:
        rows = [{**values, "key_site": key[0], "key_id": key[1]} for key, values in changed.items()]
        await connection.execute(_PUT_IN_PLACE, rows)
    return outcomes


async def drop_articles(connection: AsyncConnection, changes: Sequence[DropArticle]) -> list[bool]:
    """For each, whether there was one."""
    known = await _known(connection, {change.key for change in changes})
    if known:
        rows = [{"key_site": site, "key_id": identity} for site, identity in known]
        await connection.execute(delete(articles).where(_BY_KEY), rows)
    outcomes = []
    for change in changes:
        outcomes.append(change.key in known)
        known.discard(change.key)
    return outcomes


async def _known(connection: AsyncConnection, keys: Iterable[Key]) -> set[Key]:
    """Those that there are."""
    wanted = select(articles.c.site, articles.c.id).where(among(articles.c.site, articles.c.id, keys))
    return {(row.site, row.id) for row in await connection.execute(wanted)}
