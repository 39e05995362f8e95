"""With a screen reader, on a phone, by day and by night: axe finds nothing on any page, and none is too wide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.test_e2e.conftest import PHONE, Site, signed_in, site_of_its_own

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", **PHONE},
}
PAGES = (
    "/review",
    "/review?cause=label",
    "/review?cause=appeal",
    "/review?view=list",
    "/review?min_score=99&max_score=98",
    "/review/comments/c-1",
    "/review/comments/c-2",
    "/review/reporters",
    "/review/reporters/ada",
    "/review/policy",
    "/review/audit",
    "/review/numbers",
    "/review/account",
)


@pytest.fixture(scope="module")
def lived_in() -> Iterator[Site]:
    """A site on which something of everything has happened."""
    with site_of_its_own() as site:
        site.article(
            "a", title="A very long headline " * 6, body="A paragraph about the harbour.\n\nAnother one.", kind="tv"
        )
        site.client.put("/v1/policies/default", json={"sample_rate": 1.0, "blocked_terms": ["gherkin"]})
        for number in range(1, 5):
            text = f"Bullshit number {number}, \u202ea f\u200bucking gherkin {'verylongword' * 30}"
            site.comment(f"c-{number}", text, article_id="a", author={"id": "u" * 200, "name": "Ann"})
        site.comment("r-1", "Turns out the keeper was the killer all along, he dies.", article_id="a", parent_id="c-1")
        site.comment("q-1", "A nice harbour.", article_id="a")
        for text in (
            f"Fuck this {'longword' * 30}",
            "Turns out the keeper was the killer all along, he dies.",
            "Fine.",
        ):
            site.comment("edited", text, article_id="a")
        for reporter in ("ada", "ben", "cai", "dot", "eve", "x" * 200):
            site.report("q-1", reporter, "spoiler", "it does " * 40)
        for name, action in (("c-1", "reject"), ("c-2", "approve")):
            said = {"comment_id": name, "revision": 1, "action": action, "labels": {"profanity": 1}, "note": "n" * 300}
            site.client.post("/v1/reviews", json=said).raise_for_status()
        site.client.post("/v1/comments/c-1/appeals", json={"note": "It was a joke, honestly."}).raise_for_status()
        yield site


@pytest.fixture(scope="module", params=MODES)
def page(request: pytest.FixtureRequest, lived_in: Site, browser: Browser) -> Iterator[Page]:
    """A page in one of the modes. Axe comes in by a script tag, which the pages' policy is there to refuse."""
    with signed_in(browser, lived_in, bypass_csp=True, **MODES[request.param]) as one:
        yield one


def complaints(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    page.add_script_tag(content=AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    told = [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        told.append("wider than the window")
    return told


@pytest.mark.parametrize("path", PAGES)
def test_every_page(page: Page, path: str) -> None:
    """As it opens."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    assert complaints(page) == []


def test_refused(page: Page) -> None:
    """What is said where there is no such page."""
    answer = page.goto("/review/nowhere")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("alert")).to_contain_text("There is no such page")
    assert complaints(page) == []


def test_earlier_texts(page: Page) -> None:
    """A comment's history with all that can be opened open."""
    page.goto("/review/comments/edited")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    expect(page.locator(".history .text")).to_have_count(2)
    assert complaints(page) == []


def test_opened_up(page: Page) -> None:
    """With all that can be opened open: what was covered, the article, a note, the keys."""
    page.goto("/review?cause=label")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert complaints(page) == []
    page.evaluate("document.querySelector('dialog').showModal()")
    assert complaints(page) == []


def test_after_a_decision(page: Page) -> None:
    """With what was done said, and a draft tried."""
    page.goto("/review")
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("status")).to_contain_text("Skipped.")
    assert complaints(page) == []
    page.goto("/review/policy")
    page.locator("[name=blocked_terms]").fill("harbour")
    page.get_by_role("button", name="Try it on the past").click()
    expect(page.get_by_role("region", name="What the draft would have done")).to_be_visible()
    assert complaints(page) == []


def test_signing_in(browser: Browser, lived_in: Site) -> None:
    """Before anybody is known, too."""
    for options in MODES.values():
        context = browser.new_context(base_url=lived_in.address, bypass_csp=True, **options)
        one = context.new_page()
        for path in ("/review/sign-in", "/review/welcome"):
            one.goto(path)
            assert complaints(one) == []
        context.close()
