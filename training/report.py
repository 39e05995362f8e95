"""The report a person opens: each head's precision–recall curves and reliability, as one HTML page."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve

from models.bundle import Bundle
from models.heads import HEADS
from training.evaluate import Measured
from training.reference import OnMix

#: Text stays text, and the same figures give the same file.
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "verger", "font.size": 9, "path.simplify": True}
_BINS = 15
_POINTS = 400
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Verger bundle {version}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;
background:#fff}}svg{{max-width:100%;height:auto}}h2{{margin-top:2.5rem}}</style></head>
<body><h1>Verger bundle {version}</h1>
<p>Left: precision and recall over all thresholds; the cross marks the balanced point. Right: in {bins} groups of
equal size, the mean score against the share of positives; each set has a share of positives of its own, so
only the reference mix is expected on the diagonal. The tables are in <code>card.md</code>.</p>
{sections}</body></html>
"""


def report(bundle: Bundle, measured: Sequence[Measured]) -> str:
    """The page. No script, nothing loaded from elsewhere."""
    sections = []
    for head in HEADS:
        own = [one for one in measured if one.head == head.name and 0 < one.positives < one.rows]
        if own:
            point = bundle.operating_points[head.name]["balanced"].threshold
            sections.append(
                f"<h2>{html.escape(head.name)}</h2>\n<p>{html.escape(head.question)}</p>\n{_plots(own, point)}"
            )
    return _PAGE.format(version=html.escape(bundle.version), bins=_BINS, sections="\n".join(sections))


def calibration_plot(heads: Sequence[OnMix]) -> str:
    """An SVG file: for each head the score against the share of positives, on held-out rows of its reference mix."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(11, 3.9), layout="constrained")
        panels = figure.subplots(1, len(heads), squeeze=False)[0]
        for panel, one in zip(panels, heads, strict=True):
            panel.plot([0, 1], [0, 1], color="#999", linewidth=0.8, linestyle="--")
            panel.plot([at[0] for at in one.reliability], [at[1] for at in one.reliability], "o-", markersize=4)
            for score, share, rows in one.reliability:
                panel.annotate(f"{rows:,}", (score, share), (4, -10), textcoords="offset points", fontsize=7)
            title = f"{one.head} ({one.rows:,} rows), error {one.calibration_error:.3f}"
            panel.set(title=title, xlabel="mean score", ylabel="share of positives", xlim=(0, 1), ylim=(0, 1.02))
        figure.set_facecolor("white")
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


def _plots(measured: Sequence[Measured], balanced: float | None) -> str:
    with rc_context(_STYLE):
        figure = Figure(figsize=(11, 4.6), layout="constrained")
        curves, reliability = figure.subplots(1, 2)
        for one in measured:
            precision, recall, thresholds = precision_recall_curve(one.labels, one.scores)
            kept = np.unique(np.linspace(0, len(recall) - 1, _POINTS).astype(int))
            (line,) = curves.plot(recall[kept], precision[kept], label=f"{one.name} ({one.rows:,})", linewidth=1.2)
            if balanced is not None:
                at = min(int(np.searchsorted(thresholds, balanced)), len(recall) - 1)
                curves.plot(recall[at], precision[at], "x", color=line.get_color())
            reliability.plot(*_reliability(one), "o-", markersize=3, linewidth=0.8, color=line.get_color())
        curves.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
        reliability.plot([0, 1], [0, 1], color="#999", linewidth=0.8, linestyle="--")
        reliability.set(xlabel="mean score", ylabel="share of positives", xlim=(0, 1), ylim=(0, 1.02))
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue().partition("?>")[2].partition(">")[2]


def _reliability(one: Measured) -> tuple[list[float], list[float]]:
    order = np.argsort(one.scores, kind="stable")
    groups = [group for group in np.array_split(order, _BINS) if len(group)]
    return [float(one.scores[g].mean()) for g in groups], [float(one.labels[g].mean()) for g in groups]
