"""The commands of ``python -m service`` that look after the store. Each returns an exit code, as ``__main__`` says."""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, cast

from tqdm import tqdm

from service.api.downloads import json_lines
from service.article_files import ArticleRow, read_csv, read_json_lines
from service.domain import RegisteredArticle
from service.errors import InvalidInput, StoreRefused
from service.labels import Labels, file_of
from service.storage.articles import Key
from service.storage.backup import back_up, restore
from service.storage.database import Database
from service.storage.exports import SUFFIX, forget_in, replacing
from service.storage.history_store import HistoryStore
from service.storage.journal import read_erased
from service.storage.schema import NEWEST
from service.storage.store import Opening, Store

ROWS_AT_ONCE: Final = 256
_LONGEST_CHANGE: Final = timedelta(minutes=5)
"""No change takes longer from when it is asked for until it is done."""


def migrate_store(store: str) -> int:
    """Bring it to the newest schema, making it where there is none, and say so. Raises ``StoreUnavailable``."""
    asyncio.run(_migrate(store))
    return 0


def check_store(store: str) -> int:
    """Look through all of it, opened as ever; 1 where something is wrong, which is printed.

    Raises ``StoreUnavailable``.
    """
    wrong = asyncio.run(_check(store))
    for finding in wrong:
        print(finding)
    print(f"{len(wrong)} finding(s)" if wrong else "everything is as it was stored")
    return 1 if wrong else 0


def back_up_store(store: str, target: str) -> int:
    """Copy it into a new file while it is in use. Raises ``StoreRefused``."""
    back_up(_sqlite_file(store), Path(target))
    print(f"the store was copied to {target}")
    return 0


def restore_store(store: str, backup: str) -> int:
    """Put a backup in its place. Raises ``StoreRefused``."""
    aside = restore(_sqlite_file(store), Path(backup))
    print(f"restored from {backup}" + (f"; what was there before is kept as {aside}" if aside else ""))
    return 0


def erase_again(store: str, name: str, labels: Path) -> int:
    """Erase what a list names, after a backup was restored by other means; also from the files in ``labels``.

    Raises ``StoreRefused``, ``StoreUnavailable``, ``OSError``.
    """
    with Path(name).open("rb") as lines:
        keys = list(read_erased(lines, name))
    asyncio.run(_erase(store, keys, labels))
    print(f"{len(keys)} comment(s) are erased")
    return 0


def import_articles(store: str, name: str, *, form: str | None, site: str) -> int:
    """Register the articles of a file (``-``: standard input; ``.gz`` is unpacked); 1 where some rows were bad.

    Raises:
        UnreadableFile: it is not in that form at all.
        StoreUnavailable, OSError, EOFError, zlib.error: store or file are out of reach or damaged.
    """
    good, bad = asyncio.run(_import(store, name, form, site))
    print(f"{good} article(s) registered" + (f", {bad} row(s) left out" if bad else ""), file=sys.stderr)
    return 1 if bad else 0


def export_labels(store: str, folder: Path, *, site: str, name: str | None) -> int:
    """Write a site's labelled comments into a file (``-``: standard output), by default one in that folder.

    Raises ``StoreRefused``, ``StoreUnavailable``, ``OSError``.
    """
    if name == "-":
        asyncio.run(_export(store, site, sys.stdout.buffer))
        return 0
    target = file_of(folder, site) if name is None else Path(name)
    if target.suffix != SUFFIX:
        raise StoreRefused(f"{target}: labelled comments are written as JSON lines, to a file that ends in {SUFFIX}")
    began = datetime.now(UTC)
    with replacing(target) as file:
        count = asyncio.run(_export(store, site, file))
    # Whoever erases from here on finds the file. Of what was erased while it was written it may hold something.
    forget_in(target, asyncio.run(_erased_since(store, site, began - _LONGEST_CHANGE)))
    print(f"{count} labelled comment(s) of {site} are in {target}", file=sys.stderr)
    return 0


def _sqlite_file(store: str) -> Path:
    path = Database(store).path
    if path is None:
        raise StoreRefused("PostgreSQL has commands of its own for this: pg_dump and pg_restore (docs/operating.md)")
    return path


@asynccontextmanager
async def _opened(address: str, labels: Path | None = None) -> AsyncIterator[Store]:
    store = Store(address, labels=labels)
    await store.start(or_raise=True)
    try:
        yield store
    finally:
        await store.close()


async def _migrate(address: str) -> None:
    async with _opened(address) as store:
        print(_opening_words(store.opening))


async def _check(address: str) -> list[str]:
    async with _opened(address) as store:
        print(_opening_words(store.opening))
        return await store.findings()


def _opening_words(opening: Opening | None) -> str:
    """In one line: what opening a store found there, and did to it."""
    assert opening is not None
    if opening.found is None:
        return f"no store was there: one was made, with schema {NEWEST}"
    if opening.found > NEWEST:
        words = f"the store has schema {opening.found}, newer than this version's {NEWEST}, and was left with it"
    elif opening.found < NEWEST:
        words = f"the store had schema {opening.found} and was brought to {NEWEST}"
    else:
        words = f"the store has schema {NEWEST}"
    if opening.mended:
        words += f"; {opening.mended} comment(s) that an older version wrote were brought into step with the queue"
    return words


async def _erase(address: str, keys: list[tuple[str, str]], labels: Path) -> None:
    async with _opened(address, labels) as store:
        await store.erase_again(keys)


async def _export(address: str, site: str, file: BinaryIO) -> int:
    count = 0
    async with _opened(address) as store:
        async for rows in Labels(HistoryStore(store)).rows(site):
            file.write(json_lines(rows))
            count += len(rows)
    return count


async def _erased_since(address: str, site: str, since: datetime) -> list[Key]:
    async with _opened(address) as store:
        return await HistoryStore(store).erased_since(site, since)


async def _import(address: str, name: str, form: str | None, site: str) -> tuple[int, int]:
    file = sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115 - nothing else runs
    good = bad = 0
    with file:
        async with _opened(address) as store:
            rows = iter(tqdm(_rows(file, name, form, site), unit=" rows", disable=None))
            while group := list(islice(rows, ROWS_AT_ONCE)):
                articles = [row.article for row in group if isinstance(row.article, RegisteredArticle)]
                await asyncio.gather(*map(store.save_article, articles))
                good += len(articles)
                bad += _tell(group)
    return good, bad


def _rows(file: BinaryIO, name: str, form: str | None, site: str) -> Iterable[ArticleRow]:
    plain = name.lower().removesuffix(".gz")
    source = file if plain == name.lower() else cast(BinaryIO, gzip.GzipFile(fileobj=file))
    read = read_csv if (form or plain.rpartition(".")[2]) == "csv" else read_json_lines
    return read(source, site)


def _tell(rows: Iterable[ArticleRow]) -> int:
    """Say what is wrong with the bad ones, and count them."""
    count = 0
    for row in rows:
        if isinstance(row.article, InvalidInput):
            tqdm.write(f"line {row.line}: {row.article}", file=sys.stderr)
            count += 1
    return count
