"""What a second look costs: the encoder, an article's first time, and a worker that has it. One thread."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from bench.engine import BUNDLE
from bench.findings import Section, Table, figure, middle
from bench.load import request, send
from bench.processes import serving
from bench.texts import Talk
from models.bundle import Bundle
from models.comment import Comment
from models.encoder import EncoderMissing

_TITLE, _COMMAND = "Second tier", "python -m bench --only second-tier"
_SERVE = (sys.executable, "-m", "service", "serve", "--port")
_LENGTHS = (100, 400, 2_000)
#: Comments of each length, and articles, in a round.
_COMMENTS, _ARTICLES = 20, 5


def measure(rounds: int) -> Section:
    """Every comment is in doubt here, for all heads that look again; none is scored twice."""
    bundle = Bundle.load(BUNDLE)
    if bundle.manifest.second_tier is None:
        return Section(_TITLE, _COMMAND, [], skipped=["the shipped bundle has no second tier"])
    try:
        bundle.turn_on()
    except EncoderMissing as missing:
        return Section(_TITLE, _COMMAND, [], skipped=[str(missing)])
    costs, talk = _Costs(), Talk(bundle)
    for _ in range(rounds):
        _round(bundle, talk, costs)
    shares = {one.head.name: one.share for one in bundle.manifest.second_tier.heads}
    return Section(_TITLE, _COMMAND, [costs.table(), costs.throughput(shares), _worker(min(rounds, 3))])


@dataclass(slots=True)
class _Costs:
    """Milliseconds of processor time, a figure a round."""

    first: dict[int, list[float]] = field(default_factory=lambda: {length: [] for length in _LENGTHS})
    second: dict[int, list[float]] = field(default_factory=lambda: {length: [] for length in _LENGTHS})
    articles: list[float] = field(default_factory=list)

    def table(self) -> Table:
        rows = [
            [f"a comment of {length:,} characters", figure(first := middle(self.first[length])),
             figure(second := middle(self.second[length])), f"{second / first:.0f} ×"]
            for length in _LENGTHS
        ]  # fmt: skip
        rows.append(["an article's first time, beside its comment's", "–", figure(middle(self.articles)), "–"])
        note = "Processor time. The article is known, but in the last row; an article there has twelve paragraphs."
        return Table(("looked at", "first tier, ms", "second tier beside it, ms", "ratio"), rows, note)

    def throughput(self, shares: dict[str, float]) -> Table:
        first, second = middle(self.first[400]), middle(self.second[400])
        # Doubts of two heads may be about the same comment, whose text is then encoded once.
        cases = {"none in doubt": 0.0, "the shares of the reference mixes": min(1.0, sum(shares.values())), "all": 1.0}
        rows = [[name, f"{share:.0%}", figure(1e3 / (first + share * second))] for name, share in cases.items()]
        note = "From the figures above for 400 characters, one comment in a call, first tier and second on one core."
        return Table(("comments in doubt", "share at most", "comments a second"), rows, note)


def _round(bundle: Bundle, talk: Talk, costs: _Costs) -> None:
    for length in _LENGTHS:
        comments = talk.comments(_COMMENTS, length)
        costs.first[length].append(_milliseconds(lambda one: bundle.first_scores([one]), comments))
        costs.second[length].append(_milliseconds(bundle.second_scores, comments) - costs.first[length][-1])
    known = middle(costs.second[400]) + middle(costs.first[400])
    fresh = [Comment(talk.text(400), article) for article in talk.articles(_ARTICLES)]
    costs.articles.append(_milliseconds(bundle.second_scores, fresh) - known)


def _milliseconds(score: Callable[[Comment], object], comments: Sequence[Comment]) -> float:
    score(comments[0])
    start = time.process_time()
    for comment in comments[1:]:
        score(comment)
    return (time.process_time() - start) / (len(comments) - 1) * 1e3


def _worker(rounds: int) -> Table:
    """Memory and start, with the second tier off and on."""
    body = b'{"text": "The ferry was late again.", "context": {"parent": "Which ferry?"}}'
    found: dict[str, tuple[list[float], list[float]]] = {"false": ([], []), "true": ([], [])}
    for _ in range(rounds):
        for on, (megabytes, seconds) in found.items():
            with serving(_SERVE, "/readyz", {"VERGER_SECOND_TIER": on}) as server:
                send(server.port, repeat(request("/v1/score", body)), connections=1, seconds=0.05)
                megabytes.append(server.megabytes)
                seconds.append(server.ready_seconds)
    rows = [
        [name, *(figure(middle(found[on][which])) for on in found)]
        for which, name in ((0, "proportional set size of the only worker, MB"), (1, "seconds until ready"))
    ]
    return Table(("a worker", "off", "on"), rows)
