"""What is sent is answered and counted, and what was started is stopped."""

from __future__ import annotations

import os
import sys
from itertools import cycle
from pathlib import Path

import pytest

from bench.load import request, send
from bench.processes import NotReady, serving

ECHO = (sys.executable, "-m", "bench.echo")
REFUSING = """
import sys
from itertools import cycle
from bench.echo import run
async def refuse(scope, receive, send):
    status = 200 if scope["method"] == "GET" else 503
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})
run(refuse, int(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ``bench`` can be imported from."""
    monkeypatch.chdir(Path(__file__).resolve().parents[2])


def test_every_request_is_answered_and_counted() -> None:
    """Several connections, bodies larger than a packet; the server's CPU and memory can be read meanwhile."""
    requests = [request("/", b"[%d]" % number * 20_000) for number in range(3)]
    with serving(ECHO, "/") as server:
        before = server.cpu_seconds
        load = send(server.port, cycle(requests), connections=4, seconds=0.3)
        assert load.requests == len(load.latencies) >= 4
        assert load.latencies == sorted(load.latencies)
        assert load.percentile(0.5) <= load.percentile(0.99) <= load.latencies[-1]
        assert server.cpu_seconds >= before
        assert server.megabytes > 1
        pid = server.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_refusal_is_not_counted_as_an_answer() -> None:
    """A server that sheds load would otherwise look fast."""
    with (
        serving((sys.executable, "-c", REFUSING), "/") as server,
        pytest.raises(RuntimeError, match="answered 503"),
    ):
        send(server.port, cycle([request("/", b"{}")]), connections=2, seconds=5)


def test_a_server_that_ends_is_reported_with_what_it_said() -> None:
    """Instead of waiting for it."""
    failing = (sys.executable, "-c", "raise SystemExit('no such bundle')")
    with pytest.raises(NotReady, match="it ended: no such bundle"), serving(failing, "/"):
        pytest.fail("it never listens")
