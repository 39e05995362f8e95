"""``python -m service serve``: one process, one loop, one bundle."""

from __future__ import annotations

import socket

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.api.streams import ABORT
from service.app import create_app
from service.settings import Settings
from service.telemetry import configure_logs

HEAD_BYTES = 64 * 1024


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
    configure_logs(settings.log_level, settings.log_format)
    app = create_app(settings)
    app.state.parts.engine.load()
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
        print(_greeting(settings, listening, app.state.parts.engine.live.version), flush=True)
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def _listening(host: str, port: int) -> socket.socket:
    """From here on callers can connect; they are answered as soon as the loop runs."""
    if ":" not in host:
        return socket.create_server((host, port))
    return socket.create_server(
        (host, port), family=socket.AF_INET6, dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6()
    )


def _greeting(settings: Settings, listening: socket.socket, version: str) -> str:
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    mode = (
        "open mode: no key, direct calls from this machine only" if settings.api_key is None else "callers need the key"
    )
    return f"Verger listens on {address} ({mode}); bundle {version}; try {address}/docs"
