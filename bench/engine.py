"""What scoring costs without HTTP: alone, in batches, by length, and on hostile text. One thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.findings import Finding, Section, Table, figure, middle
from bench.texts import ARTICLE, Talk, hostile
from models.bundle import Bundle
from models.comment import Comment

BUNDLE = Path("models/default")
MARKS = 40_000
_LONG = 20_000
_MARKS = f"{MARKS:,} combining marks"
#: Comments in a call, and how many are scored that way in a round.
_SIZES = {1: 150, 8: 240, 64: 640, 1_000: 1_000}
_NAMES = {1: "one comment", 64: "batches of 64, a comment", 1_000: "batches of 1,000, a comment"}
_READ_BEFORE = 3_000
_ORDINARY = "ordinary talk"
_LENGTHS = (100, 400, 2_000, 20_000)


def measure(rounds: int) -> Section:
    """No comment is scored twice; the article's vectors are remembered."""
    bundle = Bundle.load(BUNDLE)
    talk = Talk(bundle)
    costs = Costs()
    for _ in range(rounds):
        _round(bundle, talk, costs)
    slow = _hostile(bundle, talk, rounds)
    bounds = {1: 150.0, 64: 50.0, 1_000: 50.0}
    return Section(
        "Engine: three heads, one thread",
        "python -m bench --only engine",
        [costs.by_size(), costs.by_length(), costs.with_spans(), slow[0]],
        [
            *(Finding(f"engine, {_NAMES[size]}", "µs", middle(costs.sizes[size]), bounds[size]) for size in bounds),
            *slow[1:],
        ],
    )


@dataclass(slots=True)
class Costs:
    """µs a comment, a figure a round."""

    sizes: dict[int, list[float]] = field(default_factory=lambda: {size: [] for size in _SIZES})
    lengths: dict[int, list[float]] = field(default_factory=lambda: {length: [] for length in _LENGTHS})
    explained: list[float] = field(default_factory=list)

    def by_size(self) -> Table:
        alone = middle(self.sizes[1])
        rows = [
            [f"{size:,}", figure(middle(each)), figure(min(each)), f"{middle(each) / alone:.2f} ×"]
            for size, each in self.sizes.items()
        ]
        note = (
            f"The words of {_READ_BEFORE:,} other comments are remembered: about the middle of what a busy site sees."
        )
        return Table(
            ("comments of 400 characters in a call", "µs a comment", "best round", "against alone"), rows, note
        )

    def by_length(self) -> Table:
        rows = [
            [f"{length:,}", figure(middle(each)), figure(middle(each) / length * 1_000)]
            for length, each in self.lengths.items()
        ]
        return Table(("characters, one comment in a call", "µs", "µs for 1,000 characters"), rows)

    def with_spans(self) -> Table:
        alone, explained = middle(self.sizes[1]), middle(self.explained)
        rows = [["not asked for", figure(alone), "1.00 ×"]]
        rows.append(["asked for", figure(explained), f"{explained / alone:.2f} ×"])
        return Table(("spans, one comment in a call", "µs a comment", "against none"), rows)


def _round(bundle: Bundle, talk: Talk, costs: Costs) -> None:
    bundle.parts.reader.forget()
    bundle.score(talk.comments(_READ_BEFORE))
    for size, count in _SIZES.items():
        costs.sizes[size].append(_cost(bundle, talk.comments(count), size))
    for length in _LENGTHS:
        costs.lengths[length].append(_cost(bundle, talk.comments(max(2, 40_000 // length), length), 1))
    costs.explained.append(_cost(bundle, talk.comments(100), 1, explain=True))


def _hostile(bundle: Bundle, talk: Talk, rounds: int) -> tuple[Table, Finding, Finding]:
    """By what a text does: 2,000 characters of it, and ten times as many."""
    long = {_ORDINARY: talk.text(_LONG), **hostile(_LONG), _MARKS: "e" + "\u0301" * MARKS}
    short = {name: text[: len(text) // 10] for name, text in long.items()}
    costs = {name: (_first_time(bundle, text), _first_time(bundle, long[name])) for name, text in short.items()}
    for _ in range(rounds - 1):
        for name, (less, more) in costs.items():
            again = _first_time(bundle, short[name]), _first_time(bundle, long[name])
            costs[name] = min(less, again[0]), min(more, again[1])
    plain = costs[_ORDINARY][1]
    rows = [
        [name, f"{less:.2f}", f"{more:.1f}", f"{more / less:.1f} ×", f"{more / plain:.1f} ×"]
        for name, (less, more) in costs.items()
    ]
    heads = ("one comment of 20,000 characters", "a tenth of it, ms", "the whole, ms", "growth", "against talk")
    note = (
        "Nothing of the text is remembered; the best of the rounds. Linear is a growth of 10 × at most, but long talk"
        " nearly always holds a word that asks for a second look at the text, and short talk hardly ever does."
    )
    growth = max(more / less for name, (less, more) in costs.items() if name != _ORDINARY)
    return (
        Table(heads, rows, note),
        Finding("ten times the hostile text, worst kind (linear 10, quadratic 100)", "×", growth, 15.0),
        Finding(f"{MARKS:,} combining marks in one comment", "ms", costs[_MARKS][1], 50.0),
    )


def _first_time(bundle: Bundle, text: str) -> float:
    """Milliseconds to read and score with nothing of the text remembered."""
    bundle.parts.reader.forget()
    return _cost(bundle, [Comment(text, ARTICLE)], 1) / 1_000


def _cost(bundle: Bundle, comments: Sequence[Comment], size: int, *, explain: bool = False) -> float:
    """Microseconds a comment, so many in a call."""
    start = time.perf_counter()
    for first in range(0, len(comments), size):
        bundle.score(comments[first : first + size], explain=explain)
    return (time.perf_counter() - start) / len(comments) * 1e6
