"""Webhooks under the whole service: asked for over HTTP, received and verified, also where the service is killed."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from standardwebhooks import Webhook

from service.storage.store import Store
from tests.test_service.conftest import ROOT, environment
from tests.test_service.receiving import Receiver, receiving
from tests.test_service.test_storage.conftest import with_store


@contextmanager
def service(address: str, log: Path | None = None) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """It runs, and may send to loopback; killed when the block is left. It says all it can in ``log``."""
    settings = environment(store=address, webhook_private="127.0.0.1", log_level="debug")
    command = [sys.executable, "-W", "error", "-m", "service", "serve", "--port", "0"]
    with (log or Path("/dev/null")).open("a") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=errors, text=True)
        with process:
            assert process.stdout is not None
            found = re.search(r"http://\S+:\d+", process.stdout.readline())
            assert found
            with httpx.Client(base_url=found[0], timeout=60) as client:
                try:
                    yield client, process
                finally:
                    process.kill()


def forget_the_lease(address: str) -> None:
    """As if the time had passed after which others may send."""

    async def act(store: Store) -> None:
        async with store._database.writing() as connection:
            await connection.execute(text("UPDATE leases SET until = 0"))

    with_store(address, act)


def listen(client: httpx.Client, receiver: Receiver) -> dict[str, Any]:
    """Have the receiver told; what was answered."""
    made = client.post("/v1/webhooks", json={"url": receiver.url})
    assert made.status_code == 201
    answer: dict[str, Any] = made.json()
    return answer


def settled(client: httpx.Client, path: str, count: int) -> list[dict[str, Any]]:
    """The webhook's deliveries, once so many are delivered."""
    for _ in range(100_000):
        deliveries: list[dict[str, Any]] = client.get(path).json()["deliveries"]
        if sum(one["state"] == "delivered" for one in deliveries) == count:
            return deliveries
    raise AssertionError(f"of {deliveries} not {count} were delivered")


def test_a_whole_round(address: str, tmp_path: Path) -> None:
    """Made, tried, told of a decision and of an erasure, looked at, taken away; its secret is shown once."""
    log = tmp_path / "log"
    with receiving() as receiver:
        with service(address, log) as (client, _):
            made = listen(client, receiver)
            verify = Webhook(made["secret"]).verify
            path = f"/v1/webhooks/{made['id']}"
            answers = [client.post(f"{path}/test", json={}), client.get("/v1/webhooks")]
            assert [one.status_code for one in answers] == [202, 200]
            (ping,) = receiver.take()
            assert verify(ping.body, dict(ping.headers))["type"] == "ping"
            client.put("/v1/comments/c", json={"text": "Hello, secretive ferry", "author": {"id": "u-7"}})
            (decided,) = receiver.take()
            assert verify(decided.body, dict(decided.headers))["data"]["state"] == "allowed"
            client.delete("/v1/comments/c")
            (erased,) = receiver.take()
            assert verify(erased.body, dict(erased.headers))["data"]["state"] == "erased"
            shown = settled(client, f"{path}/deliveries", 3)
            assert [one["type"] for one in shown] == ["comment.erased", "comment.decided", "ping"]
            assert [one["message_id"] for one in shown] == [one.message_id for one in (erased, decided, ping)]
            first = client.get(f"{path}/deliveries", params={"limit": 2}).json()
            rest = client.get(f"{path}/deliveries", params={"limit": 2, "after": first["next"]}).json()
            assert first["deliveries"] + rest["deliveries"] == shown
            assert rest["next"] is None
            assert client.get(f"{path}/deliveries", params={"state": "dead"}).json()["deliveries"] == []
            again = client.post(f"/v1/webhooks/deliveries/{shown[1]['id']}/resend", json={})
            assert (again.status_code, again.json()["state"]) == (202, "pending")
            assert receiver.take()[0].message_id == decided.message_id
            assert client.post(f"{path}/resend", json={}).status_code == 202
            metrics = client.get("/metrics").text
            assert 'verger_webhook_deliveries_total{outcome="delivered"}' in metrics
            assert "verger_store_group_changes_count" in metrics
            assert "verger_store_waiting 0.0" in metrics
            answers += [client.get(path.rpartition("/")[0]), client.post(f"{path}/resend", json={})]
            assert client.delete(path).status_code == 204
            assert client.get("/v1/webhooks").json() == {"webhooks": []}
            assert client.get(f"{path}/deliveries").status_code == 404
        told = log.read_text()
        assert "answered" in told
        for secret in (made["secret"], made["secret"].removeprefix("whsec_"), "secretive", "u-7"):
            assert secret not in told
            assert not [one for one in (*answers, *shown) if secret in (getattr(one, "text", None) or str(one))]
            assert not [one for one in (ping, decided, erased) if secret in str(one)]


def test_killed_before_it_sends(address: str) -> None:
    """What was decided while nobody was to be reached is told by the next process that runs."""
    with receiving() as receiver:
        receiver.may_answer.clear()
        with service(address) as (client, process):
            secret = listen(client, receiver)["secret"]
            for number in range(30):
                assert client.put(f"/v1/comments/c-{number}", json={"text": "Hello"}).status_code == 201
            process.kill()
        receiver.may_answer.set()
        before = {one.message_id for one in receiver.got}
        forget_the_lease(address)
        with service(address):
            got = receiver.take(30)
        assert {one.told["data"]["comment_id"] for one in got} == {f"c-{number}" for number in range(30)}
        assert len({one.message_id for one in got}) == 30
        assert before <= {one.message_id for one in got}
        assert all(one.is_signed_with(secret) for one in got)


def test_killed_before_it_notes(address: str) -> None:
    """Between the receiver's answer and its note: told twice, with one and the same id, and never a third time."""
    with receiving() as receiver:
        with service(address) as (client, process):
            made = listen(client, receiver)
            receiver.may_answer.clear()
            client.put("/v1/comments/c", json={"text": "Hello"})
            (first,) = receiver.take()
            process.kill()
            process.wait()
        receiver.may_answer.set()
        forget_the_lease(address)
        with service(address) as (client, _):
            (second,) = receiver.take()
            shown = settled(client, f"/v1/webhooks/{made['id']}/deliveries", 1)
        assert (second.message_id, second.body) == (first.message_id, first.body)
        assert [one["message_id"] for one in shown] == [first.message_id]
        with service(address):
            assert receiver.got == []


def test_two_processes(address: str) -> None:
    """Whichever takes a comment in, it is told once; and when the one that sends is stopped, the other goes on."""
    with receiving() as receiver, service(address) as (client, process), service(address) as (other, _):
        made = listen(client, receiver)
        for number in range(10):
            (client, other)[number % 2].put(f"/v1/comments/c-{number}", json={"text": "Hello"})
        assert len({one.message_id for one in receiver.take(10)}) == 10
        settled(other, f"/v1/webhooks/{made['id']}/deliveries", 10)
        process.terminate()
        process.wait()
        other.put("/v1/comments/c-10", json={"text": "Hello"})
        assert receiver.take()[0].told["data"]["comment_id"] == "c-10"
        assert receiver.got == []


def test_the_feed_waits(address: str) -> None:
    """A call that may wait is answered when there is something to tell; ``next`` is where to go on, always."""
    with service(address) as (client, _):
        empty = client.get("/v1/decisions").json()
        assert empty["decisions"] == []
        assert client.get("/v1/decisions", params={"after": empty["next"]}).json() == empty
        answers: list[httpx.Response] = []
        asked = {"after": empty["next"], "wait": "30"}
        thread = threading.Thread(target=lambda: answers.append(client.get("/v1/decisions", params=asked)))
        thread.start()
        client.put("/v1/comments/c", json={"text": "Hello"})
        thread.join()
        (told,) = answers[0].json()["decisions"]
        assert told["comment_id"] == "c"
        assert told.keys() == {
            *("number", "site", "comment_id", "revision", "action", "state", "reasons", "policy", "bundle"),
            *("decided_at", "by"),
        }
        client.put("/v1/comments/c", json={"text": "Hello again"})
        client.put("/v1/comments/c", json={"text": "Elsewhere"}, params={"site": "news"})
        rest = client.get("/v1/decisions", params={"after": answers[0].json()["next"]}).json()
        assert [one["revision"] for one in rest["decisions"]] == [2]
        assert client.get("/v1/decisions", params={"limit": 1}).json()["next"] == answers[0].json()["next"]
        before = {"after": rest["next"]}
        assert client.delete("/v1/comments/c").status_code == 204
        last = client.get("/v1/decisions", params=before).json()
        (erased,) = last["decisions"]
        assert erased.pop("erased_at") == client.get("/v1/comments/c").json()["erased_at"]
        assert erased == {"site": "default", "comment_id": "c", "revision": 2, "state": "erased"}
        # A cursor from before erasures were in the feed.
        old = base64.urlsafe_b64encode(b"2").decode().rstrip("=")
        told = client.get("/v1/decisions", params={"after": old}).json()
        assert (told["decisions"][0]["state"], told["next"]) == ("erased", last["next"])


def test_no_client_without_a_webhook() -> None:
    """A process that tells nobody never loads what it would do it with."""
    code = "import sys, service.serving; print('httpcore' in sys.modules, 'service.webhooks.sender' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
