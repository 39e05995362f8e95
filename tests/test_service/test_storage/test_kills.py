"""Accepted means durable: real processes are killed with SIGKILL, and what they had accepted is there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from service.errors import StoreUnavailable
from service.storage.store import Store
from tests.test_service.conftest import ROOT
from tests.test_service.test_storage.conftest import PostgreSQL, with_store
from tests.test_service.test_storage.written import save, sent

KILLS = 6


def accepted_before_kill(address: str, prefix: str, mode: str, enough: int) -> list[str]:
    """The ids that a process said it had accepted when it was killed, at least ``enough``."""
    command = [sys.executable, "-m", "tests.test_service.test_storage.accepting", address, prefix, mode]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(enough)]
        process.kill()
        lines += process.stdout.readlines()
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


def lost(address: str, names: list[str]) -> list[str]:
    """Those that are not there, after a look whether the store is whole."""

    async def act(store: Store) -> list[str]:
        assert await store.findings() == []
        return [name for name in names if await store.comment(("default", name)) is None]

    return with_store(address, act)


def test_what_was_accepted_survives(address: str) -> None:
    """Killed again and again at different moments: not one accepted comment is lost."""
    names: list[str] = []
    for kill in range(KILLS):
        names += accepted_before_kill(address, f"k{kill}", "durable", 50 + 37 * kill)
    assert len(names) == len(set(names)) >= sum(50 + 37 * kill for kill in range(KILLS))
    assert lost(address, names) == []


def test_accepting_early_loses(tmp_path: Path) -> None:
    """The control: whoever says "accepted" before the commit loses comments, and this way of looking shows it."""
    address = str(tmp_path / "verger.db")
    names = [name for kill in range(3) for name in accepted_before_kill(address, f"k{kill}", "early", 1_000)]
    assert lost(address, names)


def test_a_server_that_crashes(postgresql: PostgreSQL) -> None:
    """While PostgreSQL is down nothing is accepted and the refusal has a name; once it is back, all is there."""
    address = postgresql.emptied()

    async def crash(store: Store) -> list[str]:
        names: list[str] = []

        async def client(number: int) -> None:
            for turn in range(10_000):
                name = f"c-{number}-{turn}"
                try:
                    _, stored = await save(store, sent(name=name))
                except StoreUnavailable:
                    return
                assert stored
                names.append(name)

        clients = asyncio.gather(*map(client, range(16)))
        while len(names) < 300:
            await asyncio.sleep(0)
        await asyncio.to_thread(postgresql.stop, "immediate")
        await clients
        assert not await store.is_reachable()
        await asyncio.to_thread(postgresql.start)
        assert (await save(store, sent(name="afterwards")))[1]
        return [*names, "afterwards"]

    names = with_store(address, crash)
    assert lost(address, names) == []


def test_a_full_disk(tmp_path: Path) -> None:
    """What has no room is refused by name; what was accepted stays, and once there is room it goes on."""

    async def act(store: Store) -> None:
        assert (await save(store, sent()))[1]
        async with store._database.writing() as connection:
            pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
            await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        long = "word " * 4_000
        results = await asyncio.gather(
            *(save(store, sent(name=f"l-{number}", text=long)) for number in range(30)), return_exceptions=True
        )
        assert {type(one) for one in results} == {StoreUnavailable}
        async with store._database.writing() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        assert (await save(store, sent(name="l-0", text=long)))[1]
        assert await store.findings() == []

    with_store(str(tmp_path / "verger.db"), act)


def test_out_of_reach_at_first(tmp_path: Path) -> None:
    """A store that cannot be opened at the start is opened when it can be."""
    folder = tmp_path / "later"
    folder.write_text("in the way")

    async def act() -> None:
        store = Store(str(folder / "verger.db"))
        await store.start()
        assert not await store.is_reachable()
        folder.unlink()
        store._tried = float("-inf")
        assert (await save(store, sent()))[1]
        await store.close()

    asyncio.run(act())
    assert (folder / "verger.db").is_file()
