"""``POST /v1/score/batch`` with NDJSON: one comment a line in, one answer a line out, of any length."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

NDJSON = {"Content-Type": "application/x-ndjson"}


def stream(client: httpx.Client, body: bytes | Iterator[bytes]) -> list[dict[str, Any]]:
    response = client.post("/v1/score/batch", content=body, headers=NDJSON)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def lines(*comments: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(comment).encode() + b"\n" for comment in comments)


def test_each_as_if_alone(client: httpx.Client) -> None:
    """A stream gives, in order, what each comment gets by itself; the last line needs no line feed."""
    comments: list[dict[str, Any]] = [
        {"text": "Good morning"},
        {"text": "What the fuck", "explain": True},
        {"text": "Bye", "lang": "en"},
    ]
    alone = [client.post("/v1/score", json=comment).json() for comment in comments]
    assert stream(client, lines(*comments)) == stream(client, lines(*comments)[:-1]) == alone


def test_one_bad_line_fails_alone(client: httpx.Client) -> None:
    """Its problem stands in its place with the line's number, blank lines counted; the stream goes on."""
    good = lines({"text": "Hello"})
    body = good + b"\n \r\n" + b'{"text": \n' + good + rb'{"text": "\ud800"}' + b"\n" + good
    first, not_json, second, surrogate, third = stream(client, body)
    assert all("scores" in answer for answer in (first, second, third))
    assert (not_json["error"]["status"], not_json["error"]["line"]) == (400, 4)
    assert (surrogate["error"]["status"], surrogate["error"]["line"]) == (422, 6)
    assert surrogate["error"]["errors"][0]["pointer"] == "#/text"


def test_a_line_over_the_limit_fails_alone(client: httpx.Client) -> None:
    """A line is limited like a body of its own, and what is over is not kept."""
    good = lines({"text": "Hello"})
    first, too_long, last = stream(client, good + b'{"text": "' + b"a" * 5_000_000 + b'"}\n' + good)
    assert "scores" in first
    assert (too_long["error"]["status"], too_long["error"]["line"]) == (413, 2)
    assert "scores" in last


def test_an_empty_stream(client: httpx.Client) -> None:
    """Nothing in, nothing out."""
    assert stream(client, b"") == stream(client, b"\n\n") == []


def test_answers_come_while_lines_are_still_sent(client: httpx.Client) -> None:
    """Both directions are open at once: the first answer is there before the second comment is sent."""
    host, port = client.base_url.host, client.base_url.port
    head = f"POST /v1/score/batch HTTP/1.1\r\nHost: {host}\r\nContent-Type: {NDJSON['Content-Type']}\r\n"
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        received = b""
        for number in (1, 2, 3):
            line = lines({"text": f"Comment {number}"})
            connection.sendall(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            while received.count(b'"bundle"') < number:
                received += connection.recv(65_536)
        connection.sendall(b"0\r\n\r\n")
        while not received.endswith(b"0\r\n\r\n"):
            received += connection.recv(65_536)


def test_a_client_that_sends_everything_first(client: httpx.Client) -> None:
    """httpx reads nothing before it has sent all: the answers wait in the spool, and none is lost or out of order."""
    count = 30_000

    def comments() -> Iterator[bytes]:
        for number in range(0, count, 100):
            some = range(number, number + 100)
            yield lines(*({"text": f"Comment {one}", "heads": ["spoiler"], "lang": f"xx-{one}"} for one in some))

    answers = stream(client, comments())
    assert [answer["language"]["code"] for answer in answers] == [f"xx-{number}" for number in range(count)]


def test_a_client_that_never_reads_is_given_up(serve: Callable[..., httpx.Client]) -> None:
    """When the spool is full and nobody reads for so long, the stream ends; others are served all the while."""
    client = serve(spool_mib="1", stall_seconds="0.5")
    host, port = client.base_url.host, client.base_url.port
    head = f"POST /v1/score/batch HTTP/1.1\r\nHost: {host}\r\nContent-Type: {NDJSON['Content-Type']}\r\n"
    block = lines({"text": "Hello"}) * 1_000

    def send_while_others_are_served(connection: socket.socket) -> None:
        for number in range(10_000):
            connection.sendall(block)
            assert number % 100 or client.post("/v1/score", json={"text": "Hello"}).status_code == 200

    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(f"{head}Content-Length: {len(block) * 10_000}\r\n\r\n".encode())
        with pytest.raises(ConnectionError):
            send_while_others_are_served(connection)
    counted = 'verger_requests_total{method="POST",route="/v1/score/batch",status="200"} 1.0'
    assert counted in client.get("/metrics").text


def test_a_client_that_leaves_hurts_nobody(client: httpx.Client) -> None:
    """Going away in the middle of a stream ends that stream only."""
    host, port = client.base_url.host, client.base_url.port
    head = f"POST /v1/score/batch HTTP/1.1\r\nHost: {host}\r\nContent-Type: {NDJSON['Content-Type']}\r\n"
    for _ in range(5):
        with socket.create_connection((host, port), timeout=10) as connection:
            connection.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + lines({"text": "Hello"}) * 100)
    assert len(stream(client, lines({"text": "Hello"}) * 100)) == 100
