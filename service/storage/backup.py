"""Backups of an SQLite store while it is in use, and the way back, on which nothing erased returns."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from service.errors import StoreRefused
from service.storage.accounts import ChangeAccount
from service.storage.articles import Key
from service.storage.erasure import ERASE, Actor
from service.storage.journal import Use, list_of, read_erased
from service.storage.keys import RevokeKey
from service.storage.schema import NEWEST
from service.storage.sessions import EndEverySession
from service.storage.store import Store


def back_up(store: Path, target: Path) -> None:
    """Copy the store as it is at one moment; others go on reading and writing. The copy is checked, then named.

    Raises:
        StoreRefused: there is no store, or a file is there already, or the copy is not whole.
    """
    if not store.is_file():
        raise StoreRefused(f"there is no store at {store}")
    if target.exists():
        raise StoreRefused(f"{target} is there already")
    copy = _copied(store, target)
    try:
        _refuse_damaged(copy)
        # Unlike a renaming, a link never takes the place of a file that came meanwhile.
        os.link(copy, target)
    finally:
        copy.unlink()
    _settle(target.parent)


def restore(store: Path, backup: Path) -> Path | None:
    """Put the backup in the store's place, without what was erased since; where the store that was there now lies.

    Raises:
        StoreRefused: the store is in use, or the backup is damaged or newer than this code.
    """
    if not backup.is_file():
        raise StoreRefused(f"there is no backup at {backup}")
    store.parent.mkdir(parents=True, exist_ok=True)
    use = Use(store, alone=True)
    try:
        copy = _copied(backup, store)
        try:
            _refuse_damaged(copy)
            erased = [*_listed(store), *_erased_in(store)]
            asyncio.run(_ready(copy, erased, _shut_out_in(store)))
            aside = _set_aside(store)
            copy.replace(store)
        finally:
            for leftover in (copy, Path(f"{copy}.lock"), list_of(copy), Path(f"{copy}-wal"), Path(f"{copy}-shm")):
                leftover.unlink(missing_ok=True)
        _settle(store.parent)
        return aside
    finally:
        use.end()


async def _ready(copy: Path, erased: list[Key], shut_out: list[RevokeKey | ChangeAccount]) -> None:
    """Bring the copy to our schema, erase what has to stay erased, let in nobody who was shut out since, and look
    whether all of it is as it was stored.
    """
    store = Store(str(copy))
    await store.start()
    try:
        await store.erase_again(erased)
        for change in (*shut_out, EndEverySession()):
            await store.changed(change)
        if wrong := await store.findings():
            raise StoreRefused(f"the backup is not as it was stored: {'; '.join(wrong[:5])}")
    finally:
        await store.close()


def _copied(source: Path, target: Path) -> Path:
    """A whole copy in one file, beside ``target``, on the disk."""
    copy = target.with_name(f".{target.name}.{os.getpid()}.part")
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with contextlib.closing(sqlite3.connect(copy)) as into:
            with contextlib.closing(sqlite3.connect(source)) as out:
                out.backup(into)
            into.execute("PRAGMA journal_mode=DELETE")
        _settle(copy)
    except sqlite3.Error as error:
        copy.unlink()
        raise StoreRefused(f"{source} cannot be read: {error}") from None
    return copy


def _refuse_damaged(copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(copy)) as opened:
        try:
            found = [row[0] for row in opened.execute("PRAGMA integrity_check(5)")]
            (schema,) = opened.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.Error, TypeError) as error:
            raise StoreRefused(f"it is not a whole store: {error}") from None
    if found != ["ok"]:
        raise StoreRefused(f"it is damaged: {'; '.join(found)}")
    if schema > NEWEST:
        raise StoreRefused(f"its schema {schema} is newer than this code's, {NEWEST}")


def _listed(store: Path) -> list[Key]:
    if not list_of(store).is_file():
        return []
    with list_of(store).open("rb") as lines:
        return list(read_erased(lines, str(list_of(store))))


def _erased_in(store: Path) -> list[Key]:
    """What the store that is replaced has on record, as far as it can be read: it may be damaged, or not be there."""
    if not store.is_file():
        return []
    try:
        with contextlib.closing(sqlite3.connect(store)) as opened:
            return list(opened.execute("SELECT site, comment_id FROM audit WHERE action = ?", (ERASE,)))
    except sqlite3.Error:
        return []


def _shut_out_in(store: Path) -> list[RevokeKey | ChangeAccount]:
    """The keys that the store that is replaced has revoked, and the accounts that it has disabled; as above."""
    if not store.is_file():
        return []
    now = datetime.now(UTC)
    try:
        with contextlib.closing(sqlite3.connect(store)) as opened:
            keys = opened.execute("SELECT id FROM keys WHERE revoked_at IS NOT NULL").fetchall()
            accounts = opened.execute("SELECT name FROM accounts WHERE disabled_at IS NOT NULL").fetchall()
    except sqlite3.Error:
        return []
    revoked = [RevokeKey(name, now, Actor.RESTORE.value) for (name,) in keys]
    return [*revoked, *(ChangeAccount(name, now, Actor.RESTORE.value, is_disabled=True) for (name,) in accounts)]


def _set_aside(store: Path) -> Path | None:
    """Keep the store under another name too. Its log must not stay: it would be read into whatever comes here."""
    if not store.is_file():
        return None
    aside = store.with_name(f"{store.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    os.link(store, aside)
    for part in ("-wal", "-shm"):
        if Path(f"{store}{part}").exists():
            Path(f"{store}{part}").rename(f"{aside}{part}")
    return aside


def _settle(path: Path) -> None:
    """What was written to that file or folder is on the disk."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
