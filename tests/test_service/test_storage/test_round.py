"""The whole round of a comment system, with the service killed after every step: nothing lost, nothing twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from models.records import read_records
from tests.test_service.conftest import ROOT, environment
from tests.test_service.receiving import receiving
from tests.test_service.test_storage.test_webhook_service import forget_the_lease, listen, service

TEXT = "You fucking idiots, the ferry was never late."
ARTICLE = {"title": "The late ferry", "body": "The ferry was late again on Monday."}
COMMENT = {"text": TEXT, "article_id": "ferry", "author": {"id": "u-7", "name": "Ann"}}
REVIEW = {"comment_id": "c", "revision": 1, "action": "reject", "labels": {"profanity": 1}, "reviewer": "ann"}


class Round:
    """Each step is taken, the service is killed, and whoever lost the answer takes the step again."""

    def __init__(self, address: str) -> None:
        self._address = address

    def step(self, method: str, path: str, body: object = None) -> tuple[httpx.Response, httpx.Response]:
        """The answer before the kill and the one after it."""

        def take(client: httpx.Client) -> httpx.Response:
            return client.request(method, path, json=body)

        return self.run(take), self.run(take)

    def run(self, act: Callable[[httpx.Client], Any]) -> Any:
        """What comes of it in a service that is killed right after."""
        with service(self._address) as (client, _):
            came = act(client)
        forget_the_lease(self._address)
        return came


def test_a_round_with_kills(address: str, tmp_path: Path) -> None:
    """Register, submit, hold, review, tell by webhook, export the labels: each step twice, with a kill between."""
    with receiving() as receiver:
        steps = Round(address)
        secret = steps.run(lambda client: listen(client, receiver))["secret"]
        article, again = steps.step("PUT", "/v1/articles/ferry", ARTICLE)
        assert (article.status_code, again.status_code, article.json()) == (201, 200, again.json())
        held, again = steps.step("PUT", "/v1/comments/c", COMMENT)
        assert (held.status_code, again.status_code, held.json()) == (201, 200, again.json())
        assert held.json()["state"] == "held"
        claimed, again = steps.step("POST", "/v1/queue/claim", {"reviewer": "ann"})
        ids = [[entry["comment"]["id"] for entry in one.json()["entries"]] for one in (claimed, again)]
        assert ids == [["c"], ["c"]]
        reviewed, again = steps.step("POST", "/v1/reviews", REVIEW)
        assert (reviewed.status_code, again.status_code) == (201, 200)
        assert reviewed.json()["id"] == again.json()["id"]
        fed, again = steps.step("GET", "/v1/decisions")
        told = [(one["action"], one["by"]) for one in fed.json()["decisions"]]
        assert (told, fed.json()) == ([("hold", "machine"), ("reject", "person")], again.json())
        messages: dict[str, str] = {}
        with service(address):
            while len(messages) < 2:
                (one,) = receiver.take()
                assert one.is_signed_with(secret)
                messages[one.message_id] = one.told["data"]["state"]
        assert list(messages.values()) == ["held", "rejected"]
        labels = tmp_path / "labels.jsonl"
        for _ in range(2):
            assert _export(address, labels) == 0
            (record,) = read_records(labels).records
            assert (record.text, dict(record.labels)["profanity"]) == (TEXT, 1)
            assert record.article is not None
            assert record.article.title == ARTICLE["title"]


def _export(address: str, file: Path) -> int:
    command = [sys.executable, "-m", "service", "export-labels", str(file)]
    return subprocess.run(command, cwd=ROOT, env=environment(store=address), check=False).returncode
