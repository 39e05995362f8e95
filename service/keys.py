"""Whose key it is: asked of the store at most once a second for all of them, so that a call costs no reading."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from service.errors import StoreUnavailable
from service.principals import ApiKey, Principal

log = logging.getLogger("verger.access")

Fetch = Callable[[], Awaitable[Sequence[ApiKey]]]
Touch = Callable[[tuple[str, ...], datetime], Awaitable[object]]

RENEWED_SECONDS: Final = 1.0
"""After so long they are asked for again, while calls go on with what is known."""
FRESH_SECONDS: Final = 2.0
"""For no longer than this they are used without having asked again, unless the store does not answer."""
OUT_SECONDS: Final = 10.0
"""The same while it does not: meanwhile nobody waits for it, and it is asked again and again."""
PATIENCE_SECONDS: Final = 1.0
_USED_EVERY: Final = timedelta(hours=1)


class Keys:
    """Digest of a key → who holds it. ``first`` is the key from the environment, which needs no store."""

    def __init__(
        self,
        fetch: Fetch,
        touch: Touch,
        *,
        first: str | None,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch, self._touch, self._clock = fetch, touch, clock
        self._per_minute = per_minute
        self._first = {} if first is None else {_digest(first): Principal("key:first", per_minute=per_minute)}
        self._holders: dict[str, Principal] = dict(self._first)
        self._used: set[str] = set()
        self._has_any = bool(self._first)
        #: Whether the store ever said which keys there are, and whether it did when it was asked last.
        self._is_told = False
        self._is_out = False
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._noting: asyncio.Task[None] | None = None

    @property
    def is_settled(self) -> bool:
        """Whether what is known is so fresh that nobody has to ask."""
        return self._clock() - self._asked_at < RENEWED_SECONDS

    async def settle(self) -> None:
        """Until what is known is fresh, or it is clear that the store does not answer."""
        age = self._clock() - self._asked_at
        if age < RENEWED_SECONDS:
            return
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        if age >= (OUT_SECONDS if self._is_out else FRESH_SECONDS):
            await asyncio.wait([self._asking])

    @property
    def has_any(self) -> bool | None:
        """Whether a key was ever made; null while nobody can say."""
        return True if self._has_any else False if self._is_told else None

    def holder(self, key: str) -> Principal | None:
        """Who sent it. Raises ``StoreUnavailable``: it is none of those known, and there may be others."""
        digest = _digest(key)
        found = self._holders.get(digest)
        if found is None and self._is_out:
            raise StoreUnavailable("whether this key is good cannot be found out; try again shortly")
        if found is not None and digest not in self._first:
            self._used.add(found.name)
        return found

    async def _ask(self) -> None:
        asked_at = self._clock()
        is_out = True
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self._fetch()
            self._know(found)
            is_out = False
        except (StoreUnavailable, TimeoutError):
            asked_at = self._clock()
            if not self._is_out:
                log.warning("the store is out of reach; the keys that are known stay good")
        finally:
            self._is_out, self._asked_at, self._asking = is_out, asked_at, None

    def _know(self, found: Sequence[ApiKey]) -> None:
        good = [key for key in found if key.revoked_at is None]
        self._holders = {key.digest: self._principal(key) for key in good} | self._first
        # One that was revoked counts too: to take a key away must not let everybody in.
        self._has_any = bool(found or self._first)
        self._is_told = True
        # To the hour: a writing for each call would cost more than the call.
        now = datetime.now(UTC)
        due = [key.id for key in good if f"key:{key.id}" in self._used and _is_due(key.used_at, now)]
        self._used.clear()
        if due and self._noting is None:
            self._noting = asyncio.create_task(self._note(tuple(due), now))

    async def _note(self, due: tuple[str, ...], now: datetime) -> None:
        try:
            await self._touch(due, now)
        except StoreUnavailable:
            log.info("when keys were used last could not be noted")
        finally:
            self._noting = None

    def _principal(self, key: ApiKey) -> Principal:
        return Principal(f"key:{key.id}", key.scopes, key.site, per_minute=key.per_minute or self._per_minute)


def _is_due(used_at: datetime | None, now: datetime) -> bool:
    return used_at is None or now - used_at >= _USED_EVERY


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
