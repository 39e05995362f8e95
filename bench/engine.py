"""What scoring costs without HTTP: alone, in batches, and on hostile text. One thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.texts import comments, hostile
from models.bundle import Bundle
from models.comment import Comment

BUNDLE = Path("models/default")
_ROUNDS = 5
MARKS = 40_000


def report() -> Iterator[str]:
    """Lines of Markdown."""
    bundle = Bundle.load(BUNDLE)
    made = comments(1_000)
    bundle.score(made)
    yield "## Engine: three heads, 400 characters, the article's vectors remembered\n"
    yield "| comments in a call | µs a comment | against one at a time |"
    yield "|---|---|---|"
    alone = best(lambda: [bundle.score([one]) for one in made[:200]]) / 200
    for size in (1, 64, 1_000):
        cost = alone if size == 1 else best(partial(_in_batches, bundle, made, size)) / len(made)
        yield f"| {size:,} | {cost * 1e6:.0f} | {cost / alone:.2f} × |"
    yield "\n## Hostile text: 20,000 characters in one comment, never seen before\n"
    yield "| text | ms | against ordinary talk |"
    yield "|---|---|---|"
    texts = hostile()
    ordinary = _first_time(bundle, texts["ordinary talk"])
    for name, text in texts.items():
        cost = _first_time(bundle, text)
        yield f"| {name} | {cost * 1e3:.1f} | {cost / ordinary:.1f} × |"
    marks = _first_time(bundle, "e" + "\u0301" * MARKS)
    yield f"| {MARKS:,} combining marks (target 50 ms) | {marks * 1e3:.1f} | {marks / ordinary:.1f} × |"


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few rounds: what the machine's other work disturbed least."""
    return min(_seconds(work) for _ in range(_ROUNDS))


def _first_time(bundle: Bundle, text: str) -> float:
    """Seconds to read and score with nothing of the text remembered."""

    def work() -> None:
        bundle.parts.reader.forget()
        bundle.score([Comment(text)])

    return best(work)


def _in_batches(bundle: Bundle, made: list[Comment], size: int) -> None:
    for start in range(0, len(made), size):
        bundle.score(made[start : start + size])


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
