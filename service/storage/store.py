"""The store: everything that is read or changed goes through here, changes through one group-commit writer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import PolicyVersion, RegisteredArticle, StoredComment
from service.errors import StoreRefused, StoreUnavailable
from service.principals import ApiKey
from service.storage.articles import DropArticle, Key, SaveArticle, read_articles
from service.storage.changes import APPLY
from service.storage.checking import findings
from service.storage.comments import SaveComment
from service.storage.database import Database
from service.storage.erasure import Actor, EraseComment, unchanged_since
from service.storage.exports import forget
from service.storage.feed import Place, Told, read_feed
from service.storage.journal import Use, note_erased
from service.storage.keys import read_keys
from service.storage.mending import mend
from service.storage.policies import SavePolicy, read_policy
from service.storage.reading import count_standing, has_comments, read_comments, read_replies
from service.storage.schema import bring_up_to_date, schema_of
from service.storage.writer import Writer

log = logging.getLogger("verger.store")

_LOCK: Final = 0x76657267_77726974
_PAUSE_SECONDS: Final = 1.0
ERASED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Opening:
    """What was there when the store was opened, and what was done to it."""

    #: The schema that was found; null where there was no store.
    found: str | None
    #: Comments of older code that the queue was put in step with.
    mended: int


class Store:
    """Articles, comments and policies of every site. Every method may raise ``StoreUnavailable``: nothing was changed.

    What a method returned is durable. Out of reach at the start, it is tried again when it is needed.
    """

    def __init__(
        self,
        store: str,
        on_commit: Callable[[int, float], None] | None = None,
        labels: Path | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``store`` is a path or a URL; nothing is opened. Raises ``StoreRefused``.

        ``on_commit`` is told of each transaction that was written: how many changes it held, and its seconds.
        ``labels`` is the folder of exported labels, which what is erased leaves too.
        """
        #: The time by which everything that is stored happens.
        self.now = clock
        #: Null before it was open for the first time.
        self.opening: Opening | None = None
        self._database = Database(store)
        self._on_commit = on_commit
        self._labels = labels
        self._writer = Writer[Any, Any](self._commit)
        self._opening = asyncio.Lock()
        self._use: Use | None = None
        self._is_started = False
        self._is_open = False
        self._tried = float("-inf")

    async def start(self, *, or_raise: bool = False) -> None:
        """From here on it is open, or opened as soon as it can be; its schema is brought up to date.

        Raises:
            StoreUnavailable: it is out of reach, and that is to be told at once (``or_raise``).
        """
        self._is_started = True
        try:
            await self._opened()
        except StoreUnavailable:
            if or_raise:
                raise
            log.warning("the store is out of reach; scoring works, storing is refused until it is back")

    async def close(self) -> None:
        """Finish what was handed in, and let go."""
        await self._writer.finish()
        self._is_started = self._is_open = False
        await self._database.close()
        if self._use is not None:
            self._use.end()
            self._use = None

    @property
    def waiting(self) -> int:
        """How many changes wait for their transaction to begin."""
        return self._writer.waiting

    async def findings(self) -> list[str]:
        """Everything that is not as it was stored, in words."""
        async with self.reading() as connection:
            return await findings(connection)

    async def schema(self) -> str | None:
        """The number of its schema."""
        async with self.reading() as connection:
            return await schema_of(connection)

    async def is_reachable(self) -> bool:
        """Whether it answers within a second."""
        try:
            async with asyncio.timeout(1), self.reading() as connection:
                await connection.execute(text("SELECT 1"))
        except (StoreUnavailable, TimeoutError):
            return False
        return True

    async def articles(self, keys: Iterable[Key]) -> dict[Key, RegisteredArticle]:
        """Those that are registered."""
        async with self.reading() as connection:
            return await read_articles(connection, keys)

    async def save_article(self, article: RegisteredArticle) -> bool:
        """Register it, or put it in place of what has its id; whether it is new."""
        return await self.changed(SaveArticle(article, self.now()))

    async def drop_article(self, key: Key) -> bool:
        """Whether there was one. Comments keep its id."""
        return await self.changed(DropArticle(key))

    async def comment(self, key: Key) -> StoredComment | None:
        """With its newest revision."""
        async with self.reading() as connection:
            return (await read_comments(connection, [key])).get(key)

    async def has_comments(self) -> bool:
        """Whether there is any, of any site; erased ones count."""
        async with self.reading() as connection:
            return await has_comments(connection)

    async def replies(self, parent: Key, after: tuple[datetime, str] | None, limit: int) -> list[StoredComment]:
        """The comments that answer it, oldest first, from behind ``after`` (time received, id) on."""
        async with self.reading() as connection:
            return await read_replies(connection, parent, after, limit)

    async def save_comment(self, comment: StoredComment, salt: str) -> bool:
        """Store a revision; false where the one before it is no longer the newest, or the comment was erased."""
        return await self.changed(SaveComment(comment, salt))

    async def standing_of(self, site: str, author_id: str, but: str, most: int) -> int:
        """How many comments of that author stand, up to ``most``; the one with the id ``but`` is not counted."""
        async with self.reading() as connection:
            return await count_standing(connection, site, author_id, but, most)

    async def policy(self, site: str, version: int | None = None) -> PolicyVersion | None:
        """That version of the site's policy, or its newest; null where there is none of its own."""
        async with self.reading() as connection:
            return await read_policy(connection, site, version)

    async def save_policy(self, policy: PolicyVersion, by: str) -> bool:
        """Store the site's next version; false where the one before it is no longer the newest."""
        return await self.changed(SavePolicy(policy, by))

    async def keys(self) -> list[ApiKey]:
        """All there ever were, revoked ones too."""
        async with self.reading() as connection:
            return await read_keys(connection)

    async def feed(self, site: str, after: Place, most: int) -> tuple[Sequence[Told], Place]:
        """The site's decisions and erasures behind that place, and where to go on; none comes to be seen before it."""
        async with self.reading() as connection:
            return await read_feed(connection, site, after, most)

    async def erase_comment(self, key: Key) -> bool:
        """Erase text and author everywhere; whether there is such a comment."""
        return await self._erased([EraseComment(key, self.now(), Actor.API)]) == [True]

    async def erase_older(self, age: timedelta) -> int:
        """Erase the comments whose newest text came longer ago than ``age``; how many."""
        count = 0
        while True:
            async with self.reading() as connection:
                keys = await unchanged_since(connection, self.now() - age, ERASED_AT_ONCE)
            if not keys:
                return count
            await self._erased([EraseComment(key, self.now(), Actor.RETENTION) for key in keys])
            count += len(keys)

    async def erase_again(self, keys: Sequence[Key]) -> None:
        """Erase what a backup brought back."""
        await self._erased([EraseComment(key, self.now(), Actor.RESTORE) for key in keys])

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state."""
        await self._opened()
        async with self._database.reading() as connection:
            yield connection

    async def _erased(self, changes: Sequence[EraseComment]) -> list[bool]:
        outcomes: list[bool] = []
        for start in range(0, len(changes), ERASED_AT_ONCE):
            outcomes += await asyncio.gather(*map(self.change, changes[start : start + ERASED_AT_ONCE]))
        erased = [change.key for change, was_there in zip(changes, outcomes, strict=True) if was_there]
        if not erased:
            return outcomes
        try:
            if self._labels is not None:
                await asyncio.to_thread(forget, self._labels, erased)
            if self._database.path is not None:
                await asyncio.to_thread(note_erased, self._database.path, erased)
        except OSError as error:
            raise StoreUnavailable from error  # It may be asked for again: what is erased stays so.
        if self._database.path is not None:
            await self._database.drop_traces()
        return outcomes

    async def change(self, change: Any) -> Any:
        """The outcome of a change, durable; which there are, and what comes of each, is said where it is defined."""
        await self._opened()
        return await self._writer.submit(change)

    async def changed(self, change: Any) -> bool:
        """The same for a change that comes to a yes or a no."""
        return bool(await self.change(change))

    async def _commit(self, changes: Sequence[Any]) -> list[Any]:
        outcomes: list[Any] = []
        began = time.perf_counter()
        async with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                # One transaction at a time over all replicas, as SQLite has it anyway: what is numbered (decisions,
                # audit) comes to be seen in the order of its numbers, nobody waits for somebody who waits for them, and
                # what a change has read stays so until it is written, without a lock on any row.
                await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            for kind, group in groupby(changes, key=type):
                outcomes += await APPLY[kind](connection, list(group))
        if self._on_commit is not None:
            self._on_commit(len(changes), time.perf_counter() - began)
        return outcomes

    async def _opened(self) -> None:
        if self._is_open:
            return
        async with self._opening:
            if self._is_open:
                return
            if not self._is_started or time.monotonic() - self._tried < _PAUSE_SECONDS:
                raise StoreUnavailable
            try:
                self._database.prepare()
                if self._use is None and self._database.path is not None:
                    self._use = Use(self._database.path, alone=False)
                async with self._database.writing() as connection:
                    self.opening = Opening(await bring_up_to_date(connection), await mend(connection))
                if mended := self.opening.mended:
                    log.info("older code wrote here; the queue is in step again", extra={"comments": mended})
            except (StoreUnavailable, StoreRefused, OSError) as error:
                self._tried = time.monotonic()
                detail = () if isinstance(error, OSError) else (str(error),)
                raise StoreUnavailable(*detail) from error.__cause__ or error
            self._is_open = True
