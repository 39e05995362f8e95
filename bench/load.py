"""A bounded load: so many connections, each sending its next request when the last one was answered."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import uvloop

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
#: Seconds after which a server that stopped answering is given up.
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. Latencies are milliseconds, in order."""

    requests: int
    seconds: float
    latencies: Sequence[float]
    #: CPU of the sender for one request, in µs: what it adds to a latency when it is not zero.
    sender_cost: float

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def request(path: str, body: bytes) -> bytes:
    """A whole request for a JSON body."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def send(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Load:
    """Send what an endless iterator gives until the time is up.

    Raises:
        RuntimeError: a request was answered with anything but 200.
    """
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        latencies = runner.run(_send(port, requests, connections, start + seconds))
    elapsed = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Load(len(latencies), elapsed, sorted(latencies), spent / len(latencies) * 1e6)


async def _send(port: int, requests: Iterator[bytes], connections: int, deadline: float) -> list[float]:
    loop = asyncio.get_running_loop()
    senders = [_Sender(requests, deadline, loop) for _ in range(connections)]
    connected: list[_Sender] = []
    try:
        for sender in senders:
            await loop.create_connection(lambda sender=sender: sender, "127.0.0.1", port)  # type: ignore[misc]
            connected.append(sender)
        await asyncio.wait_for(asyncio.gather(*(sender.done for sender in senders)), _PATIENCE)
    finally:
        # A loop that is closed with connections open may fail at that.
        for sender in connected:
            sender.abort()
        await asyncio.gather(*(sender.lost for sender in connected))
    return [one for sender in senders for one in sender.latencies]


class _Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, waiting: Iterator[bytes], deadline: float, loop: asyncio.AbstractEventLoop) -> None:
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self._waiting = waiting
        self._deadline = deadline
        self._received = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's by what they do, not by descent.
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        end = self._received.find(_END)
        if end < 0 or len(self._received) < end + len(_END) + _length(self._received[:end]):
            return
        self.latencies.append((time.perf_counter() - self._sent) * 1e3)
        status, self._received = self._received[9:12], b""
        if status != b"200":
            self._end(RuntimeError(f"answered {status.decode()}"))
        elif time.perf_counter() < self._deadline:
            self._next()
        else:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or RuntimeError("the server hung up"))
        self.lost.set_result(None)

    def abort(self) -> None:
        """Close the connection without waiting for anything."""
        self._transport.abort()

    def _next(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(next(self._waiting))

    def _end(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None) if error is None else self.done.set_exception(error)
            self._transport.close()


def _length(head: bytes) -> int:
    """The answer's Content-Length; every server here sends one."""
    head = head.lower()
    at = head.index(_LENGTH) + len(_LENGTH)
    return int(head[at:].partition(b"\r\n")[0])
