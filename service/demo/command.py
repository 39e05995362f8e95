"""``python -m service demo``."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Final

from service.app import Parts, build
from service.demo.content import Content, read_content
from service.demo.story import Calendar, Story, Told
from service.domain import DEFAULT_SITE
from service.errors import StoreRefused
from service.settings import Settings
from service.storage.listing import COUNTED, Filters, Order

_NOT_EMPTY: Final = "the store has comments already, and the demo fills a fresh one: name one with VERGER_STORE"


def fill_demo(settings: Settings) -> int:
    """Fill the store; the exit code. Raises ``BundleRefused``, ``StoreRefused``, ``StoreUnavailable``."""
    calendar = Calendar(datetime.now(UTC))
    parts = build(settings, clock=calendar)
    parts.engine.load()
    asyncio.run(_fill(parts, calendar))
    print(f"To sign in, make an account: {settings.typed('reviewers add NAME --role admin')}")
    return 0


async def _fill(parts: Parts, calendar: Calendar) -> None:
    await parts.store.start(or_raise=True)
    try:
        if await parts.store.has_comments():
            raise StoreRefused(_NOT_EMPTY)
        content = read_content()
        _print(content, await Story(parts, calendar, content).tell())
        waiting, count = await parts.desk.queue(DEFAULT_SITE, Filters(), Order.PRIORITY, None, COUNTED)
        causes = Counter(one.entry.placement.cause for one in waiting)
        print(f"{count} comments wait for a person:", ", ".join(f"{cause} {n}" for cause, n in causes.most_common()))
    finally:
        await parts.store.close()


def _print(content: Content, told: Told) -> None:
    reporters = len({report.by for report in content.reports})
    reviewers = len({sitting.by for sitting in content.desk.sittings})
    print(f"{told.articles} articles with {told.comments} comments of the last two weeks, {told.edits} of them edited")
    print(
        f"{told.reports} reports by {reporters} readers, {told.appeals} appeals,"
        f" {told.reviews} reviews by {reviewers} people ({told.undone} undone)"
    )
