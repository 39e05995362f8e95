"""Plots as SVG."""

from __future__ import annotations

from math import ceil, floor, log10
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from bench.findings import Plot, figure


def draw(plot: Plot, folder: Path) -> None:
    """Write ``folder/NAME.svg``; the same figures give the same file."""
    names, values = list(plot.values), list(plot.values.values())
    # Points and not bars: on a logarithmic axis a bar's length says nothing.
    with mpl.rc_context({"svg.hashsalt": plot.name, "svg.fonttype": "none", "font.family": "sans-serif"}):
        paper = Figure(figsize=(7, 0.9 + 0.4 * len(names)), layout="constrained")
        axes = paper.subplots()
        axes.set_xscale("log")
        axes.set_xlim(10 ** floor(log10(min(values))), 10 ** ceil(log10(max(values) * 1.7)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid(axis="x", color="#dde3e7")
        axes.set_axisbelow(True)
        axes.scatter(values, names, s=60, color=["#1f6f8b" if name == "Verger" else "#8896a0" for name in names])
        for name, value in plot.values.items():
            axes.annotate(figure(value), (value, name), (8, 0), textcoords="offset points", va="center")
        axes.margins(y=0.3)
        axes.invert_yaxis()
        axes.set_title(plot.title, loc="left")
        axes.set_xlabel(plot.axis)
        axes.spines[["top", "right", "left"]].set_visible(False)
        folder.mkdir(parents=True, exist_ok=True)
        paper.savefig(folder / f"{plot.name}.svg", metadata={"Date": None})
