"""The pages beside the queue: a comment's own, readers who report, the policy."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.test_e2e.conftest import Site, answered, signed_in


def test_on_its_own_page(site: Site, browser: Browser) -> None:
    """A comment is taken, decided and taken back on the page that tells its history; an admin makes it golden."""
    with signed_in(browser, site) as page:
        page.goto("/review/comments/c-11")
        page.get_by_role("button", name="Take it and decide").click()
        answered(page, "You hold it now.")
        page.keyboard.press("r")
        answered(page, "Rejected.")
        page.get_by_role("status").get_by_role("button", name="Undo").click()
        answered(page, "Taken back.")
        page.get_by_role("button", name="Right is: reject").click()
        answered(page, "It is a golden comment now.")
        page.get_by_role("button", name="Golden no more").click()
        answered(page, "It is no golden comment any more.")
    history = site.state("c-11")
    assert history["state"] == "held"
    assert [one["undone_by"] for one in history["reviews"]] == ["reviewer:mira"]


def test_reports_are_set_aside(site: Site, browser: Browser) -> None:
    """Seen before it is done, and undone."""
    site.comment("q-1", "The harbour looked lovely this morning.", article_id="ferry")
    site.report("q-1", "reader/1", "spoiler", "it spoils")
    with signed_in(browser, site) as page:
        page.goto("/review/reporters")
        page.get_by_role("link", name="reader/1").click()
        expect(page.get_by_text("The harbour looked lovely")).to_be_visible()
        page.get_by_role("button", name="Set 1 open reports aside").click()
        answered(page, "do not count any more")
        assert site.state("q-1")["waiting"] is None
        page.get_by_role("button", name="Undo").click()
        answered(page, "They count again.")
    assert site.state("q-1")["waiting"] == "report"


def test_a_draft_is_tried_and_saved(site: Site, browser: Browser) -> None:
    """What it would have done is shown before anything changes; then it is in force."""
    with signed_in(browser, site) as page:
        page.goto("/review/policy")
        first = page.get_by_role("group", name="Rule 1")
        first.get_by_label("from").select_option(label="the site's own threshold")
        page.get_by_role("button", name="Save and put in force").click()
        threshold = first.get_by_role("textbox", name="own threshold, %")
        expect(threshold).to_be_focused()
        expect(threshold).to_have_accessible_name(re.compile("A number above 0"))
        assert site.client.get("/v1/policies/default").json()["version"] == 1
        threshold.fill("100")
        page.get_by_role("button", name="Try it on the past").click()
        tried = page.get_by_role("region", name="What the draft would have done")
        expect(tried.locator("dl")).to_contain_text("held12 → 0 -12")
        assert site.client.get("/v1/policies/default").json()["version"] == 1
        page.get_by_label("Random sample, %").fill("many")
        page.get_by_role("button", name="Save and put in force").click()
        expect(page.get_by_role("alert")).to_contain_text("Random sample, %")
        assert first.get_by_label("own threshold, %").input_value() == "100"
        expect(page.get_by_label("Random sample, %")).to_be_focused()
        page.get_by_label("Random sample, %").fill("2,5")
        page.get_by_role("button", name="Save and put in force").click()
        answered(page, "The policy is saved and in force.")
    policy = site.client.get("/v1/policies/default").json()
    assert (policy["version"], policy["sample_rate"], policy["rules"][0]["threshold"]) == (2, 0.025, 1.0)


def test_nothing_typed_is_passed_over(site: Site, browser: Browser) -> None:
    """Also without the script: what would not count is told beside it; the built-in policy saved as it is changes
    nothing."""
    with signed_in(browser, site, java_script_enabled=False) as page:
        page.goto("/review/policy")
        page.get_by_role("button", name="Save and put in force").click()
        answered(page, "That is the policy in force already")
        first, second = page.get_by_role("group", name="Rule 1"), page.get_by_role("group", name="Rule 2")
        first.get_by_label("own threshold, %").fill("60")
        page.get_by_role("button", name="Save and put in force").click()
        expect(page.get_by_role("alert")).to_contain_text("Rule 1, own threshold, %: Choose")
        expect(first.locator(".fault")).to_contain_text("or leave this empty")
        first.get_by_label("own threshold, %").fill("")
        second.get_by_label("slur").check()
        page.get_by_role("button", name="Save and put in force").click()
        expect(second.locator(".fault")).to_contain_text("Only profane words")
        expect(second.get_by_label("slur")).to_be_checked()
        page.get_by_role("group", name="Rule 3").get_by_label("own threshold, %").fill("60")
        second.get_by_label("slur").uncheck()
        page.get_by_role("button", name="Save and put in force").click()
        expect(page.get_by_role("group", name="Rule 3").locator(".fault")).to_contain_text("by which score")
    assert site.client.get("/v1/policies/default").json()["version"] == 1
