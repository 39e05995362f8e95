"""``python -m service serve``: one process, one loop, one bundle."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from service.api.auth import require_key_beyond_loopback
from service.api.streams import ABORT
from service.app import Parts, create_app
from service.errors import StoreUnavailable
from service.settings import Settings
from service.storage.store import Store
from service.telemetry import configure_logs

HEAD_BYTES = 64 * 1024
_YOUNG_OBJECTS: Final = 20_000
"""As many more objects than were freed set the collector off: answers make few cycles. A batch of 1,000 comments makes
about as many."""


class Cycle(RequestResponseCycle):
    """Sends an answer of known length in one write: two are twice the work, for the kernel and for the caller.

    Anything else (streams, HEAD, the last one of a connection) goes as uvicorn sends it.
    """

    _start: MutableMapping[str, Any] | None = None
    """The head, held back until the body comes."""

    async def send(self, message: MutableMapping[str, Any]) -> None:  # type: ignore[override]
        start, self._start = self._start, None
        if start is not None:
            if self._is_whole(start, message):
                self._send_whole(start, message["body"])
                return
            await super().send(start)  # type: ignore[arg-type]
        elif not self.response_started and message["type"] == "http.response.start" and self.keep_alive:
            names = {name for name, _ in message["headers"]}
            if b"content-length" in names and b"connection" not in names and self.scope["method"] != "HEAD":
                self._start = message
                return
        await super().send(message)  # type: ignore[arg-type]

    def _is_whole(self, start: MutableMapping[str, Any], message: MutableMapping[str, Any]) -> bool:
        """And nobody has to be waited for, or is gone."""
        if message.get("more_body") or self.flow.write_paused or self.disconnected or not self.keep_alive:
            return False
        return (b"content-length", b"%d" % len(message["body"])) in start["headers"]

    def _send_whole(self, start: MutableMapping[str, Any], body: bytes) -> None:
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        lines = [_line(name, value) for name, value in (*self.default_headers, *start["headers"])]
        self.transport.write(b"".join((STATUS_LINE[start["status"]], *lines, b"\r\n", body)))
        self.message_event.set()
        self.on_response()


@lru_cache(maxsize=256)  # Of an answer's ten all but two are those of every answer.
def _line(name: bytes, value: bytes) -> bytes:
    """A line of a head. Raises ``RuntimeError`` where it would be more than one."""
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError("Invalid HTTP header.")
    return b"%b: %b\r\n" % (name, value)


# uvicorn is not to be told in any other way.
httptools_impl.RequestResponseCycle = Cycle  # type: ignore[misc]


class Protocol(HttpToolsProtocol):
    """HTTP/1.1 with an end to how much a request's head may hold; httptools knows none, and every byte of it is kept.

    httptools, unlike h11, refuses a request with both Content-Length and Transfer-Encoding.
    """

    _head_bytes: int | None = None
    """What came of a head that is not complete; null outside of one."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        # Closing politely waits for a client that does not read.
        self.scope["state"][ABORT] = self.transport.abort
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._head_bytes = None


def serve(settings: Settings) -> int:
    """Answer until stopped by a signal.

    Before it listens, ServiceError says what is wrong with key or bundle, OSError what is with the address.
    """
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])
    configure_logs(settings.log_level, settings.log_format)
    if settings.api_key is None and not settings.is_loopback:
        require_key_beyond_loopback(settings, asyncio.run(_has_stored_key(settings.store)))
    app = create_app(settings)
    app.state.parts.engine.load()
    # What was made up to now stays until the end: searched again and again, it took a tenth of a large batch.
    gc.freeze()
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whom a request came from is what the socket says: no header may claim to be this machine.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    with _listening(settings.host.strip("[]"), settings.port) as listening:
        address = _address(listening)
        print(_greeting(settings, address, app.state.parts.engine.live.version), flush=True)
        Server(config, app.state.parts, settings.public_url or address).run(sockets=[listening])
    return 0


class Server(uvicorn.Server):
    """On a terminal it says, once it has started, how the first person gets in, as long as there is none.

    What is printed anywhere else ends up in a log, and there no secret belongs.
    """

    def __init__(self, config: uvicorn.Config, parts: Parts, address: str) -> None:
        super().__init__(config)
        self._parts = parts
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start answering."""
        await super().startup(sockets)
        with contextlib.suppress(StoreUnavailable):
            if sys.stdout.isatty() and (token := await self._parts.people.link(None)) is not None:
                link = f"{self._address}/review/welcome#{token}"
                print(f"Make the first account (once, within 15 minutes): {link}", flush=True)


async def _has_stored_key(store: str) -> bool:
    """Raises ``StoreUnavailable``."""
    opened = Store(store)
    await opened.start(or_raise=True)
    try:
        return bool(await opened.keys())
    finally:
        await opened.close()


def _listening(host: str, port: int) -> socket.socket:
    """From here on callers can connect; they are answered as soon as the loop runs."""
    if ":" not in host:
        return socket.create_server((host, port))
    return socket.create_server(
        (host, port), family=socket.AF_INET6, dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6()
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greeting(settings: Settings, address: str, version: str) -> str:
    mode = (
        "open mode until a key is made: direct calls from this machine only"
        if settings.api_key is None
        else "callers need a key"
    )
    return f"Verger listens on {address} ({mode}); bundle {version}; try {address}/docs"
