"""The report is one page that shows curves and loads nothing, whatever a set is called."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from models.bundle import Bundle
from training.data import Corpus
from training.evaluate import Measured, measure
from training.heldout import held_out_sets
from training.report import report

ADDRESSES = frozenset({"src", "srcset", "href", "xlink:href", "action", "formaction", "data", "poster", "background"})
LOADING = frozenset({"script", "iframe", "object", "embed", "link", "base", "form", "audio", "video", "image", "img"})
STYLE_ADDRESS = re.compile(r"url\(\s*([^)]*)\)|@import\s+(\S+)")


class Page(HTMLParser):
    """What a browser would make of a page, as far as it matters here."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.styles: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag and its attributes."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.styles += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        """Text; a style sheet's too."""
        (self.styles if self.tags and self.tags[-1] == "style" else self.words).append(data)


@pytest.fixture(scope="module")
def measured(bundle: Bundle, corpus: Corpus) -> list[Measured]:
    """The small bundle's figures."""
    return measure(bundle, held_out_sets(corpus))


@pytest.fixture(scope="module")
def page(bundle: Bundle, measured: list[Measured]) -> Page:
    """The small bundle's report."""
    return Page(report(bundle, measured))


def test_the_shipped_report_is_this_one(fitted: Path, bundle: Bundle, measured: list[Measured]) -> None:
    """The same figures give the same file, byte for byte."""
    assert (fitted / "report.html").read_text("utf-8") == report(bundle, measured)


def test_no_script_and_nothing_that_loads(page: Page) -> None:
    """No element that runs or fetches, and no attribute that does."""
    assert LOADING.isdisjoint(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_every_address_is_inside_the_page(page: Page) -> None:
    """Links and styles point at the page's own parts, which are there."""
    named = [value for name, value in page.attributes if name in ADDRESSES]
    named += [found for style in page.styles for pair in STYLE_ADDRESS.findall(style) for found in pair if found]
    parts = {value for name, value in page.attributes if name == "id"}
    assert named
    assert [value for value in named if value.strip("'\"")[:1] != "#" or value.strip("'\"")[1:] not in parts] == []


def test_every_head_has_its_curves(page: Page, bundle: Bundle) -> None:
    """One drawing a head with its sets by name and rows; numbers and letters are text, not outlines."""
    words = " ".join(page.words)
    assert page.tags.count("svg") == len(bundle.manifest.heads)
    for said in ("profanity", "off_topic", "spoiler", "recall", "precision", "mean score", "debates, random (36)"):
        assert said in words
    assert bundle.version in words


def test_a_head_without_both_labels_is_left_out(bundle: Bundle, measured: list[Measured]) -> None:
    """There is no curve to draw of negatives alone."""
    alone = [one for one in measured if one.positives == 0]
    assert alone
    assert "svg" not in Page(report(bundle, alone)).tags


def test_names_are_text(bundle: Bundle, measured: list[Measured]) -> None:
    """Whatever a set is called, it is shown and never run."""
    ours = next(one for one in measured if one.head == "profanity" and 0 < one.positives < one.rows)
    hostile = "</svg><script>alert(1)</script>&amp;"
    page = Page(report(bundle, [replace(ours, name=hostile)]))
    assert "script" not in page.tags
    assert hostile in " ".join(page.words)
