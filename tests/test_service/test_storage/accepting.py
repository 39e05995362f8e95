"""``python accepting.py ADDRESS PREFIX early|durable``: stores comments without end, and prints each id it accepted.

``early`` is the control: it says "accepted" as soon as a comment was handed in, as no store may.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count

from service.storage.store import Store
from tests.test_service.test_storage.written import save, sent

CLIENTS = 16


async def client(store: Store, prefix: str, numbers: count[int], *, early: bool) -> None:
    """One caller that sends its next comment once the last one was accepted."""
    for number in numbers:
        name = f"{prefix}-{number}"
        saving = asyncio.ensure_future(save(store, sent(name=name)))
        if early:
            await asyncio.sleep(0)
        else:
            assert (await saving)[1]
        # One call of the system for one line: either all of it arrives or nothing.
        os.write(1, f"{name}\n".encode())


async def main(address: str, prefix: str, mode: str) -> None:
    """Until it is killed."""
    store = Store(address)
    await store.start(or_raise=True)
    numbers = count()
    await asyncio.gather(*(client(store, prefix, numbers, early=mode == "early") for _ in range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
