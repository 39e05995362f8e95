"""One webhook's HTTP client: it connects to addresses that were checked, follows nothing, and reads next to nothing."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final

import httpcore

from service.webhooks.addresses import Private, Resolve, Target, TargetRefused, look_up
from service.webhooks.schedule import Reply

log = logging.getLogger("verger.webhooks")

SECONDS: Final = 10
"""From looking the name up to the end of the answer."""
ANSWER_BYTES: Final = 64 * 1024
"""Read of an answer's body, so that its connection can be used again; with more, the connection is closed."""


class Client:
    """For one address, as long as the ``async with`` lasts; it keeps connections for what follows."""

    def __init__(self, url: str, private: Private, resolve: Resolve = look_up, connections: int = 1) -> None:
        """Raises ``TargetRefused``. More posts at once than ``connections`` wait, within their ten seconds."""
        self._url = url
        guarded = _Guarded(Target.of(url, private), private, resolve)
        # The system's certificates, as SSL_CERT_FILE names them, not those of a package.
        trusted = ssl.create_default_context()
        self._pool = httpcore.AsyncConnectionPool(trusted, max_connections=connections, network_backend=guarded)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()

    async def post(self, headers: Mapping[str, str], body: str) -> Reply:
        """What the receiver answered. Nothing that it does or sends raises."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._reply(headers, body.encode())
        except TargetRefused:
            return Reply(error="refused_address")
        except (TimeoutError, httpcore.TimeoutException):
            return Reply(error="timeout")
        except ssl.SSLError:
            return Reply(error="tls")
        except (httpcore.NetworkError, OSError) as error:
            return Reply(error="tls" if _is_tls(error) else "connection")
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError):
            return Reply(error="no_http")
        except Exception as error:
            # Whatever it is, it is one more failed attempt, and not one that is repeated at once without end.
            log.error("unexpected error", exc_info=error)
            return Reply(error="unexpected")

    async def _reply(self, headers: Mapping[str, str], body: bytes) -> Reply:
        sent = [*headers.items(), ("Content-Type", "application/json"), ("User-Agent", "Verger")]
        async with self._pool.stream("POST", self._url, headers=sent, content=body) as answer:
            size = 0
            async for part in answer.aiter_stream():
                size += len(part)
                if size > ANSWER_BYTES:
                    break
            said = next((value for name, value in answer.headers if name.lower() == b"retry-after"), None)
            return Reply(int(answer.status), retry_after=None if said is None else said.decode("latin-1").strip())


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to what the target's name leads to, after a look at where that is."""

    def __init__(self, target: Target, private: Private, resolve: Resolve) -> None:
        self._target = target
        self._private = private
        self._resolve = resolve
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The first of its addresses that answers."""
        failure: Exception = OSError("the name leads nowhere")
        for address in await self._target.addresses(self._private, self._resolve):
            try:
                return await self._plain.connect_tcp(address, self._target.port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None
