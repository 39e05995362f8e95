"""Figures drawn as shapes of an SVG: bars by day and points of a calibration, in whole units of its view box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from service.domain import Action
from service.estimates import Bin
from service.numbers import Day

WIDTH: Final = 640
HEIGHT: Final = 180
SQUARE: Final = 220
_MARGIN: Final = 24
#: From the bottom up.
_STACKED: Final = (Action.ALLOW, Action.LABEL, Action.HOLD, Action.REJECT)
_LARGEST_POINT: Final = 9.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a day's column."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Columns:
    """Days side by side; ``top`` is what the highest one counts."""

    bars: Sequence[Bar]
    top: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Point:
    """One stretch of scores: promised from left to right, found from the bottom up, larger where more is known."""

    x: float
    y: float
    radius: float


def columns(days: Sequence[Day]) -> Columns | None:
    """What the machine decided day by day; null where there is nothing."""
    if not days:
        return None
    first, last = days[0].day, days[-1].day
    count = (last - first) // timedelta(days=1) + 1
    top = max(max(sum(day.machine.values()) for day in days), 1)
    step = WIDTH / max(count, 7)
    bars = [bar for day in days for bar in _bars(day, (day.day - first).days * step, step, top)]
    return Columns(bars, top, first, last)


def points(bins: Sequence[Bin]) -> list[Point]:
    """Where each stretch of scores lies; on the diagonal, people found what was promised."""
    most = max((one.count for one in bins), default=1)
    side = SQUARE - 2 * _MARGIN
    return [
        Point(
            x=round(_MARGIN + one.score * side, 1),
            y=round(SQUARE - _MARGIN - one.yes * side, 1),
            radius=round(max(_LARGEST_POINT * (one.count / most) ** 0.5, 2.5), 1),
        )
        for one in bins
    ]


def _bars(day: Day, x: float, step: float, top: int) -> list[Bar]:
    bars, y = [], float(HEIGHT)
    for action in _STACKED:
        height = day.machine.get(action, 0) / top * (HEIGHT - 8)
        if height:
            y -= height
            bars.append(
                Bar(action.value, round(x + step * 0.1, 1), round(y, 1), round(step * 0.8, 1), round(height, 1))
            )
    return bars
