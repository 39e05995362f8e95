"""What a request costs: the service, a raw ASGI echo and the tutorial design, on the same uvicorn, in turns."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from bench.engine import BUNDLE
from bench.findings import Finding, Plot, Section, Table, figure, middle
from bench.load import Load, request, send
from bench.processes import Server, serving
from bench.texts import Talk
from models.bundle import Bundle
from models.comment import Article

ECHO, VERGER, TUTORIAL = "raw ASGI echo", "Verger", "tutorial design"
UNSCORED = "Verger without its engine"
CONNECTIONS = 16
BATCH = 1_000
_BODIES, _BATCHES, _ARTICLES, _LEARNT = 12_000, 12, 20, 3_000


@dataclass(slots=True)
class Cost:
    """One server's rounds."""

    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    sender: list[float] = field(default_factory=list)

    def add(self, load: Load, cpu_seconds: float) -> None:
        self.cpu.append(cpu_seconds / load.requests * 1e6)
        self.rate.append(load.requests / load.seconds)
        self.middle.append(load.percentile(0.5))
        self.slow.append(load.percentile(0.99))
        self.sender.append(load.sender_cost)

    def row(self, name: str, raw: Cost) -> list[str]:
        cpu, rate, slow = middle(self.cpu), middle(self.rate), middle(self.slow)
        ratios = (
            f"{cpu / middle(raw.cpu):.2f} ×",
            f"{rate / middle(raw.rate):.3f} ×",
            f"{slow / middle(raw.slow):.2f} ×",
        )
        return [
            name,
            figure(cpu),
            ratios[0],
            figure(rate),
            ratios[1],
            figure(middle(self.middle)),
            figure(slow),
            ratios[2],
        ]


def measure(rounds: int, seconds: float) -> Section:
    """All are up at once; each round asks each in turn for so many seconds."""
    talk = Talk(Bundle.load(BUNDLE))
    requests, batches = _requests(talk)
    costs = {name: Cost() for name in (ECHO, VERGER, UNSCORED, TUTORIAL)}
    whole, around = Cost(), Cost()
    with _servers(talk.texts(_LEARNT)) as servers:
        # Each goes on where it stopped, so that a text comes back only after all the others.
        ahead = {name: cycle(requests) for name in servers}
        for name, server in servers.items():
            send(server.port, ahead[name], connections=CONNECTIONS, seconds=seconds / 2)
        batched = cycle(batches)
        for _ in range(rounds):
            for name, server in servers.items():
                _round(server, ahead[name], CONNECTIONS, seconds, costs[name])
            _round(servers[VERGER], batched, 1, seconds, whole)
            _round(servers[UNSCORED], batched, 1, seconds / 4, around)
    return _section(costs, whole, around)


def _requests(talk: Talk) -> tuple[list[bytes], list[bytes]]:
    contexts = [_context(article) for article in talk.articles(_ARTICLES)]
    bodies = [
        {"text": text, "context": contexts[number % _ARTICLES]} for number, text in enumerate(talk.texts(_BODIES))
    ]
    batches = [
        {"context": context, "comments": [{"text": text} for text in talk.texts(BATCH)]}
        for context in contexts[:_BATCHES]
    ]
    return (
        [request("/v1/score", json.dumps(body, ensure_ascii=False).encode()) for body in bodies],
        [request("/v1/score/batch", json.dumps(body, ensure_ascii=False).encode()) for body in batches],
    )


def _context(article: Article) -> dict[str, dict[str, str | None]]:
    return {"article": {"title": article.title, "body": article.body}}


@contextlib.contextmanager
def _servers(texts: list[str]) -> Iterator[dict[str, Server]]:
    with contextlib.ExitStack() as stack:
        learnt = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "texts.json"
        learnt.write_text(json.dumps(texts))
        python = (sys.executable, "-m")
        commands: dict[str, Sequence[str]] = {
            ECHO: (*python, "bench.echo"),
            VERGER: (*python, "service", "serve", "--port"),
            UNSCORED: (*python, "bench.unscored"),
            TUTORIAL: (*python, "bench.tutorial", str(learnt)),
        }
        yield {name: stack.enter_context(serving(command, "/healthz")) for name, command in commands.items()}


def _round(server: Server, requests: Iterator[bytes], connections: int, seconds: float, cost: Cost) -> None:
    before = server.cpu_seconds
    load = send(server.port, requests, connections=connections, seconds=seconds)
    cost.add(load, server.cpu_seconds - before)


def _section(costs: dict[str, Cost], whole: Cost, around: Cost) -> Section:
    raw, ours, theirs = costs[ECHO], costs[VERGER], costs[TUTORIAL]
    heads = ("`POST /v1/score`", "CPU µs a request", "× raw", "requests/s", "× raw", "p50 ms", "p99 ms", "× raw")
    sender = figure(middle(raw.sender))
    note = (
        f"{CONNECTIONS} connections; {_BODIES:,} different comments of 400 characters, each with one of {_ARTICLES}"
        " articles of 2,400 in its body. CPU is the server's process tree's. The sender, on another core where there is"
        f" one, takes {sender} µs a request, which every latency holds too. The tutorial reads the comment alone (words"
        " and pairs of words, three pipelines). Without its engine Verger does all but scoring: every comment gets the"
        " first one's scores."
    )
    each = 1e6 / middle(whole.cpu) * BATCH
    batch = [
        ["comments a second on one core (by CPU)", figure(each)],
        ["comments a second as the caller sees it, one connection", figure(middle(whole.rate) * BATCH)],
        ["CPU µs a comment", figure(middle(whole.cpu) / BATCH)],
        ["of it around the engine", figure(middle(around.cpu) / BATCH)],
    ]
    ratios = {VERGER: middle(ours.rate) / middle(theirs.rate)}
    return Section(
        "HTTP: one process, the same uvicorn",
        "python -m bench --only http",
        [
            Table(heads, [cost.row(name, raw) for name, cost in costs.items()], note),
            Table((f"`POST /v1/score/batch` of {BATCH:,}, one article", "figure"), batch),
        ],
        [
            Finding("`POST /v1/score`, CPU a request", "× raw", middle(ours.cpu) / middle(raw.cpu), 3.0),
            Finding("`POST /v1/score`, p99", "× raw", middle(ours.slow) / middle(raw.slow), 3.0),
            Finding("`POST /v1/score/batch`", "comments/s on one core", each, 15_000.0, at_least=True),
            Finding("requests a second against the tutorial design", "×", ratios[VERGER], 25.0, at_least=True),
        ],
        [
            Plot(
                "http", f"{CONNECTIONS} connections", "requests a second", {n: middle(c.rate) for n, c in costs.items()}
            )
        ],
    )
