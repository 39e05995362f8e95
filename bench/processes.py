"""Processes that are measured from outside: started, waited for, their CPU and memory read from /proc, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_READY_SECONDS = 90.0


class NotReady(RuntimeError):
    """A process did not do what it was started for; the message holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running HTTP server on loopback."""

    port: int
    pid: int
    #: From the start of the process to its first good answer.
    ready_seconds: float

    @property
    def cpu_seconds(self) -> float:
        """User and system time of the process tree so far, to a hundredth."""
        return sum(_cpu(pid) for pid in tree(self.pid))

    @property
    def megabytes(self) -> float:
        """Proportional set size of the process tree: shared pages count by share."""
        return sum(_proportional_kib(pid) for pid in tree(self.pid)) * 1024 / 1e6


@contextlib.contextmanager
def serving(command: Sequence[str], path: str, extra: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server that gets its port as the command's last word, ready when ``path`` answers 200; stopped at the end.

    Raises:
        NotReady: it ended, or did not answer in time.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VERGER_")}
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+b") as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, str(port)],
            env={**environment, "VERGER_STORE": f"{folder}/verger.db", **(extra or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_ready(process, port, path, log.name)
            yield Server(port, process.pid, time.perf_counter() - start)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Politely, and after ten seconds not so."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """One that nobody listens on just now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, children.read_text().split())
    return found


def _await_ready(process: subprocess.Popen[bytes], port: int, path: str, log: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(port, path):
            return
        time.sleep(0.01)
    said = Path(log).read_text(errors="replace").strip()[-500:]
    raise NotReady(f"it {'did not answer in time' if process.poll() is None else 'ended'}: {said}")


def _answers(port: int, path: str) -> bool:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(request.encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _cpu(pid: int) -> float:
    # The name, in brackets, may hold spaces; user and system time are the 12th and 13th field after it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _proportional_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
