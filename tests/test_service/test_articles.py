"""Articles over HTTP, and how those named by their id are remembered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from models.comment import Article
from service.domain import ARTICLE_UNKNOWN, STORE_UNAVAILABLE, RegisteredArticle
from service.errors import StoreUnavailable
from service.scoring.articles import FRESH_SECONDS, REMEMBERED_CHARACTERS, Articles, Key
from tests.test_service.test_bad_input import JSON, check_problem

WHOLE = {
    "title": "Ferry timetable",
    "body": "Ferries go hourly.\n\nThe last one leaves at nine.",
    "url": "https://news.example/ferry",
    "kind": "news",
    "work": None,
    "section": "local",
    "published_at": "2026-05-01T08:00:00Z",
}


def test_registered_read_replaced_deleted(client: httpx.Client) -> None:
    """201 and 200, read back as sent, replaced as a whole, gone with 204 and then 404."""
    path = "/v1/articles/ferry%2F1"
    first = client.put(path, json=WHOLE)
    assert (first.status_code, first.json()) == (201, {"site": "default", "id": "ferry/1", **WHOLE})
    assert client.get(path).json() == first.json()
    replaced = client.put(path, json={"title": "Ferries"})
    assert (replaced.status_code, replaced.json()["body"]) == (200, None)
    assert client.get(path, params={"site": "elsewhere"}).status_code == 404
    assert [client.delete(path).status_code for _ in range(2)] == [204, 404]
    assert client.get(path).status_code == 404


def test_a_change_counts_at_once(client: httpx.Client) -> None:
    """The next comment is compared with the new words, or with none."""

    def off_topic() -> Any:
        asked = {"text": "The last ferry leaves too early", "context": {"article": {"id": "moving"}}}
        return client.post("/v1/score", json=asked).json()["scores"]["off_topic"]

    assert off_topic()["why"] == "article_unknown"
    client.put("/v1/articles/moving", json=WHOLE)
    near = off_topic()["score"]
    client.put("/v1/articles/moving", json={"title": "Bread", "body": "Flour, water and salt, baked for an hour."})
    assert off_topic()["score"] > near
    client.delete("/v1/articles/moving")
    assert off_topic()["why"] == "article_unknown"


def test_a_comment_outlives_its_article(client: httpx.Client) -> None:
    """It stays as it is; an edit is taken without an off-topic score."""
    client.put("/v1/articles/short-lived", json=WHOLE)
    client.put("/v1/comments/outlives", json={"text": "Nine is early", "article_id": "short-lived"})
    client.delete("/v1/articles/short-lived")
    assert client.get("/v1/comments/outlives").json()["scores"]["off_topic"]["score"] is not None
    edited = client.put("/v1/comments/outlives", json={"text": "Nine is too early"})
    assert edited.json()["scores"]["off_topic"] == {"score": None, "why": "article_unknown"}
    read = client.get("/v1/comments/outlives").json()
    assert {name: read[name] for name in edited.json()} == edited.json()


def article(**fields: Any) -> dict[str, Any]:
    return {"title": "Ferry", **fields}


BAD = {
    "nothing": ({}, 422, "#", "title or a body"),
    "blank": ({"title": " ", "body": "\n"}, 422, "#", "title or a body"),
    "title too long": (article(title="x" * 2_001), 413, "#/title", "2000"),
    "body too long": (article(body="x" * 200_001), 413, "#/body", "200000"),
    "kind too long": (article(kind="x" * 41), 413, "#/kind", "40"),
    "NUL in the body": (article(body="a\0"), 422, "#/body", "NUL"),
    "NUL in the section": (article(section="a\0"), 422, "#/section", "NUL"),
    "surrogate in the url": (article(url="\ud800"), 422, "#/url", "surrogate"),
    "title a number": (article(title=int("9" * 20)), 422, "#/title", "str"),
    "id in the body": (article(id="x"), 422, "#/id", "unknown"),
    "no time": (article(published_at="yesterday"), 422, "#/published_at", "RFC3339"),
    "after all time": (article(published_at="9999-12-31T23:59:59-12:00"), 422, "#/published_at", "year"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_article(client: httpx.Client, case: str) -> None:
    """Told with its field and reason, and nothing is registered."""
    body, status, pointer, reason = BAD[case]
    check_problem(client.put("/v1/articles/bad", content=json.dumps(body), headers=JSON), status, pointer, reason)
    assert client.get("/v1/articles/bad").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_bad_address(client: httpx.Client, method: str) -> None:
    """An over-long id, a control character, a site that is none."""
    for path, status, pointer in (
        ("x" * 201, 413, "#/id"),
        ("a%00", 422, "#/id"),
        ("%FF", 422, "#/id"),
        ("a?site=%20", 422, "#/site"),
        ("a?what=1", 422, "#/what"),
    ):
        body = {"json": article()} if method == "PUT" else {}
        check_problem(client.request(method, f"/v1/articles/{path}", **body), status, pointer, "")  # type: ignore[arg-type]


def test_a_body_too_large(client: httpx.Client) -> None:
    """Refused before it is read whole."""
    check_problem(client.put("/v1/articles/large", json={"body": "x" * 1_100_000}), 413, "#", "bytes")


class Shelf:
    """Articles that can be out of reach, a clock that is moved, and how often it was asked."""

    def __init__(self) -> None:
        self.bodies = {"a": "first"}
        self.is_reachable = True
        self.asked: list[set[Key]] = []
        self.now = 1_000.0
        self.articles = Articles(self.fetch, clock=lambda: self.now)

    async def fetch(self, keys: Iterable[Key]) -> dict[Key, RegisteredArticle]:
        self.asked.append(set(keys))
        if not self.is_reachable:
            raise StoreUnavailable
        return {key: RegisteredArticle(*key, body=self.bodies[key[1]]) for key in keys if key[1] in self.bodies}

    def resolve(self, *names: str) -> dict[str, Article | str]:
        found = asyncio.run(self.articles.resolve([("default", name) for name in names]))
        return {name: one for (_, name), one in found.items()}


def test_asked_once_for_a_while() -> None:
    """A fresh answer is used again; an older one is asked for anew, so that others' changes are seen."""
    shelf = Shelf()
    assert shelf.resolve("a", "b") == {"a": Article(body="first"), "b": ARTICLE_UNKNOWN}
    shelf.bodies["a"] = "second"
    assert shelf.resolve("a") == {"a": Article(body="first")}
    assert len(shelf.asked) == 1
    shelf.now += FRESH_SECONDS
    assert shelf.resolve("a") == {"a": Article(body="second")}
    shelf.bodies["a"] = "third"
    shelf.articles.forget(("default", "a"))
    assert shelf.resolve("a") == {"a": Article(body="third")}


def test_remembered_while_the_store_is_away() -> None:
    """The last words are good enough to score with; what was never seen cannot be known to be unknown."""
    shelf = Shelf()
    shelf.resolve("a")
    shelf.is_reachable = False
    shelf.now += 86_400
    assert shelf.resolve("a", "b") == {"a": Article(body="first"), "b": STORE_UNAVAILABLE}
    shelf.is_reachable = True
    del shelf.bodies["a"]
    assert shelf.resolve("a") == {"a": ARTICLE_UNKNOWN}


def test_memory_has_an_end() -> None:
    """The articles asked for longest ago go first."""
    shelf = Shelf()
    shelf.bodies = {str(number): "x" * (REMEMBERED_CHARACTERS // 4) for number in range(5)}
    for number in range(5):
        shelf.resolve(str(number))
    shelf.is_reachable = False
    shelf.now += FRESH_SECONDS
    found = shelf.resolve(*shelf.bodies)
    assert [isinstance(found[str(number)], Article) for number in range(5)] == [False, False, True, True, True]
