"""A real server for the tests, on loopback, with the shipped bundle."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]

Serve = Callable[..., httpx.Client]


#: Where servers keep their stores that are not told where: each a file of its own, gone when the tests are done.
STORES = tempfile.TemporaryDirectory(prefix="verger-tests-")


def fresh_store() -> str:
    """The path of a store that nobody else uses."""
    return str(Path(tempfile.mkdtemp(dir=STORES.name)) / "verger.db")


def environment(**settings: str) -> dict[str, str]:
    """This process's environment with those settings and no others, but for a store and a folder of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VERGER_")}
    settings = {"store": fresh_store(), "labels": str(Path(STORES.name) / "labels"), **settings}
    return inherited | {f"VERGER_{name.upper()}": value for name, value in settings.items()}


@contextmanager
def running(**settings: str) -> Iterator[httpx.Client]:
    """``python -m service serve`` with those settings on a free port, and a client that talks to it."""
    command = [sys.executable, "-W", "error", "-m", "service", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(**settings), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            greeting = server.stdout.readline()
            address = re.search(r"http://\S+:\d+", greeting)
            assert address, f"the server said {greeting!r}"
            with httpx.Client(base_url=address[0], timeout=30) as client:
                yield client
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Starts servers that live until the tests are done; each set of settings is started once."""
    with ExitStack() as servers:
        started: dict[tuple[tuple[str, str], ...], httpx.Client] = {}

        def start(**settings: str) -> httpx.Client:
            key = tuple(sorted(settings.items()))
            if key not in started:
                started[key] = servers.enter_context(running(**settings))
            return started[key]

        yield start


@pytest.fixture(scope="session")
def client(serve: Serve) -> httpx.Client:
    """Talks to a server in open mode with every setting at its default."""
    return serve()
