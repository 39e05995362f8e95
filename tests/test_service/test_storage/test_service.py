"""The store under the whole service: out of reach, killed, past its retention; and the commands that look after it."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from service.storage.database import Database
from service.storage.schema import NEWEST, bring_up_to_date
from tests.test_service.conftest import ROOT, Serve, environment, running
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW, save, sent


def run(*arguments: str, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "service", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(**settings), input=given, capture_output=True, timeout=120, check=False
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("store", ["/dev/null/verger.db", "postgresql://verger@127.0.0.1:1/verger"])
def test_an_outage_stops_what_is_stored_and_nothing_else(serve: Serve, store: str) -> None:
    """It starts, says so, and scores; whatever needs the store is refused by name and may come back."""
    client = serve(store=store)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["store"]) == (200, "unavailable")
    for method, path in (
        ("PUT", "/v1/comments/c"),
        ("GET", "/v1/comments/c"),
        ("DELETE", "/v1/comments/c"),
        ("GET", "/v1/comments/c/replies"),
        ("PUT", "/v1/articles/a"),
        ("GET", "/v1/articles/a"),
        ("DELETE", "/v1/articles/a"),
        ("PUT", "/v1/policies/a"),
        ("GET", "/v1/policies/a"),
        ("GET", "/v1/decisions"),
        ("POST", "/v1/webhooks"),
        ("GET", "/v1/webhooks"),
        ("DELETE", "/v1/webhooks/w"),
        ("POST", "/v1/webhooks/w/test"),
        ("POST", "/v1/webhooks/w/resend"),
        ("GET", "/v1/webhooks/w/deliveries"),
        ("POST", "/v1/webhooks/deliveries/1/resend"),
    ):
        body = {"text": "Hello"} if "comments" in path else {"title": "Hello"} if "articles" in path else {}
        body = {"url": "https://hooks.example/"} if path == "/v1/webhooks" else body
        refused = client.request(method, path, json=body if method in ("PUT", "POST") else None)
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:verger:problem:store-unavailable")
        assert int(refused.headers["Retry-After"]) > 0
    scored = client.post("/v1/score", json={"text": "Hello there", "context": {"article": {"id": "a"}}})
    assert scored.status_code == 200
    assert scored.json()["scores"]["off_topic"] == {"score": None, "why": "store_unavailable"}
    assert scored.json()["scores"]["profanity"]["score"] is not None
    assert client.post("/v1/score", json={"text": "Hello there", "site": "any"}).status_code == 200


def test_killed_while_it_accepts(address: str) -> None:
    """Every comment that was answered with 201 is there after SIGKILL, with its decision, and none is there twice."""
    accepted: list[str] = []
    for kill in range(3):
        command = [sys.executable, "-m", "service", "serve", "--port", "0"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment(store=address), stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            found = re.search(r"http://\S+:\d+", server.stdout.readline())
            assert found
            asyncio.run(send_until_killed(found[0], f"k{kill}", server, accepted))
    assert len(accepted) >= 3 * 60
    with running(store=address) as client:
        for name in accepted:
            assert client.get(f"/v1/comments/{name}").json()["decision"]["action"] == "allow"
            assert client.put(f"/v1/comments/{name}", json={"text": "Still here"}).status_code == 200
    assert run("check", store=address).returncode == 0


async def send_until_killed(address: str, prefix: str, server: subprocess.Popen[str], accepted: list[str]) -> None:
    """Eight callers send; after sixty answers the server is killed under their hands."""
    enough = len(accepted) + 60

    async def caller(number: int, client: httpx.AsyncClient) -> None:
        for turn in range(10_000):
            name = f"{prefix}-{number}-{turn}"
            try:
                answer = await client.put(f"/v1/comments/{name}", json={"text": "Still here"})
            except httpx.TransportError:
                return
            assert answer.status_code == 201
            accepted.append(name)
            if len(accepted) >= enough:
                server.kill()

    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        await asyncio.gather(*(caller(number, client) for number in range(8)))


def test_retention(address: str) -> None:
    """A service that starts with a retention erases what is past it, and leaves the rest."""
    with_store(address, lambda opened: save(opened, sent(name="old"), at=NOW.replace(year=2020)))
    with running(store=address, retention_days="30") as client:
        client.put("/v1/comments/new", json={"text": "Hello"})
        states = (client.get("/v1/comments/old").json()["state"] for _ in range(100_000))
        assert next(state for state in states if state == "erased")
        assert client.get("/v1/comments/new").json()["text"] == "Hello"


def test_restarted_it_answers_the_same(address: str) -> None:
    """What was stored by one process is the next one's."""
    with running(store=address) as client:
        client.put("/v1/articles/a", json={"title": "Ferry", "body": "It is late."})
        first = client.put("/v1/comments/c", json={"text": "Late again", "article_id": "a"})
        assert first.status_code == 201
    with running(store=address) as client:
        again = client.put("/v1/comments/c", json={"text": "Late again", "article_id": "a"})
        assert (again.status_code, again.json()) == (200, first.json())


def test_looking_after_it(tmp_path: Path) -> None:
    """Made, checked, copied while it serves, brought back; a running service and a bad file are told apart."""
    store, backup = str(tmp_path / "verger.db"), str(tmp_path / "backup.db")
    assert run("migrate", store=store).stdout == f"no store was there: one was made, with schema {NEWEST}\n"
    assert run("migrate", store=store).stdout == f"the store has schema {NEWEST}\n"
    with running(store=store) as client:
        client.put("/v1/comments/c", json={"text": "Hello"})
        assert run("backup", backup, store=store).returncode == 0
        client.delete("/v1/comments/c")
        busy = run("restore", backup, store=store)
        assert (busy.returncode, busy.stdout) == (2, "")
        assert "stop the service first" in busy.stderr
    assert "is kept as" in run("restore", backup, store=store).stdout
    with closing(sqlite3.connect(store)) as opened:
        assert opened.execute("SELECT state, text FROM comments JOIN revisions").fetchall() == [("erased", None)]
    sound = f"the store has schema {NEWEST}\neverything is as it was stored\n"
    assert run("check", store=store).stdout == sound
    with closing(sqlite3.connect(store)) as opened, opened:
        opened.execute("UPDATE audit SET action = 'nothing'")
    wrong = run("check", store=store)
    assert wrong.returncode == 1
    assert "audit: row 1 was changed" in wrong.stdout


def test_check_says_what_it_found(tmp_path: Path) -> None:
    """An older store is brought up to date by opening it, and a newer one left as it is: neither silently."""
    older, sound = str(tmp_path / "older.db"), "everything is as it was stored\n"

    async def made() -> None:
        database = Database(older)
        database.prepare()
        async with database.writing() as connection:
            await bring_up_to_date(connection, "0002")
        await database.close()

    asyncio.run(made())
    assert run("check", store=older).stdout == f"the store had schema 0002 and was brought to {NEWEST}\n{sound}"
    assert run("check", store=older).stdout == f"the store has schema {NEWEST}\n{sound}"
    with_store(older, lambda opened: save(opened, sent(name="held")))
    with closing(sqlite3.connect(older)) as opened, opened:
        opened.execute("UPDATE comments SET state = 'held'")
        opened.execute("DELETE FROM queue")
    words = "; 1 comment(s) that an older version wrote were brought into step with the queue"
    assert run("check", store=older).stdout.splitlines()[0] == f"the store has schema {NEWEST}{words}"
    with closing(sqlite3.connect(older)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    line = f"the store has schema 9999, newer than this version's {NEWEST}, and was left with it"
    assert run("check", store=older).stdout.splitlines()[0] == line


def test_erase_again(tmp_path: Path) -> None:
    """The list beside a store is good for another one too."""
    store = str(tmp_path / "verger.db")
    with_store(store, lambda opened: save(opened, sent()))
    erased = tmp_path / "list.jsonl"
    erased.write_text('{"site":"default","id":"c-1"}\n{"site":"default","id":"never"}\n')
    assert run("erase-again", str(erased), store=store).returncode == 0
    with_store(store, lambda opened: opened.comment(("default", "c-1")))
    with closing(sqlite3.connect(store)) as opened:
        assert opened.execute("SELECT state FROM comments").fetchall() == [("erased",)]
    erased.write_text("c-1\n")
    assert run("erase-again", str(erased), store=store).returncode == 2


def test_import_articles(tmp_path: Path) -> None:
    """JSON lines and CSV, packed or not; bad rows are told by line, the others are registered."""
    store = str(tmp_path / "verger.db")
    rows = [{"id": f"a-{number}", "title": f"Article {number}"} for number in range(600)]
    lines = [json.dumps(row) for row in rows]
    lines[1] = '{"title": "no id"}'
    lines[2] = '{"id": "a", "title": "t", "colour": "red"}'
    lines[3] = "[]"
    (tmp_path / "articles.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    done = run("import-articles", str(tmp_path / "articles.jsonl.gz"), "--site", "news", store=store)
    assert done.returncode == 1
    for told in ("line 2: #/id: required", "line 3: #/colour: unknown field", "line 4: #: not a JSON object", "597"):
        assert told in done.stderr
    table = b'\xef\xbb\xbfid,body,published_at\r\nb-1,"Two\nlines",2026-01-02T03:04:05Z\r\nb-2,,\r\nb-3,caf\xe9,\r\n'
    done = run("import-articles", "-", "--format", "csv", given=table, store=store)
    assert done.returncode == 1
    assert "line 4: #: an article needs a title or a body" in done.stderr
    assert "line 5: #: not UTF-8" in done.stderr
    with running(store=store) as client:
        assert client.get("/v1/articles/a-599", params={"site": "news"}).json()["title"] == "Article 599"
        assert client.get("/v1/articles/b-1").json()["published_at"] == "2026-01-02T03:04:05Z"
        # What a file registers again is replaced, while the service runs.
        assert run("import-articles", "-", given=b'{"id": "b-1", "title": "New"}', store=store).returncode == 0
        assert client.get("/v1/articles/b-1").json()["title"] == "New"


@pytest.mark.parametrize(
    ("arguments", "settings", "reason"),
    [
        (["import-articles", "-", "--format", "csv"], {}, "id is needed"),
        (["import-articles", "-", "--site", "a b"], {}, "#/site"),
        (["import-articles", "/no/such/file"], {}, "No such file"),
        (["backup", "/tmp/any.db"], {"store": "postgresql://u@h/x"}, "pg_dump"),
        (["backup", "/tmp/any.db"], {}, "no store"),
        (["restore", "/no/such/file"], {}, "no backup"),
        (["migrate"], {"store": "/dev/null/x.db"}, "store"),
        (["check"], {"store": "postgresql://u:hidden@127.0.0.1:1/x"}, "out of reach"),
        (["check"], {"store": "mysql://u@h/x"}, "VERGER_STORE"),
        (["serve"], {"store": "postgresql://u@h"}, "postgresql://USER@HOST/NAME"),
        (["serve"], {"retention_days": "0"}, "VERGER_RETENTION_DAYS"),
        (["serve"], {"webhook_private": "10.0.0.0/8;10.1.0.1"}, "VERGER_WEBHOOK_PRIVATE"),
        (["serve"], {"webhook_private": "https://hooks.internal/"}, "VERGER_WEBHOOK_PRIVATE"),
        (["serve"], {"webhook_private": "10.0.0.0/99"}, "VERGER_WEBHOOK_PRIVATE"),
    ],
)
def test_what_cannot_be_done_says_why(arguments: list[str], settings: dict[str, str], reason: str) -> None:
    """2, one line, no traceback, no password."""
    done = run(*arguments, given=b"", **settings)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert reason in done.stderr
    assert "hidden" not in done.stderr
