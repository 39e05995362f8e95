"""A real server with accounts and comments, and Debian's chromium to open its pages with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from service.people import People
from service.principals import Role
from service.storage.store import Store
from tests.test_service.conftest import fresh_store, running

CHROMIUM = Path("/usr/bin/chromium")
#: A page may be slow, on a machine with other work; what it comes to is what is asked.
PATIENCE_MS = 30_000
ARTICLE = {
    "title": "Harbour council moves the evening ferry",
    "body": "The harbour council voted to move the last evening ferry.\n\nA bus will connect the piers.",
    "kind": "news",
}
FINALE = {"title": "The Lantern Keeper ends", "body": "The last episode aired on Sunday.", "kind": "tv"}
SPOILER = (
    "Turns out the keeper was dead all along and her brother Tomas is the killer."
    " I cried when he jumps from the tower in the last scene."
)
PASSWORD = "three dull ferries"
ACCOUNTS = {"mira": Role.ADMIN, "tom": Role.REVIEWER}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


class Site(NamedTuple):
    """A server in open mode, and a client that plays the comment system."""

    address: str
    client: httpx.Client

    def article(self, name: str, **fields: str) -> None:
        """Register an article."""
        self.client.put(f"/v1/articles/{quote(name, safe='')}", json=fields).raise_for_status()

    def comment(self, name: str, text: str, **fields: Any) -> Any:
        """Put a comment; what came of it."""
        answer = self.client.put(f"/v1/comments/{quote(name, safe='')}", json={"text": text, **fields})
        return answer.raise_for_status().json()

    def report(self, name: str, reporter: str, reason: str, note: str | None = None) -> None:
        """Report a comment."""
        said = {"reporter": reporter, "reason": reason, "note": note}
        self.client.post(f"/v1/comments/{quote(name, safe='')}/reports", json=said).raise_for_status()

    def state(self, name: str) -> Any:
        """A comment with its history."""
        return self.client.get(f"/v1/comments/{quote(name, safe='')}").raise_for_status().json()

    def waiting(self) -> int:
        """How many wait."""
        return int(self.client.get("/v1/queue").raise_for_status().json()["count"])


@contextmanager
def site_of_its_own() -> Iterator[Site]:
    """A server with accounts and no comments."""
    store = fresh_store()
    # The browser's driver keeps a loop running in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asyncio.run, _accounts(store)).result()
    with running(store=store) as client:
        yield Site(str(client.base_url), client)


async def _accounts(address: str) -> None:
    store = Store(address)
    await store.start(or_raise=True)
    people = People(store)
    for name, role in ACCOUNTS.items():
        link = await people.add(name, role, None)
        assert link is not None
        await people.welcome(link, "", PASSWORD)
    await store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium; skips where there is none.

    Each file starts its own: as long as one runs, so does its driver's loop, and no test beside can run another.
    """
    if not CHROMIUM.is_file():
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@contextmanager
def signed_in(browser: Browser, site: Site, name: str = "mira", **options: Any) -> Iterator[Page]:
    """A page of somebody who signed in as people do; what goes wrong in it fails the test."""
    context = browser.new_context(base_url=site.address, **options)
    page = context.new_page()
    wrong = watched(page)
    page.goto("/review/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/review")
    yield page
    context.close()
    assert wrong == []


def watched(page: Page) -> list[str]:
    """What a page complains of: errors of its script, refusals of its policy, dialogs."""
    wrong: list[str] = []

    def said(message: Any) -> None:
        # A refusal that is answered with a page is told there.
        if message.type == "error" and "responded with a status of 4" not in message.text:
            wrong.append(f"console: {message.text}")

    def dialog(opened: Any) -> None:
        wrong.append(f"dialog: {opened.message}")
        opened.dismiss()

    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", said)
    page.on("dialog", dialog)
    return wrong


@pytest.fixture
def site() -> Iterator[Site]:
    """Twelve comments that the policy holds, and one that gives an ending away."""
    with site_of_its_own() as one:
        one.article("ferry", **ARTICLE)
        one.article("finale", **FINALE)
        for number in range(12):
            text = f"What a load of bullshit, number {number}. These assholes never take the ferry."
            kept = one.comment(f"c-{number:02}", text, article_id="ferry", author={"id": f"u-{number}"})
            assert kept["decision"]["action"] == "hold"
        assert one.comment("s-1", SPOILER, article_id="finale")["decision"]["action"] == "label"
        yield one


def current(page: Page) -> str:
    """The id of the comment that is shown."""
    entry = page.locator("#entries > [data-entry]:not([hidden])")
    expect(entry).to_have_count(1)
    found = entry.get_attribute("data-entry")
    assert found is not None
    return found


def press(page: Page, key: str) -> str:
    """Decide the comment that is shown; its id. The next one is shown before the answer is there."""
    decided = current(page)
    page.keyboard.press(key)
    expect(page.locator(f"[data-entry='{decided}']")).to_have_count(0)
    return decided


def answered(page: Page, words: str) -> None:
    """The page says what was done."""
    expect(page.get_by_role("status")).to_contain_text(words)
