"""Requests put to an app without a socket, down to the pieces that a body comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

JSON = (b"content-type", b"application/json")
NDJSON = (b"content-type", b"application/x-ndjson")


@dataclass(frozen=True)
class Asked:
    """One request. Of a body that is null nothing comes: its sender is gone."""

    method: str = "POST"
    path: str = "/v1/score"
    headers: Sequence[tuple[bytes, bytes]] = (JSON,)
    body: Sequence[bytes | None] = (b'{"text": "Hello"}',)
    query: bytes = b""


@dataclass
class Answer:
    """What was sent back, and what the app wrote on the request."""

    scope: dict[str, Any]
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @property
    def sent(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """All that its caller sees."""
        return self.status, self.headers, self.body


async def ask(app: FastAPI, asked: Asked) -> Answer:
    """The whole answer."""
    pieces = _pieces(asked.body)
    raw = asked.path.encode()
    answer = Answer(
        {
            "type": "http",
            "http_version": "1.1",
            "method": asked.method,
            "scheme": "http",
            "path": asked.path,
            "raw_path": raw,
            "root_path": "",
            "query_string": asked.query,
            "headers": [(b"host", b"localhost"), (b"x-request-id", b"the-same"), *asked.headers],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8_000),
            "state": {},
        }
    )

    async def receive() -> dict[str, Any]:
        for piece in pieces:
            return piece
        await asyncio.Event().wait()  # Connected, and silent.
        return {}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status, answer.headers = message["status"], list(message["headers"])
        else:
            answer.body += message.get("body", b"")

    await app(answer.scope, receive, send)
    return answer


def _pieces(body: Sequence[bytes | None]) -> Iterator[dict[str, Any]]:
    for number, piece in enumerate(body, 1):
        if piece is None:
            yield {"type": "http.disconnect"}
        else:
            yield {"type": "http.request", "body": piece, "more_body": number < len(body)}
