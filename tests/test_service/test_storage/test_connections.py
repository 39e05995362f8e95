"""No connection is left open behind: not by whoever is cancelled while one is made, not by one in use at the end."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from service.storage.store import Store


class Open:
    """How many connections were made and not closed."""

    def __init__(self) -> None:
        self.count = 0

    def more(self, *_: object) -> None:
        self.count += 1

    def fewer(self, *_: object) -> None:
        self.count -= 1


async def _asked_four_at_once(address: str, delay: float, *, cancel: bool) -> None:
    store = Store(address)
    await store.start(or_raise=True)
    asking = [asyncio.create_task(store.keys()) for _ in range(4)]
    await asyncio.sleep(delay)
    for task in asking if cancel else ():
        task.cancel()
    await store.close()
    for outcome in await asyncio.gather(*asking, return_exceptions=True):
        assert outcome == [] or isinstance(outcome, asyncio.CancelledError)


@pytest.mark.parametrize("cancel", [False, True])
def test_every_connection_is_closed(address: str, *, cancel: bool) -> None:
    opened = Open()
    event.listen(Pool, "connect", opened.more)
    event.listen(Pool, "close", opened.fewer)
    event.listen(Pool, "close_detached", opened.fewer)
    try:
        for step in range(12):
            asyncio.run(_asked_four_at_once(address, step / 2000, cancel=cancel))
            assert opened.count == 0
    finally:
        event.remove(Pool, "connect", opened.more)
        event.remove(Pool, "close", opened.fewer)
        event.remove(Pool, "close_detached", opened.fewer)


def test_patience_ends_when_it_ends(address: str) -> None:
    """Who waits for a connection no longer than so long is let go then, though every connection is in use."""

    async def act() -> None:
        store = Store(address)
        await store.start(or_raise=True)
        async with AsyncExitStack() as held:
            for _ in range(4):
                await held.enter_async_context(store.reading())
            # It gives up after a second; a connection would be waited for ten times as long.
            asking = asyncio.create_task(store.is_reachable())
            done, _ = await asyncio.wait([asking], timeout=5)
            assert done == {asking}
            assert not asking.result()
        await store.close()

    asyncio.run(act())
