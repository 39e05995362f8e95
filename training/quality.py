"""Writes the figures of ``docs/quality.md`` and its plot; the words around them are a person's."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from models.bundle import Bundle
from models.heads import HEAD_NAMES
from training.both_tiers import both_tiers
from training.data import load
from training.evaluate import measure
from training.heldout import held_out_sets
from training.reference import on_mix
from training.report import calibration_plot
from training.slices import slice_table, sliced
from training.targets import target_table

PAGE = Path("docs/quality.md")
PLOT = "quality-calibration.svg"


class NoPlace(ValueError):
    """The page lacks the marks between which a table stands."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    parser.add_argument(
        "--page", type=Path, default=PAGE, help="its tables are replaced; the plot is written beside it"
    )


def run(options: argparse.Namespace) -> int:
    """Measure, and write the page and its plot.

    :raises NoPlace: before anything is written, where the page has no place for a table.
    """
    bundle, corpus = Bundle.load(options.bundle), load(options.data)
    sets = list(held_out_sets(corpus))
    measured, mixes, slices = measure(bundle, sets), on_mix(bundle, corpus), measure(bundle, sliced(sets))
    tables = {
        "bundle": f"Bundle {bundle.version}, {bundle.manifest.licences} licences.",
        "targets": target_table(measured, mixes),
        "second tier": both_tiers(options.bundle, corpus, sets),
    } | {f"{head} slices": slice_table(bundle, slices, head) for head in HEAD_NAMES}
    page = filled(options.page.read_text("utf-8"), tables)
    options.page.write_text(page, "utf-8")
    (options.page.parent / PLOT).write_text(calibration_plot(mixes), "utf-8")
    return 0


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with each table between its marks ``<!-- NAME: begin -->`` and ``<!-- NAME: end -->``.

    :raises NoPlace: a table's marks are missing.
    """
    for name, text in tables.items():
        before, begin, rest = page.partition(f"<!-- {name}: begin -->\n")
        _, end, after = rest.partition(f"<!-- {name}: end -->")
        if not begin or not end:
            raise NoPlace(f"the page has no marks for '{name}'")
        page = f"{before}{begin}{text}\n{end}{after}"
    return page
