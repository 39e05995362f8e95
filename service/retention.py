"""Erasing what is older than a site wants to keep."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from service.errors import StoreUnavailable
from service.storage.store import Store

log = logging.getLogger("verger.store")

PAUSE_SECONDS: Final = 3600.0


async def keep_erasing(store: Store, age: timedelta) -> None:
    """Erase comments older than ``age``, now and every hour, until cancelled."""
    while True:
        try:
            if count := await store.erase_older(age):
                log.info("comments past their retention were erased", extra={"comments": count})
        except StoreUnavailable:
            log.warning("the store is out of reach; what is past its retention is erased later")
        await asyncio.sleep(PAUSE_SECONDS)
