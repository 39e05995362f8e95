"""A comment system's end of a webhook: a real HTTP server on loopback that keeps what it was sent."""

from __future__ import annotations

import json
import queue
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

SECONDS = 60
"""After which a test that waits for something to be sent fails."""


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the package signs it that other systems verify with, whatever time it is."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        return Webhook(secret).sign(self.message_id, at, self.body.decode()) == self.headers["webhook-signature"]


class Receiver:
    """Answers with what ``answers`` holds next (a status, or a whole answer as bytes), and else with 204."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook"
        self.answers: deque[int | bytes] = deque()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._received: queue.Queue[Received] = queue.Queue()

    def take(self, count: int = 1) -> list[Received]:
        """That many requests, in the order they came; waits for them."""
        return [self._received.get(timeout=SECONDS) for _ in range(count)]

    @property
    def got(self) -> list[Received]:
        """What came since the last look."""
        return [self._received.get() for _ in range(self._received.qsize())]

    def keep(self, received: Received) -> int | bytes:
        """What to answer."""
        self._received.put(received)
        self.may_answer.wait(SECONDS)
        return self.answers.popleft() if self.answers else 204


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver on a free port, until the block is left; with a certificate (and its key) it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                # Its sender was ended in the middle, and will send it again.
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = receiver.keep(Received(self.path, headers, body))
            if isinstance(answer, bytes):
                self.close_connection = True
                self.wfile.write(answer)
                return
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A sender that was killed in the middle is what some tests want."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.block_on_close = False
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        receiver = Receiver(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.may_answer.set()
            server.shutdown()
            thread.join()
