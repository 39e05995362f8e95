"""Every example on ``docs/quality.md`` is a golden case, and the bundle finds what the page says it finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.bundle import Bundle
from models.heads import HEAD_NAMES
from tests.test_golden.cases import EDGES, FOLDER, band, read_cases

PAGE = (FOLDER.parents[1] / "docs" / "quality.md").read_text("utf-8")
SHIPPED = Path(FOLDER.parents[1] / "models" / "default")
#: A table's row that shows a comment: its text, and the last cell, or the one before the last.
EXAMPLE = re.compile(r"^\| “(.+?)” \|(?:.*\|)? ([a-z_ ]+) \|$", re.MULTILINE)
EXPECTED = re.compile(r"^\| “(.+?)” \|(?:.*\|)? (low|high|at (?:most|least) middle) \| [a-z]+ \|$", re.MULTILINE)


def section(head: str) -> str:
    """The part of the page about one head."""
    title = head.replace("_", "-").capitalize()
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_examples_are_scored_as_shown(head: str) -> None:
    """Each example's band is the bundle's, now."""
    bundle = Bundle.load(SHIPPED)
    cases = {case.text: case for folder in ("cases", "known_failures") for case in read_cases(folder, head)}
    shown = EXAMPLE.findall(section(head))
    assert len(shown) >= 6
    wrong = []
    for text, said in shown:
        answer = bundle.score([cases[text].comment()], heads=(head,))[0].heads[head]
        found = band(bundle.operating_points[head], head, answer)
        if found != said:
            wrong.append(f"{found}, not {said}: {text}")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_failures_are_told(head: str) -> None:
    """A row with what a person expects is a known failure, with that expectation."""
    known = {case.text: case.expect.replace("_", " ") for case in read_cases("known_failures", head)}
    told = EXPECTED.findall(section(head))
    assert told
    assert dict(told).items() <= known.items()


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_the_bands_are_told(head: str) -> None:
    """The page names the points that the bands lie between."""
    low, high = EDGES[head]
    assert f"| {head} | `{low}` | `{high}` |" in PAGE
