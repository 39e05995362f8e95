"""A moderator's hour in a real browser: by keyboard alone, two at once, and without any script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.test_e2e.conftest import Site, answered, current, press, signed_in


def test_ten_decisions_by_keyboard(site: Site, browser: Browser) -> None:
    """Ten are decided and one is taken back without a mouse and without a page in between."""
    with signed_in(browser, site) as page:
        loads: list[str] = []
        page.on("request", lambda asked: loads.append(asked.url) if asked.is_navigation_request() else None)
        decided = [press(page, key) for key in ("r", "a", "l", "r", "r", "a", "r", "r", "r", "r")]
        answered(page, "Rejected. Undo")
        expect(page.locator("#count")).to_have_text("3 wait")
        assert loads == []
        states = [site.state(one)["state"] for one in decided]
        wanted = {"r": "rejected", "a": "allowed", "l": "labelled"}
        assert states == [wanted[key] for key in "ralrrarrrr"]
        page.reload()
        answered(page, "Rejected. Undo")
        expect(page.locator("article:not([hidden])")).to_be_focused()
        page.keyboard.press("u")
        answered(page, "Taken back. Decide anew.")
        assert current(page) == decided[-1]
        expect(page.locator("article:not([hidden])")).to_be_focused()
        assert site.state(decided[-1])["state"] == "held"
        assert press(page, "a") == decided[-1]
        answered(page, "Approved.")
    assert site.state(decided[-1])["state"] == "allowed"


def test_answers_follow_the_decision(site: Site, browser: Browser) -> None:
    """What was not answered goes by the key; what was, stays; a note goes along, and its letters decide nothing."""
    with signed_in(browser, site) as page:
        first = press(page, "r")
        second = current(page)
        for key in "1122":
            page.keyboard.press(key)
        page.keyboard.press("n")
        page.keyboard.type("ask a reader about it")
        page.keyboard.press("Escape")
        press(page, "r")
        third = current(page)
        for key in "111":
            page.keyboard.press(key)
        press(page, "a")
        answered(page, "Approved.")
    assert site.state(first)["reviews"][0]["labels"] == {"profanity": 1}
    review = site.state(second)["reviews"][0]
    assert (review["labels"], review["note"]) == ({"profanity": 0, "off_topic": 0}, "ask a reader about it")
    assert site.state(third)["reviews"][0]["labels"] == {}


def test_a_spoiler_is_covered(site: Site, browser: Browser) -> None:
    """Nobody reads it, and no screen reader reads it out, before it is asked for."""
    with signed_in(browser, site) as page:
        page.goto("/review?cause=label")
        assert current(page) == "s-1"
        spoiler = page.get_by_text("her brother Tomas is the killer")
        expect(spoiler).not_to_be_visible()
        tree = page.locator("#entries").aria_snapshot()
        assert "may give an ending away" in tree
        assert "killer" not in tree
        page.keyboard.press("x")
        expect(spoiler).to_be_visible()
        assert "killer" in page.locator("#entries").aria_snapshot()
        page.keyboard.press("x")
        expect(spoiler).not_to_be_visible()


def test_two_people_at_once(site: Site, browser: Browser) -> None:
    """No two are given the same; whoever comes second is told so calmly and gets the next."""
    with signed_in(browser, site, "mira") as hers, signed_in(browser, site, "tom") as his:
        assert current(hers) != current(his)
        wanted = current(his)
        hers.goto(f"/review?first={wanted}")
        answered(hers, "A colleague has this one in hand.")
        mine = current(hers)
        assert mine != wanted
        # Somebody decides it from elsewhere, in the very moment in which it is read here.
        site.client.post("/v1/queue/release", json={"comment_id": mine})
        said = {"comment_id": mine, "revision": 1, "action": "approve"}
        assert site.client.post("/v1/reviews", json=said).status_code == 409
        press(his, "r")
        answered(his, "Rejected.")
        hers.goto(f"/review/comments/{wanted}")
        expect(hers.get_by_role("list").get_by_text("by tom")).to_be_visible()


def test_decided_meanwhile(site: Site, browser: Browser) -> None:
    """The text that was judged is gone: nothing is decided, and the next comment is shown."""
    with signed_in(browser, site) as page:
        judged = current(page)
        site.comment(judged, "I take that back, sorry, the ferry is fine.", article_id="ferry")
        press(page, "r")
        answered(page, "Its author changed the text meanwhile.")
        current(page)
    assert site.state(judged)["state"] == "allowed"


def test_what_could_not_be_sent_is_not_lost(site: Site, browser: Browser) -> None:
    """With the network gone the comment comes back, to be decided again."""
    context_errors = pytest.raises(AssertionError, match="net::ERR_FAILED")
    with context_errors, signed_in(browser, site) as page:
        page.route("**/review/decide*", lambda route: route.abort())
        judged = current(page)
        page.keyboard.press("r")
        answered(page, "That was not sent.")
        assert current(page) == judged
        page.unroute("**/review/decide*")
        press(page, "r")
        answered(page, "Rejected.")
    assert site.state(judged)["state"] == "rejected"


def test_skipped_and_passed_on(site: Site, browser: Browser) -> None:
    """What is skipped stays for others; what is passed on is not asked of the same person."""
    with signed_in(browser, site) as page:
        skipped = press(page, "s")
        answered(page, "Skipped.")
        passed = press(page, "e")
        answered(page, "Passed on")
        seen = [press(page, "a") for _ in range(11)]
        expect(page.get_by_role("heading", name="Nothing is free")).to_be_visible()
        assert not {skipped, passed} & set(seen)
        page.get_by_role("link", name="Show what I passed over").click()
        assert current(page) == skipped
    with signed_in(browser, site, "tom") as page:
        assert press(page, "a") == passed


def test_the_keys_are_shown_and_can_be_turned_off(site: Site, browser: Browser) -> None:
    """``?`` shows them; turned off, a letter does nothing, also after the page was loaded again."""
    with signed_in(browser, site) as page:
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_be_visible()
        page.keyboard.press("r")
        dialog.get_by_label("Use single-letter keys").uncheck()
        page.keyboard.press("Escape")
        expect(dialog).not_to_be_visible()
        page.keyboard.press("r")
        page.reload()
        before = current(page)
        page.keyboard.press("r")
        page.get_by_role("button", name=re.compile("^Approve")).click()
        answered(page, "Approved.")
        assert site.state(before)["state"] == "allowed"
    assert site.waiting() == 12


def test_the_list_by_keyboard(site: Site, browser: Browser) -> None:
    """j and k go through it, o opens; what is opened is held, and decided like any other."""
    with signed_in(browser, site) as page:
        page.goto("/review?view=list&cause=hold&sort=oldest")
        expect(page.locator("[data-row]")).to_have_count(12)
        for key in ("j", "j", "j", "k", "o"):
            page.keyboard.press(key)
        page.wait_for_url("**first=c-01")
        assert press(page, "a") == "c-01"
        answered(page, "Approved.")


def test_what_is_written_is_not_lost(site: Site, browser: Browser) -> None:
    """Not by leaving the note, and not by holding the comment on when its time is nearly up."""
    with signed_in(browser, site) as page:
        judged = current(page)
        page.keyboard.press("n")
        page.keyboard.press("Escape")
        note = page.locator("article:not([hidden]) [name=note]")
        expect(note).not_to_be_visible()
        page.keyboard.press("n")
        page.keyboard.type("ask the desk")
        page.keyboard.press("Escape")
        expect(note).to_be_visible()
        page.keyboard.press("1")
        entry = page.locator(f"[data-entry='{judged}']")
        entry.evaluate("(one) => { one.dataset.until = new Date(Date.now() + 30_000).toISOString(); }")
        keep = page.get_by_role("button", name="Keep it")
        keep.click(timeout=30_000)
        expect(keep).not_to_be_visible()
        press(page, "r")
        answered(page, "Rejected.")
    review = site.state(judged)["reviews"][0]
    assert (review["labels"], review["note"]) == ({"profanity": 1}, "ask the desk")


def test_two_tabs_of_one_person(site: Site, browser: Browser) -> None:
    """Whoever decided first oneself is not told of a colleague."""
    with signed_in(browser, site) as page:
        other = page.context.new_page()
        other.goto("/review")
        assert current(page) == current(other)
        press(page, "a")
        answered(page, "Approved.")
        press(other, "r")
        answered(other, "You decided that one already")


def test_all_that_match_alike(site: Site, browser: Browser) -> None:
    """Only if there are as many as was said; a list without a filter offers nothing of the kind."""
    with signed_in(browser, site) as page:
        page.goto("/review?view=list")
        expect(page.get_by_text("Decide all of these alike")).to_have_count(0)
        page.goto("/review?view=list&cause=hold")
        for count, said in (("11", "nothing was decided"), ("12", "Decided: 12. Each can be taken back")):
            page.get_by_text("Decide all of these alike").click()
            page.get_by_label("Decision").select_option(label="Reject")
            page.get_by_label("How many").fill(count)
            page.get_by_role("button", name="Decide them all").click()
            answered(page, said)
        assert site.waiting() == 1
        assert {site.state(f"c-{number:02}")["state"] for number in range(12)} == {"rejected"}
        page.get_by_role("button", name="Take all 12 back").click()
        answered(page, "Taken back: 12.")
        expect(page.locator("[data-row]")).to_have_count(12)
    assert site.waiting() == 13


def test_without_script(site: Site, browser: Browser) -> None:
    """The same decisions by forms alone."""
    with signed_in(browser, site, java_script_enabled=False) as page:
        # No key does anything, so none is hinted at.
        expect(page.get_by_role("button", name="Reject").locator("kbd").first).not_to_be_visible()
        decided = []
        for name, said in (("Reject", "Rejected."), ("Approve", "Approved."), ("Label", "Labelled.")):
            decided.append(current(page))
            page.get_by_role("button", name=re.compile(f"^{name}")).click()
            answered(page, said)
        page.get_by_role("button", name="Undo").click()
        answered(page, "Taken back.")
        assert current(page) == decided[-1]
        page.get_by_role("radio", name="yes").nth(1).check(force=True)
        page.locator("article:not([hidden]) .noting summary").click()
        page.get_by_role("textbox").fill("off the road")
        page.get_by_role("button", name="Skip").click()
        answered(page, "Skipped.")
        page.get_by_role("button", name="Pass on").click()
        answered(page, "Passed on")
        page.goto("/review?cause=label")
        expect(page.get_by_text("her brother Tomas")).not_to_be_visible()
        page.locator("article:not([hidden]) .cover summary").click()
        expect(page.get_by_text("her brother Tomas")).to_be_visible()
    assert [site.state(one)["state"] for one in decided] == ["rejected", "allowed", "held"]
