"""A server with comments, and browsers of those who are signed in there: the pages without a browser's engine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

from service.people import People
from service.principals import Role
from service.storage.store import Store
from tests.test_service.conftest import fresh_store, running

PASSWORD = "three dull ferries"


class Desk(NamedTuple):
    """A server with comments, and browsers of those who are signed in."""

    system: httpx.Client
    admin: httpx.Client
    reviewer: httpx.Client
    of_blog: httpx.Client

    def send(self, path: str, who: str = "admin", **form: Any) -> httpx.Response:
        """As a form on one of the pages would be sent."""
        browser: httpx.Client = getattr(self, who)
        token = re.search(r'name="csrf" value="(\w+)"', browser.get("/review/account").text)
        assert token is not None
        return browser.post(path, data={"csrf": token[1], **form})


async def accounts(address: str) -> None:
    store = Store(address)
    await store.start(or_raise=True)
    people = People(store)
    for name, role, site in (
        ("mira", Role.ADMIN, None),
        ("tom", Role.REVIEWER, None),
        ("bob", Role.REVIEWER, "blog"),
    ):
        link = await people.add(name, role, site)
        assert link is not None
        await people.welcome(link, "", PASSWORD)
    await store.close()


@contextmanager
def browsing() -> Iterator[Desk]:
    """Three comments wait on each of two sites."""
    store = fresh_store()
    asyncio.run(accounts(store))
    with running(store=store, time_zone="Asia/Kathmandu") as system:
        address = str(system.base_url).rstrip("/")
        browsers = []
        for name in ("mira", "tom", "bob"):
            browser = httpx.Client(base_url=address, headers={"Origin": address, "Accept": "text/html"}, timeout=30)
            browser.post("/review/sign-in", data={"name": name, "password": PASSWORD})
            browsers.append(browser)
        for site in ("default", "blog"):
            for number in range(3):
                said = {"text": f"What bullshit on {site}.", "site": site, "created_at": "2026-03-04T20:00:00Z"}
                system.put(f"/v1/comments/{site}-{number}", json=said).raise_for_status()
        yield Desk(system, *browsers)
        for browser in browsers:
            browser.close()
