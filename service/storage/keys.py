"""Statements about keys. A key that was made stays on record for good; revoking it ends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from service.principals import ApiKey, Scope
from service.storage.access_tables import keys
from service.storage.audit import record


@dataclass(frozen=True, slots=True)
class SaveKey:
    """A new one. Its outcome: whether its id was free."""

    key: ApiKey
    actor: str


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Its outcome: whether there was such a key, and it was good."""

    id: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class TouchKeys:
    """They were used. Its outcome: true."""

    ids: tuple[str, ...]
    at: datetime


async def read_keys(connection: AsyncConnection) -> list[ApiKey]:
    """All there ever were, the oldest first."""
    found = await connection.execute(select(keys).order_by(keys.c.made_at, keys.c.id))
    return [ApiKey(**{**row, "scopes": frozenset(map(Scope, row["scopes"].split()))}) for row in found.mappings()]


async def save_key(connection: AsyncConnection, change: SaveKey) -> bool:
    """As ``SaveKey`` says."""
    key = change.key
    if (await connection.execute(select(keys.c.id).where(keys.c.id == key.id))).first():
        return False
    scopes = " ".join(sorted(key.scopes))
    await connection.execute(insert(keys), [{**asdict(key), "scopes": scopes}])
    said = {"key": key.id, "name": key.name, "scopes": scopes.split(), "per_minute": key.per_minute}
    await record(connection, change.actor, "make_key", key.made_at, said, key.site)
    return True


async def revoke_key(connection: AsyncConnection, change: RevokeKey) -> bool:
    """As ``RevokeKey`` says."""
    good = (keys.c.id == change.id, keys.c.revoked_at.is_(None))
    found = (await connection.execute(select(keys.c.site).where(*good))).first()
    if found is None:
        return False
    await connection.execute(update(keys).where(*good).values(revoked_at=change.at))
    await record(connection, change.actor, "revoke_key", change.at, {"key": change.id}, found.site)
    return True


async def touch_keys(connection: AsyncConnection, change: TouchKeys) -> bool:
    """As ``TouchKeys`` says."""
    await connection.execute(update(keys).where(keys.c.id.in_(change.ids)).values(used_at=change.at))
    return True
