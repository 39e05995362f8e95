"""Answers that wait for a client which has not read yet: first in memory, then in one temporary file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import Final, TypeVar

R = TypeVar("R")

MEMORY_BYTES: Final = 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024


class Stalled(Exception):
    """The spool was full, and for too long nobody took anything out."""


class Spool:
    """First in, first out, at most ``limit`` bytes; ``put`` waits while it is full, ``take`` while it is empty.

    The room is free again once everything has been taken. The file has no name, and goes when the spool is closed.
    """

    def __init__(self, *, limit: int, stall_seconds: float) -> None:
        self._limit = limit
        self._stall_seconds = stall_seconds
        self._changed = asyncio.Condition()
        self._file = SpooledTemporaryFile[bytes](max_size=MEMORY_BYTES)
        self._is_on_disk = False
        self._written = 0
        self._taken = 0
        self._is_ended = False

    async def put(self, data: bytes) -> None:
        """Raises ``Stalled`` when it is full and nothing is taken for ``stall_seconds``."""
        async with self._changed:
            while self._written and self._written + len(data) > self._limit:
                try:
                    await asyncio.wait_for(self._changed.wait(), self._stall_seconds)
                except TimeoutError:
                    raise Stalled from None
            self._is_on_disk = self._is_on_disk or self._written + len(data) > MEMORY_BYTES
            await self._work(lambda: self._store(data))
            self._changed.notify_all()

    async def end(self) -> None:
        """Nothing more will be put in."""
        async with self._changed:
            self._is_ended = True
            self._changed.notify_all()

    async def take(self) -> bytes:
        """The next bytes, at most 64 KiB; empty when it is ended and all has been taken."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._taken < self._written or self._is_ended)
            data = await self._work(self._fetch)
            self._changed.notify_all()
            return data

    def close(self) -> None:
        """Forget whatever was not taken."""
        self._file.close()

    async def _work(self, action: Callable[[], R]) -> R:
        """A disk may block, memory does not."""
        return await asyncio.to_thread(action) if self._is_on_disk else action()

    def _store(self, data: bytes) -> None:
        self._file.seek(self._written)
        self._file.write(data)
        self._written += len(data)

    def _fetch(self) -> bytes:
        self._file.seek(self._taken)
        data = self._file.read(CHUNK_BYTES)
        self._taken += len(data)
        if self._taken == self._written:
            self._file.seek(0)
            self._file.truncate()
            self._taken = self._written = 0
        return data
