"""The schema: the tables that the code knows are those that the steps make, and no step that landed changes."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from service.storage import migrations
from service.storage.database import Database
from service.storage.schema import NEWEST, bring_up_to_date
from service.storage.store import Store
from service.storage.tables import metadata
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import save, sent

#: Each landed schema, by the step that makes it: as SQLite writes it down, in a digest.
LANDED = {
    "0001": "51486bce38b5ad23",
    "0002": "1271c656d4e7b6a7",
    "0003": "1526b47c58d48081",
    "0004": "89bffbee8bc79f9e",
    "0005": "7d96c1b25f9ed8a2",
    "0006": "1ebbc99676ee9249",
    "0007": "f3417e5dc666faf5",
}


def scripts() -> ScriptDirectory:
    """The steps."""
    return ScriptDirectory(str(Path(migrations.__file__).parent))


def test_the_newest_step_is_the_codes() -> None:
    """One line of steps, and the code is written for its end."""
    assert scripts().get_heads() == [NEWEST]
    assert [step.revision for step in scripts().walk_revisions()] == sorted(LANDED, reverse=True)


def test_the_steps_make_the_tables(address: str) -> None:
    """What the code thinks there is, there is: tables, columns, types, keys and indexes."""

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))

    async def act(store: Store) -> list[object]:
        async with store.reading() as connection:
            return await connection.run_sync(differences)

    assert with_store(address, act) == []


def test_landed_steps_stay(tmp_path: Path) -> None:
    """A database that an older release made is what the steps still start from."""

    async def written(target: str) -> str:
        database = Database(str(tmp_path / f"{target}.db"))
        database.prepare()
        async with database.writing() as connection:
            await bring_up_to_date(connection, target)
            rows = await connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"))
            schema = "\n".join(" ".join(sql.split()) for sql in rows.scalars())
        await database.close()
        return hashlib.sha256(schema.encode()).hexdigest()[:16]

    assert {target: asyncio.run(written(target)) for target in LANDED} == LANDED


def test_a_newer_schema_is_left_alone(address: str) -> None:
    """Older code runs on: steps only add."""

    async def migrate(store: Store) -> None:
        async with store._database.writing() as connection:
            await connection.execute(text("ALTER TABLE comments ADD COLUMN from_the_future TEXT"))
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    async def act(store: Store) -> bool:
        comment, stored = await save(store, sent())
        return stored and await store.comment(("default", "c-1")) == comment and await store.schema() == "9999"

    with_store(address, migrate)
    assert with_store(address, act)


def test_sqlite_is_set_to_be_durable(tmp_path: Path) -> None:
    """Every connection that writes waits for the disk, and overwrites what is erased."""

    async def act(store: Store) -> list[object]:
        async with store._database.writing() as connection:
            names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
            return [(await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in names]

    assert with_store(str(tmp_path / "verger.db"), act) == ["wal", 2, 1, 1]


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """The file and what lies beside it."""

    async def act(store: Store) -> set[str]:
        await save(store, sent())
        await store.erase_comment(("default", "c-1"))
        return {path.name for path in tmp_path.iterdir() if path.stat().st_mode & 0o077 == 0}

    names = {"verger.db", "verger.db-wal", "verger.db-shm", "verger.db.lock", "verger.db.erased.jsonl"}
    assert with_store(str(tmp_path / "verger.db"), act) == names
