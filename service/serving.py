"""``python -m service serve``: one process, one loop, one bundle."""

from __future__ import annotations

import logging
from socket import socket

import uvicorn

from models.artifact import BundleRejected
from service.app import create_app
from service.settings import Settings
from service.telemetry import configure_logs

log = logging.getLogger("verger")


def serve(settings: Settings) -> int:
    """Answer until stopped by a signal. A bundle that is refused ends it at once, with what was checked."""
    configure_logs(settings.log_level, settings.log_format)
    app = create_app(settings)
    try:
        app.state.parts.engine.load()
    except BundleRejected as error:
        fields = {"bundle": str(settings.bundle), "reason": error.reason, "passed": ", ".join(error.checked)}
        log.error("the bundle is refused", extra=fields)
        return 2
    config = uvicorn.Config(
        app,
        host=settings.host.strip("[]"),
        port=settings.port,
        # httptools refuses a request with both Content-Length and Transfer-Encoding; h11 does not.
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whom a request came from is what the socket says: no header may claim to be this machine.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    listening = config.bind_socket()
    print(_greeting(settings, listening, app.state.parts.engine.live.version), flush=True)
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def _greeting(settings: Settings, listening: socket, version: str) -> str:
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    mode = (
        "open mode: no key, direct calls from this machine only" if settings.api_key is None else "callers need the key"
    )
    return f"Verger listens on {address} ({mode}); bundle {version}; try {address}/docs"
