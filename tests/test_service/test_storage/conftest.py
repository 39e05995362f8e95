"""A store of each kind: SQLite in a file, and a real PostgreSQL of the tests' own."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from service.storage.store import Store

T = TypeVar("T")
_LEAVE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'verger' AND pid <> pg_backend_pid()"


class PostgreSQL:
    """A server in a folder of its own, reached by a socket there; run by another user where root may not."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "verger", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Returns when it answers."""
        self._run("pg_ctl", "start", "-D", "data", "-w", "-l", "log", "-o", f"-k {self._folder} -c listen_addresses=")

    def stop(self, how: str = "fast") -> None:
        """``immediate`` is as good as a crash: nothing is written any more."""
        self._run("pg_ctl", "stop", "-D", "data", "-w", "-m", how)

    def emptied(self) -> str:
        """The address of its one database, with nothing in it and nobody at it."""
        statements = ("-c", _LEAVE, "-c", "DROP SCHEMA public CASCADE", "-c", "CREATE SCHEMA public")
        self._run("psql", "-q", "-h", str(self._folder), "-U", "verger", "-d", "postgres", *statements)
        return f"postgresql://verger@/postgres?host={self._folder}"

    def run(self, program: str, *arguments: str) -> None:
        """One of its programs on its database, in its folder."""
        self._run(program, "-h", str(self._folder), "-U", "verger", "-d", "postgres", *arguments)

    def file(self, name: str) -> Path:
        """A file in its folder."""
        return self._folder / name

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        # The server inherits what its starter writes to, so this is no pipe that would stay open.
        subprocess.run(
            command,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=120,
            **self._as,
        )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server that runs; skips where Debian's package postgresql is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("needs the package postgresql")
    folder = Path(tempfile.mkdtemp(prefix="verger-pg-"))
    try:
        server = PostgreSQL(found[-1].parent, folder)
        server.start()
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where there is no store yet: a test that takes this is run for both kinds."""
    if request.param == "sqlite":
        return str(tmp_path / "verger.db")
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.emptied()


def with_store(address: str, act: Callable[[Store], Awaitable[T]]) -> T:
    """What comes of ``act`` on the store there, in a loop of its own; the store is closed afterwards."""

    async def run() -> T:
        store = Store(address)
        await store.start(or_raise=True)
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())
