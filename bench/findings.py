"""What a measurement gives: tables to print, and figures held against what was promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads, with what has to be known to read them."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def markdown(self) -> str:
        """As a table of Markdown; all columns but the first are figures."""
        lines = [_line(self.heads), _line(["---", *["---:"] * (len(self.heads) - 1)]), *map(_line, self.rows)]
        return "\n".join(lines) + (f"\n\n{self.note}" if self.note else "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure and the bound that it should keep."""

    what: str
    unit: str
    value: float
    bound: float
    #: The bound is the least that will do, not the most.
    at_least: bool = False

    @property
    def is_kept(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def row(self) -> list[str]:
        """For the table of all findings."""
        sign = "≥" if self.at_least else "≤"
        return [
            self.what,
            f"{figure(self.value)} {self.unit}",
            f"{sign} {figure(self.bound)} {self.unit}",
            "yes" if self.is_kept else "**no**",
        ]


@dataclass(frozen=True, slots=True)
class Plot:
    """Named figures on one logarithmic axis: they lie far apart."""

    name: str
    title: str
    axis: str
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report."""

    title: str
    command: str
    tables: Sequence[Table]
    findings: Sequence[Finding] = ()
    plots: Sequence[Plot] = ()
    #: What could not be measured here, and why.
    skipped: Sequence[str] = field(default=())

    def markdown(self, plots: str | None = None) -> str:
        """With its plots as pictures from that folder, if there is one."""
        parts = [f"## {self.title}", f"`{self.command}`", *(table.markdown() for table in self.tables)]
        parts += [f"Not measured: {reason}" for reason in self.skipped]
        if plots is not None:
            parts += [f"![{plot.title}]({plots}/{plot.name}.svg)" for plot in self.plots]
        return "\n\n".join(parts) + "\n"


def figure(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def middle(values: Sequence[float]) -> float:
    """The median: what other work on the machine disturbed in some of the rounds leaves it alone."""
    return median(values)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
