"""NDJSON in both directions at once: one comment a line in, one answer a line out, in order, of any length."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.api import limits
from service.api.body import NDJSON, too_large
from service.api.lines import Line, LineReader
from service.api.results import Results
from service.api.spool import Spool, Stalled
from service.api.submissions import read_comment
from service.domain import Submission
from service.errors import InvalidInput, OtherSite, ServiceError
from service.principals import Principal

log = logging.getLogger("verger.scoring")

GROUP_LINES: Final = 64
ABORT: Final = "abort"
"""In a request's ``scope["state"]``: what closes its connection at once, unread answers or not."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How many bytes of answers may wait for the client, and how long a full spool may stay full."""

    spool_bytes: int
    stall_seconds: float


class StreamedScores(Response):
    """Reads while it writes. Most clients send everything before they read anything, so answers wait in a spool."""

    media_type = NDJSON

    def __init__(self, results: Results, stream_limits: StreamLimits, request_id: str, principal: Principal) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._results = results
        self._limits = stream_limits
        self._request_id = request_id
        self._principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ends when all is answered, or the client is gone, or it does not read; then the answer stays unfinished."""
        kept = Spool(limit=self._limits.spool_bytes, stall_seconds=self._limits.stall_seconds)
        with closing(kept) as spool:
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._read(receive, spool))
                    both.create_task(self._write(send, spool))
            except* ClientDisconnect:
                log.info("stream left by its client", extra={"request_id": self._request_id})
            except* Stalled:
                log.warning("stream ended: its answers are not read", extra={"request_id": self._request_id})
                await _abort(scope, receive)

    async def _write(self, send: Send, spool: Spool) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        while data := await spool.take():
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _read(self, receive: Receive, spool: Spool) -> None:
        reader = LineReader(limits.BODY_BYTES)
        has_more = True
        while has_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            has_more = message.get("more_body", False)
            lines = list(reader.feed(message.get("body", b"")))
            if not has_more:
                lines += reader.finish()
            for start in range(0, len(lines), GROUP_LINES):
                await spool.put(await self._answer(lines[start : start + GROUP_LINES]))
        await spool.end()

    async def _answer(self, lines: Sequence[Line]) -> bytes:
        comments = [_comment(line, self._principal) for line in lines]
        answers = await self._results.of(comments, self._request_id)
        for line, answer in zip(lines, answers, strict=True):
            if "error" in answer:
                answer["error"]["line"] = line.number
        return b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers)


async def _abort(scope: Scope, receive: Receive) -> None:
    if ABORT in scope["state"]:
        scope["state"][ABORT]()
        while (await receive())["type"] != "http.disconnect":
            pass


def _comment(line: Line, principal: Principal) -> Submission | ServiceError:
    if line.content is None:
        return too_large(limits.BODY_BYTES)
    try:
        return read_comment(line.content, principal)
    except (InvalidInput, OtherSite) as error:
        return error
