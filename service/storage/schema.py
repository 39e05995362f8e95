"""Bringing a database to the newest schema: forward only, in one transaction, by one process at a time."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger("verger.store")

NEWEST: Final = "0007"
"""The schema that this code is written for."""
_MIGRATIONS: Final = Path(__file__).resolve().parent / "migrations"
_LOCK: Final = 0x76657267_73636865


async def schema_of(connection: AsyncConnection) -> str | None:
    """The number of the schema that a database has; null for an empty one."""
    return await connection.run_sync(_schema_of)


async def bring_up_to_date(connection: AsyncConnection, target: str = NEWEST) -> str | None:
    """Migrate as far as ``target``, if it is not there yet; the schema that was found.

    A database that newer code has been at is left as it is: steps only add, so that older code runs on.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    found = await schema_of(connection)
    if found != target:
        await connection.run_sync(_migrate, found, target)
    return found


def _schema_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    number: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return number


def _migrate(connection: Connection, found: str | None, target: str) -> None:
    # Only here: importing it takes as long as opening the store, and most starts have nothing to migrate.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    if found is not None and found > target:
        log.info("the store's schema is newer than this code", extra={"schema": found, "ours": target})
        return

    def steps(revision: Any, context: Any) -> Any:
        return scripts._upgrade_revs(target, revision)

    with EnvironmentContext(config, scripts, fn=steps, destination_rev=target) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
    level = logging.DEBUG if found is None else logging.INFO
    log.log(level, "the store's schema was brought up to date", extra={"before": found or "none", "schema": target})
