"""The first account, made from a terminal; and signing in by TLS, through a proxy."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import httpx

from service.principals import Role
from service.settings import Settings
from tests.test_service.conftest import ROOT, environment, fresh_store, running
from tests.test_service.test_sign_in import PASSWORD, add, browser, with_people


def test_by_tls_at_its_public_address() -> None:
    """The cookie is bound to that host and to TLS; nowhere else one signs in, on this machine neither."""
    store = fresh_store()
    add(store, "ann")
    with running(store=store, public_url="https://comments.example.org") as client:
        form = {"name": "ann", "password": PASSWORD}
        proxied = {"Host": "comments.example.org", "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
        assert client.get("/review/sign-in", headers=proxied).status_code == 200
        for host in (httpx.URL(str(client.base_url)).netloc.decode(), "comments.example.org.evil.example"):
            answer = client.get("/review/sign-in", headers={"Host": host})
            assert answer.status_code == 403
        for origin in ("http://comments.example.org", "https://evil.example", "null"):
            refused = client.post("/review/sign-in", data=form, headers={**proxied, "Origin": origin})
            assert refused.status_code == 403
            assert "Set-Cookie" not in refused.headers
        answer = client.post(
            "/review/sign-in", data=form, headers={**proxied, "Origin": "https://comments.example.org"}
        )
        assert answer.status_code == 303
        name, _, rest = answer.headers["Set-Cookie"].partition("=")
        assert name == "__Host-verger"
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(rest.split("; "))
        assert "Domain" not in rest
        token = rest.partition(";")[0]
        client.cookies.clear()
        for cookie, status in ((f"__Host-verger={token}", 200), (f"verger={token}", 401)):
            assert client.get("/review/account", headers={**proxied, "Cookie": cookie}).status_code == status


def first_account(greeting: str) -> tuple[str, str]:
    """Made by the link that was printed; the link's code, and the session that it began."""
    found = re.search(r"(http://\S+)/review/welcome#(\S+)", greeting)
    assert found, greeting
    address, token = found.groups()
    with browser(address) as client:
        assert 'name="name"' in client.get("/review/welcome").text
        form = {"code": token, "name": "Root", "password": PASSWORD}
        assert client.post("/review/welcome", data={**form, "name": "no name"}).status_code == 422
        assert client.post("/review/welcome", data=form).status_code == 303
        assert "everything else" in client.get("/review/account").text
        assert client.post("/review/welcome", data={**form, "name": "two"}).status_code == 403
        assert 'name="name"' not in client.get("/review/welcome").text
        return token, client.cookies["verger"]


def test_the_first_start_on_a_terminal_gives_a_link(tmp_path: Path) -> None:
    """It makes the first account, an admin's, once; nothing of it is in the log or in the store."""
    store = fresh_store()
    command = [sys.executable, "-W", "error", "-m", "service", "serve", "--port", "0"]
    ours, theirs = pty.openpty()
    settings = environment(store=store, log_level="debug")
    log = tmp_path / "log"
    with (
        log.open("wb") as told,
        subprocess.Popen(command, cwd=ROOT, env=settings, stdout=theirs, stderr=told) as server,
    ):
        os.close(theirs)
        try:
            with os.fdopen(ours, encoding="utf-8") as terminal:
                greeting = terminal.readline() + terminal.readline()
                token, session = first_account(greeting)
        finally:
            server.terminate()
    (account,) = with_people(store, lambda people: people.all())
    assert (account.name, account.role) == ("root", Role.ADMIN)
    assert with_people(store, lambda people: people.link(None)) is None
    kept = b"".join(path.read_bytes() for path in Path(store).parent.iterdir())
    for secret in (token, session, PASSWORD):
        assert secret.encode() not in kept + log.read_bytes()


def test_the_command_that_makes_it(tmp_path: Path) -> None:
    """Just as it is printed it leads to the store and the port that it is about; a database's address is not told."""
    store = str(tmp_path / "a store.db")
    typed = Settings(store=store, port=8299).typed("reviewers add ann --role admin")
    run = subprocess.run(["sh", "-c", typed], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    assert "http://127.0.0.1:8299/review/welcome#" in run.stdout
    assert run.stderr == ""
    (account,) = with_people(store, lambda people: people.all())
    assert (account.name, account.role) == ("ann", Role.ADMIN)
    assert "secret" not in Settings(store="postgresql://verger:secret@host/verger").typed("check")
