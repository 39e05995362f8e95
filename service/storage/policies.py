"""Statements about policies: a site's versions are added, each once and in order, and never changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import PolicyVersion
from service.storage import audit
from service.storage.tables import policies

FIRST: Final = 2
"""The first version that is stored: 1 is the built-in policy."""
PUT_POLICY: Final = "put_policy"
_START: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class SavePolicy:
    """The next version of a site's policy. Its outcome: whether it was stored; not if it does not follow the newest."""

    policy: PolicyVersion
    by: str


async def read_policy(connection: AsyncConnection, site: str, version: int | None) -> PolicyVersion | None:
    """That version, or the newest; null where the site has none."""
    wanted = select(policies.c.site, policies.c.version, policies.c.content, policies.c.made_at)
    wanted = wanted.where(policies.c.site == site)
    if version is not None:
        wanted = wanted.where(policies.c.version == version)
    row = (await connection.execute(wanted.order_by(policies.c.version.desc()).limit(1))).first()
    return None if row is None else PolicyVersion(*row)


async def read_sample_rate(connection: AsyncConnection, site: str, policy: str) -> float:
    """The share of comments that the policy of that name (``name@version``) draws by chance; 0 where it draws none."""
    kept = await read_policy(connection, site, int(policy.rpartition("@")[2]))
    return 0.0 if kept is None else float(kept.content.get("sample_rate", 0.0))


async def save_policy(connection: AsyncConnection, change: SavePolicy) -> bool:
    """As ``SavePolicy`` says."""
    policy = change.policy
    version, previous = await _newest(connection, policy.site)
    if policy.version != version + 1:
        return False
    names = ("site", "version", "content", "made_at")
    row = {**{name: getattr(policy, name) for name in names}, "digest": _digest(policy, previous)}
    await connection.execute(insert(policies), [row])
    said = {"from": version, "to": policy.version}
    await audit.record(connection, change.by, PUT_POLICY, policy.made_at, said, policy.site)
    return True


async def has_policies(connection: AsyncConnection) -> bool:
    """Whether the schema is new enough to have any."""
    return await connection.run_sync(lambda plain: inspect(plain).has_table(policies.name))


async def broken_policies(connection: AsyncConnection) -> list[str]:
    """Every version that is not what was stored, in words."""
    found: list[str] = []
    site, expected, previous = None, FIRST, _START
    async for row in await connection.stream(select(policies).order_by(policies.c.site, policies.c.version)):
        if row.site != site:
            site, expected, previous = row.site, FIRST, _START
        if row.version != expected:
            found.append(f"policies: version {expected} of {row.site!r} is missing")
        elif row.digest != _digest(PolicyVersion(row.site, row.version, row.content, row.made_at), previous):
            found.append(f"policies: version {row.version} of {row.site!r} was changed")
        expected, previous = row.version + 1, row.digest
    return found


async def _newest(connection: AsyncConnection, site: str) -> tuple[int, str]:
    wanted = select(policies.c.version, policies.c.digest).where(policies.c.site == site)
    row = (await connection.execute(wanted.order_by(policies.c.version.desc()).limit(1))).first()
    return (FIRST - 1, _START) if row is None else (row.version, row.digest)


def _digest(policy: PolicyVersion, previous: str) -> str:
    said: list[Any] = [policy.site, policy.version, policy.made_at.isoformat(), policy.content, previous]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
