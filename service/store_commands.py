"""The commands of ``python -m service`` that look after the store. Each returns an exit code, as ``__main__`` says."""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, cast

from tqdm import tqdm

from service.article_files import ArticleRow, read_csv, read_json_lines
from service.domain import RegisteredArticle
from service.errors import InvalidInput, StoreRefused
from service.storage.backup import back_up, restore
from service.storage.database import Database
from service.storage.journal import read_erased
from service.storage.store import Store

ROWS_AT_ONCE: Final = 256


def migrate_store(store: str) -> int:
    """Bring it to the newest schema, making it where there is none. Raises ``StoreUnavailable``."""
    asyncio.run(_migrate(store))
    return 0


def check_store(store: str) -> int:
    """Look through all of it; 1 where something is wrong, which is printed. Raises ``StoreUnavailable``."""
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


def erase_again(store: str, name: str) -> int:
    """Erase what a list names, after a backup was restored by other means. Raises ``StoreRefused``, ``OSError``."""
    with Path(name).open("rb") as lines:
        keys = list(read_erased(lines, name))
    asyncio.run(_erase(store, keys))
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


def _sqlite_file(store: str) -> Path:
    path = Database(store).path
    if path is None:
        raise StoreRefused("PostgreSQL has commands of its own for this: pg_dump and pg_restore (docs/operating.md)")
    return path


@asynccontextmanager
async def _opened(address: str) -> AsyncIterator[Store]:
    store = Store(address)
    await store.start(or_raise=True)
    try:
        yield store
    finally:
        await store.close()


async def _migrate(address: str) -> None:
    async with _opened(address) as store:
        print(f"the store has schema {await store.schema()}")


async def _check(address: str) -> list[str]:
    async with _opened(address) as store:
        return await store.findings()


async def _erase(address: str, keys: list[tuple[str, str]]) -> None:
    async with _opened(address) as store:
        await store.erase_again(keys)


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
