"""Who is answered: in open mode this machine only, with a key whoever holds it."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import httpx
import pytest
from pydantic import ValidationError

from service.api.auth import require_key_beyond_loopback
from service.app import create_app
from service.errors import KeyRequired
from service.settings import Settings, is_loopback
from tests.test_service.conftest import ROOT, Serve, environment

KEY = "a-key-for-these-tests-only"
PROXIED = [
    {"Forwarded": "for=192.0.2.1"},
    {"X-Forwarded-For": "192.0.2.1"},
    {"X-Forwarded-Host": "verger.example"},
    {"X-Real-IP": "192.0.2.1"},
    {"Via": "1.1 verger.example"},
]


def asked(client: httpx.Client, **headers: str) -> httpx.Response:
    return client.post("/v1/score", json={"text": "Hello"}, headers=headers)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.1.2.3", "[::1]", "[::1]:8000"])
def test_open_mode_answers_this_machine(client: httpx.Client, host: str) -> None:
    """Whatever loopback is called."""
    assert asked(client, Host=host).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Host": "verger.example"}, {"Host": "127.0.0.1.example.org"}, {"Host": "10.0.0.1:8000"}, *PROXIED]
)
def test_open_mode_refuses_others(client: httpx.Client, headers: dict[str, str]) -> None:
    """Another Host (a rebound name) or a proxy's header: 403, and the answer says how to make a key."""
    response = asked(client, **headers)
    assert response.status_code == 403
    assert "VERGER_API_KEY" in response.json()["detail"]
    assert client.get("/metrics", headers=headers).status_code == 403


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 403)])
def test_open_mode_looks_at_the_socket(address: str, status: int) -> None:
    """However the app was put on a network, a caller whose connection comes from elsewhere is refused."""

    async def ask() -> list[httpx.Response]:
        app = create_app(Settings())
        app.state.parts.engine.load()
        transport = httpx.ASGITransport(app, client=(address, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as caller:
            return [await caller.get("/metrics"), await caller.post("/v1/score", json={"text": "Hello"})]

    assert [response.status_code for response in asyncio.run(ask())] == [status, status]


def test_open_mode_sends_no_cors_headers(client: httpx.Client) -> None:
    """A web page can neither read an answer nor get leave to ask."""
    foreign = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    for response in (asked(client, **foreign), client.options("/v1/score", headers=foreign)):
        assert not [name for name in response.headers if name.startswith("access-control-")]
    assert client.options("/v1/score", headers=foreign).status_code == 405


@pytest.mark.parametrize(
    "authorization", [None, "", KEY, f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", f"Basic {KEY}", "Bearer"]
)
def test_without_the_key(serve: Serve, authorization: str | None) -> None:
    """No key, another key, another scheme: 401 with the scheme that is asked for."""
    response = asked(serve(api_key=KEY), **({} if authorization is None else {"Authorization": authorization}))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["Content-Type"] == "application/problem+json"


def test_with_the_key(serve: Serve) -> None:
    """Whoever holds it is answered, through a proxy and under any name."""
    for headers in ({}, {"Host": "verger.example"}, *PROXIED):
        assert asked(serve(api_key=KEY), Authorization=f"Bearer {KEY}", **headers).status_code == 200
    assert asked(serve(api_key=KEY), Authorization=f"bearer {KEY}").status_code == 200


@pytest.mark.parametrize("key", ["short", "fifteen-letters", "with some spaces in it", "söme-nön-ascii-letters"])
def test_a_key_that_would_not_do(key: str) -> None:
    """Too short to be safe, or not to be sent in a header: refused, and not shown."""
    with pytest.raises(ValidationError, match="at least 16 characters") as refusal:
        Settings(api_key=key)
    assert key not in str(refusal.value)


def test_health_needs_no_key(serve: Serve, client: httpx.Client) -> None:
    """Whatever watches the service knows no key and comes by any name."""
    for path in ("/healthz", "/readyz"):
        assert serve(api_key=KEY).get(path).status_code == 200
        assert client.get(path, headers={"Host": "verger.example"}).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/docs", "/docs/start.js", "/openapi.json"])
def test_metrics_and_docs_ask_for_a_key_unless_local(serve: Serve, path: str) -> None:
    """From this machine directly they are open; through a proxy the key is needed."""
    keyed = serve(api_key=KEY)
    assert keyed.get(path).status_code == 200
    assert keyed.get(path, headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 401
    assert keyed.get(path, headers={"Host": "verger.example"}).status_code == 401
    proxied = {"X-Forwarded-For": "192.0.2.1", "Authorization": f"Bearer {KEY}"}
    assert keyed.get(path, headers=proxied).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "verger.example"])
def test_no_start_beyond_loopback_without_a_key(host: str) -> None:
    """The error says what to do; a key set or made is enough."""
    with pytest.raises(KeyRequired, match="VERGER_API_KEY"):
        require_key_beyond_loopback(Settings(host=host), has_stored_key=False)
    require_key_beyond_loopback(Settings(host=host, api_key=KEY), has_stored_key=False)
    require_key_beyond_loopback(Settings(host=host), has_stored_key=True)


def test_serve_stops_without_a_key() -> None:
    """The command ends with 2 and the reason, before anything listens."""
    command = [sys.executable, "-m", "service", "serve", "--host", "0.0.0.0", "--port", "0"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "VERGER_API_KEY" in done.stderr


@pytest.mark.parametrize("host", ["example.org", "", "127.0.0.1.example.org", "localhost.example.org", "0.0.0.0", "::"])
def test_not_loopback(host: str) -> None:
    """Names that only look like it."""
    assert not is_loopback(host)
