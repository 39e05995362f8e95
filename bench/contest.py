"""Engines that a user would pick, beside ours: the same texts, in turns; they have one head, we have three."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.engine import BUNDLE
from bench.entrant import ENTRANTS
from bench.environments import REQUIREMENTS, NotInstalled, python_for
from bench.findings import Finding, Plot, Section, Table, figure, middle
from bench.processes import stop
from bench.texts import Talk
from models.bundle import Bundle

OURS, RIVAL = "verger", "alt-profanity-check"
_ALONE, _BATCH, _LEARNT = 200, 1_000, 3_000

Entered = dict[str, "subprocess.Popen[str]"]
Costs = dict[str, list[float]]


def measure(rounds: int) -> Section:
    """One warming round, then the counted ones, each with texts that nobody has seen."""
    skipped: list[str] = []
    with contextlib.ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "texts.json"
        file.write_text(json.dumps(_texts(rounds + 1)))
        entered = {name: one for name in ENTRANTS if (one := _enter(stack, name, file, skipped)) is not None}
        costs = {how: _rounds(entered, how, rounds) for how in ("alone", "batch")}
    return _section(costs["alone"], costs["batch"], skipped)


def _texts(rounds: int) -> dict[str, Sequence[object]]:
    talk = Talk(Bundle.load(BUNDLE), seed=2)
    return {
        "learn": talk.texts(_LEARNT),
        "alone": [talk.texts(_ALONE) for _ in range(rounds)],
        "batch": [talk.texts(_BATCH) for _ in range(rounds)],
    }


def _enter(stack: contextlib.ExitStack, name: str, file: Path, skipped: list[str]) -> subprocess.Popen[str] | None:
    try:
        python = sys.executable if name == OURS else python_for(name)
        return stack.enter_context(_running(python, name, file))
    except NotInstalled as error:
        skipped.append(f"{name}: {error}")
        return None


@contextlib.contextmanager
def _running(python: str, name: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [python, "-m", "bench.entrant", name, str(file)],
        env={**os.environ, **threads},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if _said(process) != "ready":
            raise NotInstalled("it does not start")
        yield process
    finally:
        stop(process)


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _rounds(entered: Entered, how: str, rounds: int) -> Costs:
    costs: Costs = {}
    for number in range(rounds + 1):
        for name, process in entered.items():
            assert process.stdin is not None
            process.stdin.write(f"{how} {number}\n")
            process.stdin.flush()
            if not (said := _said(process)):
                raise RuntimeError(f"{name} ended in the middle")
            cost = json.loads(said)
            if number and cost is not None:
                costs.setdefault(name, []).append(cost)
    return costs


def _section(alone: Costs, batch: Costs, skipped: Sequence[str]) -> Section:
    ours, together = middle(alone[OURS]), middle(batch[OURS])
    rows = [
        [
            _label(name),
            "3" if name == OURS else "1",
            figure(middle(each)),
            f"{middle(each) / ours:.2f} ×",
            figure(middle(batch[name])) if name in batch else "no such call",
            f"{middle(batch[name]) / together:.2f} ×" if name in batch else "",
        ]
        for name, each in alone.items()
    ]
    heads = ("engine", "heads", "alone, µs", "× ours", f"in batches of {_BATCH:,}, µs a comment", "× ours")
    note = "Generated comments of 400 characters, none seen before; one thread each; medians of rounds taken in turns."
    findings = []
    if RIVAL in alone:
        findings = [
            Finding(f"alone, against {RIVAL} (one head)", "× faster", middle(alone[RIVAL]) / ours, 20.0, at_least=True),
            Finding(
                f"in batches of {_BATCH:,}, against {RIVAL} (one head)",
                "× its speed",
                middle(batch[RIVAL]) / together,
                1.0,
                at_least=True,
            ),
        ]
    plots = [
        Plot("alone", "One comment of 400 characters, alone", "µs", _middles(alone)),
        Plot("batch", f"Comments of 400 characters in batches of {_BATCH:,}", "µs a comment", _middles(batch)),
    ]
    return Section(
        "Beside other engines", "python -m bench --only engines", [Table(heads, rows, note)], findings, plots, skipped
    )


def _middles(costs: Costs) -> dict[str, float]:
    return {_label(name): middle(each) for name, each in costs.items()}


def _label(name: str) -> str:
    """With the version that is measured."""
    if name == OURS:
        return "Verger"
    pinned = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{name}[a-z-]*==(\S+)", pinned, flags=re.MULTILINE)
    return f"{name} {found[1]}" if found else name
