"""Engines: how a database is opened, what its connections are set to, and when it counts as out of reach."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from service.errors import StoreRefused, StoreUnavailable

log = logging.getLogger("verger.store")

SECONDS: Final = 10
"""How long one statement, or the wait for a connection or a lock, may take before the store counts as out of reach."""

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    # A commit is on the disk before it returns: an acknowledged row survives a loss of power, not only a crash.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # What is erased is overwritten, not only unlinked.
    "PRAGMA secure_delete=ON",
)


class Database:
    """Two pools on one database: one connection that writes, a few that read one consistent state each."""

    def __init__(self, store: str) -> None:
        """``store`` is a path (SQLite) or a URL. Nothing is opened yet. Raises ``StoreRefused``."""
        self.url = _url(store)
        self.path = Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None
        self._borrowers: set[asyncio.Future[None]] = set()
        try:
            self._writing, self._reading = _sqlite(self.url) if self.path else _postgresql(self.url)
        except ModuleNotFoundError as error:
            raise StoreRefused(
                f"a store on PostgreSQL needs the package {error.name}: run 'make postgresql'"
            ) from error

    def prepare(self) -> None:
        """Make the SQLite file's place, for its owner's eyes only. Raises ``OSError``."""
        # Only where there is none: to close a file that is open here as a database would give up its locks.
        if self.path is None or self.path.exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, durable when the block is left. Raises ``StoreUnavailable``, ``IntegrityError``."""
        async with self._borrowed(self._writing) as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent state of everything. Raises ``StoreUnavailable``."""
        async with self._borrowed(self._reading) as connection:
            yield connection

    async def drop_traces(self) -> None:
        """SQLite: move what was written into the database file and empty the log, where erased text would linger."""
        async with self._borrowed(self._writing) as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
                is_busy, _, _ = await cursor.fetchone()
        if is_busy:
            # Somebody is reading an older state; the next checkpoint gets it.
            log.info("the store's log could not be emptied yet")

    async def close(self) -> None:
        """Close every connection, those in use once they are given back: a pool that is gone closes none."""
        while self._borrowers:
            await asyncio.wait(self._borrowers)
        await self._writing.dispose()
        await self._reading.dispose()

    @asynccontextmanager
    async def _borrowed(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """A connection, given back when the block is left, also by whoever is cancelled. Raises as ``_named`` says."""
        given_back = asyncio.get_running_loop().create_future()
        self._borrowers.add(given_back)
        try:
            connection = await self._connected(engine)
            try:
                yield connection
            finally:
                await asyncio.shield(asyncio.create_task(connection.close()))
        except Exception as error:
            raise _named(error) from error
        finally:
            self._borrowers.discard(given_back)
            given_back.set_result(None)

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        """Whoever is cancelled meanwhile waits no longer; what was being made is closed once it is there, since one cut
        off while it is made stays open unseen.
        """
        making = asyncio.create_task(engine.connect().start())
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            unwanted = asyncio.create_task(_closed(making))
            self._borrowers.add(unwanted)
            unwanted.add_done_callback(self._borrowers.discard)
            raise


async def _closed(making: asyncio.Task[AsyncConnection]) -> None:
    await asyncio.wait([making])
    if making.exception() is None:
        await making.result().close()


def _named(error: Exception) -> Exception:
    """``StoreUnavailable`` for whatever says that the database is out of reach; anything else as it is."""
    if isinstance(error, IntegrityError | ProgrammingError | DataError):
        return error
    # Some of what asyncpg raises when a server goes away comes through as it is.
    is_drivers = type(error).__module__.startswith("asyncpg")
    if is_drivers or isinstance(error, OSError | TimeoutError | PoolTimeout | DBAPIError):
        return StoreUnavailable()
    return error


def _url(store: str) -> URL:
    if "://" not in store:
        return URL.create("sqlite+aiosqlite", database=store)
    try:
        url = make_url(store)
    except ArgumentError:
        raise StoreRefused("the store's address is no URL") from None
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    if url.drivername not in drivers or not url.database:
        raise StoreRefused("the store's address should be a path, sqlite:///PATH or postgresql://USER@HOST/NAME")
    return url.set(drivername=drivers[url.drivername])


def _sqlite(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    connecting = {"isolation_level": None, "timeout": SECONDS}
    engines = [
        create_async_engine(
            url, connect_args=connecting, pool_size=size, max_overflow=0, pool_timeout=SECONDS, hide_parameters=True
        )
        for size in (1, 4)
    ]
    # Taking the write lock at once: a transaction that begins by reading could not wait for it later.
    for engine, begin in zip(engines, ("BEGIN IMMEDIATE", "BEGIN"), strict=True):
        _set_up(engine, begin)
    return engines[0], engines[1]


def _set_up(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    plain = {"application_name": "verger", "synchronous_commit": "on"}
    # A replica that stops in the middle of writing keeps others waiting no longer than a statement may take.
    strict = {**plain, "idle_in_transaction_session_timeout": f"{SECONDS}s"}
    writing, reading = (
        create_async_engine(
            url,
            connect_args={"timeout": SECONDS / 2, "command_timeout": SECONDS, "server_settings": settings},
            pool_size=size,
            max_overflow=0,
            pool_timeout=SECONDS,
            hide_parameters=True,
            isolation_level=level,
        )
        for size, level, settings in ((1, "READ COMMITTED", strict), (4, "REPEATABLE READ", plain))
    )
    return writing, reading
