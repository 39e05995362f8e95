"""How soon a worker is ready, and what the first and the second one take of memory."""

from __future__ import annotations

import sys
from itertools import repeat

from bench.findings import Finding, Section, Table, figure, middle
from bench.load import request, send
from bench.processes import serving

_COMMAND = (sys.executable, "-m", "service", "serve", "--port")


def measure(rounds: int) -> Section:
    """Two workers at a time, each its own process with its own store; both have answered before they are weighed."""
    body = b'{"text": "The ferry was late again.", "context": {"parent": "Which ferry?"}}'
    asked = repeat(request("/v1/score", body))
    seconds: list[float] = []
    alone: list[float] = []
    both: list[float] = []
    for _ in range(rounds):
        with serving(_COMMAND, "/readyz") as first:
            send(first.port, asked, connections=1, seconds=0.05)
            alone.append(first.megabytes)
            with serving(_COMMAND, "/readyz") as second:
                send(second.port, asked, connections=1, seconds=0.05)
                both.append(first.megabytes + second.megabytes)
                seconds += [first.ready_seconds, second.ready_seconds]
    added = middle([two - one for one, two in zip(alone, both, strict=True)])
    rows = [
        ["seconds from the start to ready", figure(middle(seconds))],
        ["proportional set size of the only worker, MB", figure(middle(alone))],
        ["of each of two, MB", figure(middle(both) / 2)],
        ["what the second adds, MB", figure(added)],
    ]
    note = "Proportional set size: pages that processes share are divided among them (smaps_rollup). MB is 10⁶ bytes."
    return Section(
        "A worker",
        "python -m bench --only startup",
        [Table(("`python -m service serve`", "figure"), rows, note)],
        [
            Finding("a worker is ready", "s after its start", middle(seconds), 1.5),
            Finding("proportional set size of the second worker", "MB", middle(both) / 2, 150.0),
        ],
    )
