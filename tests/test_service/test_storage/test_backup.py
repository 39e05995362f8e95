"""Backups of a store in use, and the way back: whole, and without what was erased since."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from service.domain import State
from service.errors import StoreRefused
from service.storage.backup import back_up, restore
from service.storage.journal import list_of
from service.storage.store import Store
from tests.test_service.conftest import ROOT
from tests.test_service.test_storage.conftest import PostgreSQL, with_store
from tests.test_service.test_storage.test_service import run
from tests.test_service.test_storage.written import TEXT, save, sent

OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def rows(path: Path) -> dict[str, list[str]]:
    """Everything in a file."""
    with closing(sqlite3.connect(path)) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: sorted(map(repr, opened.execute(f"SELECT * FROM {table}"))) for table in tables}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a few comments."""

    async def act(opened: Store) -> None:
        for number in range(5):
            await save(opened, sent(name=f"c-{number}"))
        await opened.erase_comment(("default", "c-0"))

    path = tmp_path / "verger.db"
    with_store(str(path), act)
    return path


async def states(opened: Store) -> list[State | None]:
    """How each of the five comments stands, and whether all is whole."""
    assert await opened.findings() == []
    found = [await opened.comment(("default", f"c-{number}")) for number in range(5)]
    return [None if one is None else one.state for one in found]


def test_there_and_back(store: Path, tmp_path: Path) -> None:
    """Row for row, in one file that needs nothing beside it."""
    before = rows(store)
    back_up(store, tmp_path / "backup.db")
    assert rows(tmp_path / "backup.db") == before
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0

    async def more(opened: Store) -> None:
        await save(opened, sent(name="later"))

    with_store(str(store), more)
    aside = restore(store, tmp_path / "backup.db")
    assert rows(store) == before
    assert aside is not None
    assert "later" in repr(rows(aside))
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


def test_while_it_is_written(tmp_path: Path) -> None:
    """Each backup is of one moment: whole, with everything that was accepted before it began."""

    async def act(opened: Store) -> None:
        names: list[str] = []

        async def client(number: int) -> None:
            for turn in range(60):
                await save(opened, sent(name=f"c-{number}-{turn}"))
                names.append(f"c-{number}-{turn}")

        clients = asyncio.gather(*map(client, range(8)))
        for number in range(3):
            accepted = list(names)
            target = tmp_path / f"backup-{number}.db"
            await asyncio.to_thread(back_up, tmp_path / "verger.db", target)
            with closing(sqlite3.connect(target)) as copy:
                assert set(accepted) <= {name for (name,) in copy.execute("SELECT id FROM comments")}
        await clients

    with_store(str(tmp_path / "verger.db"), act)
    for number in range(3):
        assert with_store(str(tmp_path / f"backup-{number}.db"), Store.findings) == []


@pytest.mark.parametrize("lose", [[], ["verger.db.erased.jsonl"], ["verger.db", "verger.db-wal", "verger.db-shm"]])
def test_what_was_erased_stays_erased(store: Path, tmp_path: Path, lose: list[str]) -> None:
    """The store's own record says what to erase again; with the store lost, the list beside it does."""
    back_up(store, tmp_path / "backup.db")

    async def erase(opened: Store) -> None:
        await opened.erase_comment(("default", "c-3"))

    with_store(str(store), erase)
    for name in lose:
        (tmp_path / name).unlink(missing_ok=True)
    restore(store, tmp_path / "backup.db")
    held, erased = State.HELD, State.ERASED
    assert with_store(str(store), states) == [erased, held, held, erased, held]
    with closing(sqlite3.connect(store)) as opened:
        actors = [actor for (actor,) in opened.execute("SELECT actor FROM audit ORDER BY number")]
    assert actors == ["api", "restore"]


def test_erased_text_is_nowhere_in_the_files(tmp_path: Path) -> None:
    """Not in free pages and not in the log."""

    async def act(opened: Store) -> None:
        await save(opened, sent())
        assert [path for path in tmp_path.iterdir() if TEXT.encode() in path.read_bytes()]
        await opened.erase_comment(("default", "c-1"))
        for part in (TEXT, "Ann Onymous", "u-7", "friggin"):
            assert not [path for path in tmp_path.iterdir() if part.encode() in path.read_bytes()]

    with_store(str(tmp_path / "verger.db"), act)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def not_a_store(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\1" * 5_000)


def another_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE cakes (name TEXT)")


def tampered(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("UPDATE revisions SET text = 'Never said that' WHERE comment_id = 'c-2'")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize("damage", [truncate, not_a_store, another_database, tampered, newer, Path.unlink])
def test_a_bad_backup_changes_nothing(store: Path, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """Refused with the reason; the store stays as it was, and nothing is left lying about."""
    backup = tmp_path / "backup.db"
    back_up(store, backup)
    damage(backup)
    before, names = rows(store), {path.name for path in tmp_path.iterdir()}
    with pytest.raises(StoreRefused):
        restore(store, backup)
    assert rows(store) == before
    assert {path.name for path in tmp_path.iterdir()} == names


def test_not_under_a_running_service(store: Path, tmp_path: Path) -> None:
    """A store in use is not replaced."""
    back_up(store, tmp_path / "backup.db")

    async def act(opened: Store) -> None:
        with pytest.raises(StoreRefused, match="stop the service"):
            await asyncio.to_thread(restore, store, tmp_path / "backup.db")

    with_store(str(store), act)


def test_a_backup_replaces_nothing(store: Path, tmp_path: Path) -> None:
    """Neither a file that is there, nor what is no store."""
    (tmp_path / "backup.db").write_text("precious")
    with pytest.raises(StoreRefused, match="there already"):
        back_up(store, tmp_path / "backup.db")
    with pytest.raises(StoreRefused, match="no store"):
        back_up(tmp_path / "none.db", tmp_path / "other.db")
    assert (tmp_path / "backup.db").read_text() == "precious"


def test_postgresql_with_its_own_programs(postgresql: PostgreSQL) -> None:
    """As docs/operating.md says: dumped, brought back, and what was erased in between erased again."""
    address = postgresql.emptied()

    async def before(opened: Store) -> None:
        for number in range(5):
            await save(opened, sent(name=f"c-{number}"))

    async def after(opened: Store) -> None:
        assert await opened.erase_comment(("default", "c-0"))

    with_store(address, before)
    postgresql.run("pg_dump", "-Fc", "-f", "dump")
    with_store(address, after)
    (command,) = re.findall(r'psql -c "(COPY .*?STDOUT)"', OPERATING, re.DOTALL)
    postgresql.run("psql", "-c", " ".join(command.split()), "-o", "erased.jsonl")
    assert postgresql.emptied() == address
    postgresql.run("pg_restore", "dump")
    assert run("erase-again", str(postgresql.file("erased.jsonl")), store=address).returncode == 0
    assert with_store(address, states) == [State.ERASED, *[State.HELD] * 4]


def test_a_damaged_list_is_told(store: Path, tmp_path: Path) -> None:
    """Rather than bring back what a line that cannot be read may name."""
    back_up(store, tmp_path / "backup.db")
    with list_of(store).open("ab") as file:
        file.write(b"{half")
    with pytest.raises(StoreRefused, match="line 2"):
        restore(store, tmp_path / "backup.db")
