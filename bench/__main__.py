"""``python -m bench``: measure, print the tables, and write ``docs/benchmarks.md`` with its plots.

Takes some four minutes, and longer the first time, when other engines are installed under ``var/bench/``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import contest, engine, machine, over_http, queue, second_tier, startup, storing
from bench.findings import Section
from bench.report import write

MEASURED: dict[str, Callable[[argparse.Namespace], Section]] = {
    "engine": lambda options: engine.measure(options.rounds),
    "http": lambda options: over_http.measure(options.rounds, options.seconds),
    "engines": lambda options: contest.measure(options.rounds),
    "second-tier": lambda options: second_tier.measure(options.rounds),
    "startup": lambda options: startup.measure(min(options.rounds, 3)),
    "storing": lambda options: storing.measure(min(options.rounds, 3), options.postgresql),
    "queue": lambda options: queue.measure(options.postgresql),
}


def main() -> int:
    """The exit code: 0 measured, whatever the figures are."""
    options = _parser().parse_args()
    before, start = os.getloadavg()[0], time.monotonic()
    sections = []
    for name in options.only or MEASURED:
        print(f"{name} …", file=sys.stderr, flush=True)
        sections.append(MEASURED[name](options))
        print(sections[-1].markdown(), flush=True)
    for finding in (one for section in sections for one in section.findings):
        print(" · ".join(finding.row()))
    if not options.only:
        write(sections, options.out, machine.told(before), time.monotonic() - start)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MEASURED, help="measure these and write no file")
    parser.add_argument("--rounds", type=int, default=5, help="turns that each figure is the median of (%(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of load on a server in a turn (%(default)s)")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database to store into")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder of benchmarks.md (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
