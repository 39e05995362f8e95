"""The sections as one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench import machine
from bench.findings import Section, Table
from bench.plots import draw

PAGE, PLOTS = "benchmarks.md", "benchmarks"

_OPENING = """# Benchmarks

Written by `make bench`; every figure comes from one run on one machine. What is compared was measured in turns within
that run: trust a ratio before a figure, and CPU a request before requests a second. Texts are generated from the
bundle's own words, as often as words are used, with the share of unknown and of profane words that news comments have;
quality is not measured here."""


def write(sections: Sequence[Section], folder: Path, load: str, seconds: float) -> None:
    """``folder/benchmarks.md`` and its plots in ``folder/benchmarks/``."""
    for plot in (plot for section in sections for plot in section.plots):
        draw(plot, folder / PLOTS)
    (folder / PAGE).write_text(page(sections, load, seconds), encoding="utf-8")


def page(sections: Sequence[Section], load: str, seconds: float) -> str:
    """Markdown."""
    findings = [finding.row() for section in sections for finding in section.findings]
    about = [*machine.described(), ["load of the machine", load], ["the whole run", f"{seconds:.0f} s"]]
    parts = [
        _OPENING,
        Table(("what", "measured", "to reach", "reached"), findings).markdown(),
        "## Machine",
        Table(("", ""), about).markdown(),
    ]
    return "\n\n".join(parts) + "\n\n" + "\n".join(section.markdown(PLOTS) for section in sections)
