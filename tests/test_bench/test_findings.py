"""Figures against bounds, and how they are written down."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.findings import Finding, Plot, Section, Table, figure, middle
from bench.plots import draw
from bench.report import write


@pytest.mark.parametrize(
    ("value", "at_least", "kept"), [(9.0, False, True), (11.0, False, False), (9.0, True, False), (11.0, True, True)]
)
def test_a_bound_is_a_ceiling_or_a_floor(value: float, at_least: bool, kept: bool) -> None:
    """The table says which, and whether it was kept."""
    finding = Finding("what", "µs", value, 10.0, at_least=at_least)
    assert finding.is_kept is kept
    assert finding.row()[2:] == ["≥ 10.0 µs" if at_least else "≤ 10.0 µs", "yes" if kept else "**no**"]


@pytest.mark.parametrize(("value", "shown"), [(0.1234, "0.12"), (9.876, "9.88"), (98.76, "98.8"), (15_678.9, "15,679")])
def test_figures_show_what_counts(value: float, shown: str) -> None:
    """Three digits, or all before the point."""
    assert figure(value) == shown


def test_one_disturbed_round_moves_nothing() -> None:
    """A round that other work slowed down a hundredfold leaves the figure alone."""
    assert middle([1.0, 1.1, 110.0]) == 1.1


@pytest.fixture
def section() -> Section:
    """One of each kind."""
    return Section(
        "A part",
        "python -m bench --only part",
        [Table(("engine", "µs"), [["ours", "5.00"], ["theirs", "50.0"]], "A note.")],
        [Finding("the part", "µs", 5.0, 10.0)],
        [Plot("part", "The part", "µs", {"Verger": 5.0, "theirs": 50.0})],
        ["other: no such package"],
    )


def test_the_page_holds_everything(section: Section, tmp_path: Path) -> None:
    """Findings first, then the machine, then each part with its command, tables, note, plot and what was left out."""
    write([section], tmp_path, "0.5", 3.0)
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    wanted = [
        "| the part | 5.00 µs | ≤ 10.0 µs | yes |",
        "| processor |",
        "| load of the machine | 0.5 |",
        "## A part",
        "`python -m bench --only part`",
        "| theirs | 50.0 |",
        "A note.",
        "Not measured: other: no such package",
    ]
    places = [page.find(words) for words in wanted]
    assert -1 not in places
    assert places == sorted(places)
    assert [(tmp_path / link).is_file() for link in re.findall(r"\]\((.+?)\)", page)] == [True]


def test_a_plot_is_an_svg_of_the_figures(section: Section, tmp_path: Path) -> None:
    """Names and figures stand in it as text, and drawing it again gives the same bytes."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        draw(section.plots[0], folder)
    content = (first / "part.svg").read_bytes()
    assert content == (second / "part.svg").read_bytes()
    words = {text.strip() for text in ElementTree.fromstring(content).itertext()}
    assert {"Verger", "theirs", "5.00", "50.0", "The part"} <= words
