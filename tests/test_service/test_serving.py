"""``python -m service serve`` as a process: its socket, its signals, and heads of requests that never end."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from service.serving import Cycle
from tests.test_service.conftest import ROOT, environment


@contextmanager
def process(*, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """A server, its greeting, and the port it says it listens on."""
    command = [sys.executable, "-m", "service", "serve", "--port", str(port)]
    # A shell that runs the tests in its background ignores this signal, and children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        greeting = server.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)", greeting)
        try:
            yield server, greeting, int(address[1]) if address else 0
        finally:
            server.kill()


def test_the_greeting_says_open_mode_and_holds_at_once() -> None:
    """Whoever reads the address can connect to it: the socket listens before the line is printed."""
    with process() as (_, greeting, port):
        assert "open mode" in greeting
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200


def test_a_port_in_use() -> None:
    """2, one line with the reason and the address; nothing is greeted."""
    with socket.create_server(("127.0.0.1", 0)) as taken, process(port=taken.getsockname()[1]) as (server, greeting, _):
        _, told = server.communicate(timeout=60)
        assert (server.returncode, greeting) == (2, "")
        assert "in use" in told
        assert str(taken.getsockname()[1]) in told
        assert told.count("\n") == 1


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_stopped_by_a_signal(stop: signal.Signals, code: int) -> None:
    """It ends without a traceback."""
    with process() as (server, _, port):
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
        server.send_signal(stop)
        assert server.communicate(timeout=60) == ("", "")
        assert server.returncode == code


def test_what_is_under_way_is_finished() -> None:
    """A stream that is open when the signal comes is answered to its end; new connections are not."""
    line = json.dumps({"text": "Hello"}).encode() + b"\n"
    chunk = f"{len(line):x}\r\n".encode() + line + b"\r\n"
    head = b"POST /v1/score/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    with process() as (server, _, port), socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        received = b""
        connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
        while b'"bundle"' not in received:
            received += connection.recv(65_536)
        server.send_signal(signal.SIGTERM)
        wait_until_refused(port)
        connection.sendall(chunk + b"0\r\n\r\n")
        while not received.endswith(b"0\r\n\r\n"):
            part = connection.recv(65_536)
            assert part, "cut off"
            received += part
        assert received.count(b'"bundle"') == 2
        assert server.wait(timeout=60) == -signal.SIGTERM


def wait_until_refused(port: int) -> None:
    """Until nothing listens there any more."""
    for _ in range(100_000):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=30).close()
        except ConnectionError:
            return
    pytest.fail("still listening")


def send_for_ever(connection: socket.socket, piece: bytes) -> None:
    """Until the other side has closed, or 100 MB are sent."""
    for _ in range(10**8 // len(piece)):
        connection.sendall(piece)


@pytest.mark.parametrize("piece", [b"a" * 10_000, b"\r\nX-More: 1234567890" * 500])
def test_a_head_without_an_end_is_cut_off(client: httpx.Client, piece: bytes) -> None:
    """One header or many, 100 MB of them: the connection is closed after a little, so that nobody fills the memory."""
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            send_for_ever(connection, piece)
    assert client.get("/readyz").status_code == 200


def test_a_long_head_is_read(client: httpx.Client) -> None:
    """Cookies and the like may be long."""
    assert client.get("/readyz", headers={"Cookie": "a" * 30_000}).status_code == 200


class Wire(asyncio.Transport):
    """Remembers what goes out together."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def close(self) -> None:
        """Nothing more is to come."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))


HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n"


def cycle(wire: Wire, *, method: str = "POST", keep_alive: bool = True) -> Cycle:
    """One exchange, as uvicorn begins it."""
    log = logging.getLogger("uvicorn.error")
    return Cycle(
        {"type": "http", "method": method},  # type: ignore[typeddict-item]
        wire,
        FlowControl(wire),
        log,
        log,
        access_log=False,
        default_headers=[],
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=keep_alive,
        on_response=lambda: wire.sent.append(b"over"),
    )


def sent(exchange: Cycle, wire: Wire, headers: list[tuple[bytes, bytes]], *bodies: bytes) -> list[bytes]:
    """What goes out for an answer in so many pieces, one after the other."""

    async def answer() -> None:
        await exchange.send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, body in enumerate(bodies, 1):
            await exchange.send({"type": "http.response.body", "body": body, "more_body": number < len(bodies)})

    asyncio.run(answer())
    return wire.sent


@pytest.mark.parametrize(
    ("headers", "bodies", "writes"),
    [
        ([(b"content-length", b"4")], [b"body"], [HEAD + b"body"]),
        ([(b"content-length", b"4")], [b"bo", b"dy"], [HEAD, b"bo", b"dy"]),
        ([(b"content-length", b"4")], [], []),
        ([], [], [CHUNKED]),
        ([], [b"body"], [CHUNKED, b"4\r\nbody\r\n0\r\n\r\n"]),
        ([(b"content-length", b"4"), (b"connection", b"close")], [b"body"], [LAST, b"body"]),
    ],
)
def test_head_and_body_go_out_together(
    headers: list[tuple[bytes, bytes]], bodies: list[bytes], writes: list[bytes]
) -> None:
    """Where the head says how long the body is, and it comes in one piece. A stream's head never waits."""
    wire = Wire()
    assert sent(cycle(wire), wire, headers, *bodies) == writes + [b"over"] * bool(bodies)


LENGTH = [(b"content-length", b"4"), (b"x-request-id", b"1")]


def test_uvicorn_itself_would_say_the_same() -> None:
    """It answers HEAD, the last one on a connection, and whoever is slow to read."""
    whole, head, last, slow = (Wire() for _ in range(4))
    sent(cycle(whole), whole, LENGTH, b"body")
    sent(cycle(head, method="HEAD"), head, LENGTH, b"body")
    sent(cycle(last, keep_alive=False), last, LENGTH, b"body")
    asyncio.run(resumed(cycle(slow), slow))
    told = b"".join(whole.sent)
    assert b"".join(head.sent) == told.replace(b"body", b"")
    assert b"".join(last.sent) == told.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    assert b"".join(slow.sent) == told


async def resumed(slow: Cycle, wire: Wire) -> None:
    """Nothing goes out before the reader goes on."""
    slow.flow.pause_writing()
    await slow.send({"type": "http.response.start", "status": 200, "headers": LENGTH})
    answering = asyncio.create_task(slow.send({"type": "http.response.body", "body": b"body"}))
    await asyncio.sleep(0)
    assert wire.sent == []
    slow.flow.resume_writing()
    await answering


@pytest.mark.parametrize("header", [(b"x-id", b"a\r\nset-cookie: b"), (b"x\r\nid", b"a")])
def test_no_header_holds_another(header: tuple[bytes, bytes]) -> None:
    """One line each, whatever somebody put into it: else nothing is sent."""
    wire = Wire()
    with pytest.raises(RuntimeError):
        sent(cycle(wire), wire, [(b"content-length", b"4"), header], b"body")
    assert wire.sent == []


def answer_to(client: httpx.Client, request: bytes) -> bytes:
    """All that comes back until the other side closes."""
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=30) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_an_answer_without_a_body_is_sent(client: httpx.Client) -> None:
    """HEAD gets the head alone."""
    told = answer_to(client, b"HEAD /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 405 ")
    assert told.endswith(b"\r\n\r\n")


def test_whoever_asks_before_sending_is_told_to_go_on(client: httpx.Client) -> None:
    """100 first, then the answer; and two requests in a row on one connection get their answers in order."""
    body = b'{"text": "Hello"}'
    head = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 17\r\n"
    told = answer_to(client, head + b"Expect: 100-continue\r\nConnection: close\r\n\r\n" + body)
    assert told.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    twice = head + b"\r\n" + body + head + b"Connection: close\r\n\r\n" + body.replace(b"Hello", b"     ")
    first, second = re.findall(rb"HTTP/1.1 (\d+)", answer_to(client, twice))
    assert (first, second) == (b"200", b"422")
