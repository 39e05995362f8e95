"""Whatever people write is shown as they wrote it, and does nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.test_e2e.conftest import Site, signed_in, site_of_its_own
from tests.test_e2e.payloads import PAYLOADS

WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective));
"""
#: The text as a person reads it who uncovers it.
WRITTEN = """(element) => {
  const copy = element.cloneNode(true);
  for (const added of copy.querySelectorAll(".unseen, .tag, .shape")) added.remove();
  return copy.textContent.replace(/^ (?=What)/, "");
}"""


def quoted(text: str) -> str:
    """As an address has it."""
    return quote(text, safe="")


def as_id(payload: str) -> str:
    """The payload as far as an id may hold it."""
    return "".join(one for one in payload if unicodedata.category(one) != "Cc")[:200]


@pytest.fixture(scope="module")
def hostile() -> Iterator[Site]:
    """Every payload as a comment's text, id and author, a report's note and reporter, an article and its body."""
    assert len(PAYLOADS) >= 60
    with site_of_its_own() as site:
        for payload in PAYLOADS:
            name = as_id(payload)
            site.article(name, title=payload, body=f"{payload}\n\nThe ferry is late. {payload}")
            author = {"id": name, "name": payload.replace("\t", " ")[:200]}
            site.comment(f"parent of {name}"[:200], f"They said {payload}", article_id=name)
            site.comment(
                name, f"What bullshit {payload}", article_id=name, parent_id=f"parent of {name}"[:200], author=author
            )
            site.report(name, name, "other", payload)
        for payload in (*PAYLOADS, "A quiet ferry."):
            site.comment("edited", f"What bullshit {payload}")
        yield site


@pytest.fixture
def page(hostile: Site, browser: Browser) -> Iterator[Page]:
    """Somebody signed in, whose browser tells what its policy refused."""
    with signed_in(browser, hostile) as one:
        one.add_init_script(WATCH)
        yield one


def nothing_happened(page: Page) -> None:
    """No policy had to step in, and nothing of a text became a part of the page."""
    assert page.evaluate("window.refused") == []
    foreign = "script, img, iframe, object, embed, video, audio, math, style, link, base"
    assert page.locator(f"main :is({foreign}, svg:not(.columns, .calibration, .gauge))").count() == 0
    inline = (
        "[...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith('on'))"
    )
    assert page.evaluate(inline) == []


def as_shown(text: str) -> str:
    """With what cannot be seen made visible, as the page does."""
    return "".join(f"U+{ord(one):04X}" if unicodedata.category(one) == "Cf" else one for one in text)


def test_comments_one_by_one(page: Page) -> None:
    """Each payload, in every place that one comment's page has, reads as it was written."""
    for payload in PAYLOADS:
        page.goto(f"/review/comments/{quoted(as_id(payload))}")
        assert page.locator(".text").evaluate(WRITTEN) == f"What bullshit {as_shown(payload)}"
        expect(page.locator(".headline")).to_have_text(as_shown(payload))
        expect(page.locator(".reports blockquote")).to_have_text(as_shown(payload))
        expect(page.locator("blockquote.parent")).to_contain_text(as_shown(payload))
        nothing_happened(page)


def test_earlier_texts(page: Page) -> None:
    """Each payload as what a comment said before an edit."""
    page.goto("/review/comments/edited")
    texts = page.locator(".history .text")
    shown = [texts.nth(place).evaluate(WRITTEN) for place in range(len(PAYLOADS))]
    assert shown == [f"What bullshit {as_shown(payload)}" for payload in PAYLOADS]
    nothing_happened(page)


@pytest.mark.parametrize(
    "path", ["/review", "/review?view=list", "/review/reporters", "/review/numbers", "/review/audit", "/review/policy"]
)
def test_lists(page: Page, path: str) -> None:
    """All of them on one page."""
    page.goto(path)
    nothing_happened(page)


def test_by_keyboard(page: Page, hostile: Site) -> None:
    """What the script puts into the page is as safe as what the server did; a note says what it says."""
    page.goto("/review")
    decided: str | None = None
    for payload in PAYLOADS[:12]:
        shown = page.locator("#entries > [data-entry]:not([hidden])")
        decided = shown.get_attribute("data-entry")
        assert decided is not None
        page.keyboard.press("n")
        page.keyboard.insert_text(payload)
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        expect(page.get_by_role("status")).to_contain_text("Rejected.")
        nothing_happened(page)
        assert hostile.state(decided)["reviews"][0]["note"] == payload
    assert decided is not None
    page.goto(f"/review/comments/{quoted(decided)}")
    expect(page.locator(".after blockquote").last).to_have_text(as_shown(payload))
    nothing_happened(page)


def test_a_readers_page(page: Page) -> None:
    """Also where a reader is named by it."""
    for payload in PAYLOADS:
        answer = page.goto(f"/review/reporters/{quoted(as_id(payload))}")
        assert answer is not None
        assert answer.status == 200
        nothing_happened(page)


def test_in_a_field(page: Page) -> None:
    """What an address says comes back in fields and nowhere else; a wrong field is refused by a page."""
    for payload in PAYLOADS:
        page.goto(f"/review/audit?actor={quoted(as_id(payload))}&comment={quoted(as_id(payload))}")
        assert page.get_by_label("Who").input_value() == as_id(payload)
        nothing_happened(page)
        page.goto(f"/review?sort={quoted(payload)}&notice={quoted(payload)}&did={quoted(payload)}")
        expect(page.get_by_role("alert")).to_be_visible()
        nothing_happened(page)
