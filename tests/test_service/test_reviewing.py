"""Reports, queue and reviews over HTTP, as a comment system with reviewers of its own uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from tests.test_service.conftest import Serve

RUDE = "You fucking idiots, resign."
KIND = "I took the early ferry and it was on time."
_NUMBERS = count()


@pytest.fixture
def site() -> str:
    """A site that no other test writes to."""
    return f"site-{next(_NUMBERS)}"


def put(client: httpx.Client, site: str, name: str, text: str, **more: Any) -> dict[str, Any]:
    """The stored comment."""
    answer = client.put(f"/v1/comments/{name}?site={site}", json={"text": text, **more})
    assert answer.status_code in (200, 201), answer.text
    stored: dict[str, Any] = answer.json()
    return stored


def report(client: httpx.Client, site: str, name: str, reporter: str, reason: str = "spoiler") -> httpx.Response:
    """What a report is answered."""
    return client.post(f"/v1/comments/{name}/reports?site={site}", json={"reporter": reporter, "reason": reason})


def review(client: httpx.Client, site: str, name: str, **said: Any) -> httpx.Response:
    """What a review is answered."""
    whole = {"comment_id": name, "revision": 1, "site": site, "reviewer": "ann", **said}
    return client.post("/v1/reviews", json=whole)


def waiting(client: httpx.Client, site: str, **asked: Any) -> list[str]:
    """The ids of what waits, first things first."""
    answer = client.get("/v1/queue", params={"site": site, **asked})
    assert answer.status_code == 200, answer.text
    return [entry["comment"]["id"] for entry in answer.json()["entries"]]


def test_from_hold_to_decision(client: httpx.Client, site: str) -> None:
    """Held, claimed with all that is needed to judge it, decided, undone; and its history tells."""
    client.put(f"/v1/articles/a?site={site}", json={"title": "Ferries", "body": "They are late."})
    put(client, site, "parent", KIND, article_id="a")
    held = put(client, site, "reply", RUDE, article_id="a", parent_id="parent")
    assert held["state"] == "held"
    (entry,) = client.post("/v1/queue/claim", json={"site": site, "reviewer": "ann"}).json()["entries"]
    assert entry["comment"] == held
    assert (entry["article"]["title"], entry["parent"]["text"]) == ("Ferries", KIND)
    assert (entry["cause"], entry["head"], entry["claimed_by"]) == ("hold", "profanity", "open/ann")
    assert client.post("/v1/queue/claim", json={"site": site, "reviewer": "bob"}).json() == {"entries": []}
    decided = review(client, site, "reply", action="reject", labels={"profanity": 1, "off_topic": None}, note="Rude")
    assert decided.status_code == 201
    assert (decided.json()["state"], decided.json()["labels"]) == ("rejected", {"profanity": 1})
    again = review(client, site, "reply", action="reject", labels={"profanity": 1}, note="Rude")
    assert (again.status_code, again.json()["id"]) == (200, decided.json()["id"])
    undone = client.post(f"/v1/reviews/{decided.json()['id']}/undo?site={site}", json={})
    assert (undone.status_code, undone.json()["state"]) == (200, "held")
    history = client.get(f"/v1/comments/reply?site={site}").json()
    assert (history["waiting"], history["state"], len(history["reviews"])) == ("hold", "held", 1)
    assert history["decision"]["reasons"][0]["head"] == "profanity"


def test_a_review_sent_again(client: httpx.Client, site: str) -> None:
    """200 with the same review, also where a second opinion is waited for, and where it was passed on."""
    assert client.put(f"/v1/policies/{site}", json={"second_opinion_rate": 1.0}).status_code == 201
    for name, said in (("a", {"action": "reject", "labels": {"profanity": 1}}), ("b", {"escalate": True})):
        put(client, site, name, RUDE)
        answers = [review(client, site, name, **said) for _ in range(3)]
        assert [one.status_code for one in answers] == [201, 200, 200]
        assert len({one.json()["id"] for one in answers}) == 1
        assert len(client.get(f"/v1/comments/{name}?site={site}").json()["reviews"]) == 1


def test_two_hundred_false_reports(client: httpx.Client, site: str) -> None:
    """By fresh accounts on an innocent comment: it stays shown, and costs one glance."""
    put(client, site, "innocent", KIND)
    put(client, site, "rude", RUDE)
    for number in range(200):
        assert report(client, site, "innocent", f"fresh-{number}").status_code == 201
    assert client.get(f"/v1/comments/innocent?site={site}").json()["state"] == "allowed"
    assert waiting(client, site) == ["rude", "innocent"]
    assert review(client, site, "innocent", action="approve", labels={"spoiler": 0}).status_code == 201
    assert waiting(client, site) == ["rude"]
    assert report(client, site, "innocent", "fresh-200").json()["state"] == "dismissed"
    assert waiting(client, site) == ["rude"]


def test_an_edit_does_not_bring_back(client: httpx.Client, site: str) -> None:
    """What a person rejected is held when its text changes, whatever the machine makes of the new one."""
    put(client, site, "c", RUDE)
    review(client, site, "c", action="reject")
    edited = put(client, site, "c", KIND)
    assert (edited["state"], edited["decision"]["reasons"]) == ("held", [{"rule": "rejected_before"}])
    assert review(client, site, "c", action="approve").json()["type"] == "urn:verger:problem:stale-revision"
    assert review(client, site, "c", action="approve", revision=2).json()["state"] == "allowed"


def test_many_alike(client: httpx.Client, site: str) -> None:
    """Decided at once, if there are exactly as many as were counted; what somebody holds is left out."""
    for number in range(4):
        put(client, site, f"c-{number}", RUDE)
    client.post("/v1/queue/claim", json={"site": site, "reviewer": "bob", "comment_id": "c-2"})
    many = {"site": site, "filters": {"cause": "hold"}, "action": "reject", "labels": {"profanity": 1}}
    refused = client.post("/v1/reviews/bulk", json={**many, "count": 3})
    assert (refused.status_code, refused.json()["errors"]) == (
        409,
        [{"pointer": "#/count", "detail": "there are 4"}],
    )
    done = client.post("/v1/reviews/bulk", json={**many, "count": 4}).json()
    assert (done["decided"], done["refused"], len(done["reviews"])) == (3, 1, 3)
    assert waiting(client, site) == ["c-2"]


def test_pages_of_the_queue(client: httpx.Client, site: str) -> None:
    """Filtered, sorted, and counted as a whole."""
    for number in range(5):
        put(client, site, f"c-{number}", RUDE)
    first = client.get("/v1/queue", params={"site": site, "sort": "oldest", "limit": 2}).json()
    assert (first["count"], first["more"], len(first["entries"])) == (5, False, 2)
    rest = waiting(client, site, sort="oldest", after=first["next"])
    assert [one["comment"]["id"] for one in first["entries"]] + rest == [f"c-{number}" for number in range(5)]
    assert waiting(client, site, cause="report") == []
    assert len(waiting(client, site, head="profanity", min_score=0.5, action="hold")) == 5


def test_lists_hold_excerpts(client: httpx.Client, site: str) -> None:
    """Many wait under one article: a list repeats the beginning of it and of the parent, a claim brings the whole."""
    body, parent = "The ferry 🛳 was late. " * 8_000, "I waited for hours. " * 900
    client.put(f"/v1/articles/a?site={site}", json={"title": "Ferries", "body": body})
    client.put(f"/v1/articles/short?site={site}", json={"title": "Piers", "body": "They burn."})
    put(client, site, "parent", parent, article_id="a")
    put(client, site, "reply", RUDE, article_id="a", parent_id="parent")
    put(client, site, "other", RUDE, article_id="short")
    entries = client.get("/v1/queue", params={"site": site}).json()["entries"]
    listed = {one["comment"]["id"]: one for one in entries}
    reply, other = listed["reply"], listed["other"]
    assert (reply["article"]["body"], reply["article"]["body_cut"]) == (body[:500], True)
    assert (reply["parent"]["text"], reply["parent"]["text_cut"]) == (parent[:500], True)
    assert (other["article"]["body"], other["article"]["body_cut"], other["parent"]) == ("They burn.", False, None)
    asked = {"site": site, "reviewer": "ann", "comment_id": "reply"}
    (claimed,) = client.post("/v1/queue/claim", json=asked).json()["entries"]
    assert (claimed["article"]["body"], claimed["article"]["body_cut"]) == (body, False)
    assert (claimed["parent"]["text"], claimed["parent"]["text_cut"]) == (parent, False)


def test_reporters(client: httpx.Client, site: str) -> None:
    """Set aside after a look at what that touches, and undone."""
    put(client, site, "c", KIND)
    report(client, site, "c", "r/1")
    assert client.get(f"/v1/reporters/r%2F1/open-reports?site={site}").json() == {"comments": ["c"], "more": False}
    done = client.post(f"/v1/reporters/r%2F1/set-aside?site={site}", json={}).json()
    assert done["reports"] == 1
    assert waiting(client, site) == []
    assert client.post(f"/v1/set-asides/{done['id']}/undo?site={site}", json={}).json() == {"reports": 1}
    assert waiting(client, site) == ["c"]
    (one,) = client.get(f"/v1/reporters?site={site}").json()["reporters"]
    assert one == {"id": "r/1", "reports": 1, "open": 1, "agreed": 0, "disagreed": 0}


def test_golden_and_second_opinions(client: httpx.Client, site: str) -> None:
    """Both are shown as the machine left them, so that nobody is told what others thought."""
    policy = {"second_opinion_rate": 1.0, "golden_every": 2}
    assert client.put(f"/v1/policies/{site}", json=policy).status_code == 201
    put(client, site, "c", RUDE)
    review(client, site, "c", action="approve")
    (entry,) = client.post("/v1/queue/claim", json={"site": site, "reviewer": "bob"}).json()["entries"]
    assert (entry["cause"], entry["comment"]["state"]) == ("second", "held")
    assert entry["comment"]["decision"]["reasons"][0]["head"] == "profanity"
    second = review(client, site, "c", action="reject", reviewer="bob").json()
    assert (second["role"], second["state"]) == ("checking", "allowed")
    answer = {"revision": 1, "action": "reject", "labels": {"profanity": 1}}
    assert client.put(f"/v1/comments/c/golden?site={site}", json=answer).status_code == 204
    put(client, site, "d", RUDE)
    put(client, site, "e", RUDE)
    review(client, site, "d", action="reject", reviewer="cyd")
    (entry,) = client.post("/v1/queue/claim", json={"site": site, "reviewer": "cyd"}).json()["entries"]
    assert (entry["comment"]["id"], entry["comment"]["state"]) == ("c", "held")
    assert (entry["claimed_by"], entry["claimed_until"] > entry["entered_at"]) == ("open/cyd", True)
    assert entry["entered_at"] == entry["comment"]["changed_at"]
    one = {"site": site, "reviewer": "cyd", "comment_id": "c"}
    (again,) = client.post("/v1/queue/claim", json=one).json()["entries"]
    assert again == {**entry, "claimed_until": again["claimed_until"]}
    assert client.post("/v1/queue/release", json=one).status_code == 204
    assert review(client, site, "c", action="reject", reviewer="cyd").json()["role"] == "checking"
    assert client.delete(f"/v1/comments/c/golden?site={site}").status_code == 204


def problems() -> Iterator[Any]:
    """Method, path, body; status, kind and field of the answer."""
    whole = {"comment_id": "c", "revision": 1, "action": "approve"}
    reporting = {"reporter": "r", "reason": "spoiler"}
    long = "x" * 2_001
    cases: list[tuple[str, str, object, int, str, str | None]] = [
        ("POST", "/v1/comments/none/reports", reporting, 404, "not-found", None),
        ("POST", "/v1/comments/c/reports", {**reporting, "reason": "boring"}, 422, "invalid", "#/reason"),
        ("POST", "/v1/comments/c/reports", {"reason": "spoiler"}, 422, "invalid", "#/reporter"),
        ("POST", "/v1/comments/c/reports", {**reporting, "reporter": "a\nb"}, 422, "invalid", "#/reporter"),
        ("POST", "/v1/comments/c/reports", {**reporting, "note": long}, 413, "too-large", "#/note"),
        ("POST", "/v1/comments/c/reports", {**reporting, "note": "a\0b"}, 422, "invalid", "#/note"),
        ("POST", "/v1/comments/c/reports", {**reporting, "weight": 1}, 422, "invalid", "#/weight"),
        ("POST", "/v1/comments/none/appeals", {}, 404, "not-found", None),
        ("POST", "/v1/comments/kind/appeals", {}, 409, "nothing-to-appeal", "#"),
        ("POST", "/v1/comments/c/appeals", {"note": "\ud800"}, 422, "invalid", "#/note"),
        ("GET", "/v1/queue?cause=none", None, 422, "invalid", "#/cause"),
        ("GET", "/v1/queue?head=none", None, 422, "invalid", "#/head"),
        ("GET", "/v1/queue?min_score=2", None, 422, "invalid", "#/min_score"),
        ("GET", "/v1/queue?min_age=nan", None, 422, "invalid", "#/min_age"),
        ("GET", "/v1/queue?sort=best", None, 422, "invalid", "#/sort"),
        ("GET", "/v1/queue?after=x", None, 422, "invalid", "#/after"),
        ("GET", "/v1/queue?after=WzEuMCwiYSJd&sort=oldest", None, 422, "invalid", "#/after"),
        ("GET", "/v1/queue?limit=0", None, 422, "invalid", "#/limit"),
        ("GET", "/v1/queue?page=2", None, 422, "invalid", "#/page"),
        ("POST", "/v1/queue/claim", {"comment_id": "none"}, 404, "not-found", None),
        ("POST", "/v1/queue/claim", {"comment_id": "kind"}, 404, "not-found", None),
        ("POST", "/v1/queue/claim", {"count": 0}, 422, "invalid", "#/count"),
        ("POST", "/v1/queue/claim", {"lease_seconds": 10**9}, 422, "invalid", "#/lease_seconds"),
        ("POST", "/v1/queue/claim", {"filters": {"head": "x"}}, 422, "invalid", "#/filters/head"),
        ("POST", "/v1/queue/claim", {"filters": {"colour": 1}}, 422, "invalid", "#/filters/colour"),
        ("POST", "/v1/queue/release", {"comment_id": "c"}, 404, "not-found", None),
        ("POST", "/v1/reviews", {**whole, "comment_id": "none"}, 404, "not-found", None),
        ("POST", "/v1/reviews", {**whole, "revision": 7}, 409, "stale-revision", "#/revision"),
        ("POST", "/v1/reviews", {**whole, "revision": 10**20}, 422, "invalid", "#/revision"),
        ("POST", "/v1/reviews", {**whole, "revision": 0}, 422, "invalid", "#/revision"),
        ("POST", "/v1/reviews", {**whole, "action": "hold"}, 422, "invalid", "#/action"),
        ("POST", "/v1/reviews", {**whole, "escalate": True}, 422, "invalid", "#/action"),
        ("POST", "/v1/reviews", {"comment_id": "c", "revision": 1}, 422, "invalid", "#/action"),
        ("POST", "/v1/reviews", {**whole, "labels": {"rudeness": 1}}, 422, "invalid", "#/labels/rudeness"),
        ("POST", "/v1/reviews", {**whole, "labels": {"spoiler": 2}}, 422, "invalid", "#/labels"),
        ("POST", "/v1/reviews", {**whole, "note": long}, 413, "too-large", "#/note"),
        ("POST", "/v1/reviews/1/undo?site=nowhere", None, 404, "not-found", None),
        ("POST", f"/v1/reviews/{'9' * 20}/undo", None, 422, "invalid", "#/id"),
        ("POST", "/v1/reviews/-1/undo", None, 422, "invalid", "#/id"),
        ("POST", "/v1/reviews/bulk", {"filters": {}, "action": "reject"}, 422, "invalid", "#/count"),
        ("POST", "/v1/reviews/bulk", {"filters": {}, "action": "reject", "count": 1001}, 422, "invalid", "#/count"),
        ("PUT", "/v1/comments/none/golden", {"revision": 1, "action": "reject"}, 404, "not-found", None),
        ("PUT", "/v1/comments/c/golden", {"revision": 1}, 422, "invalid", "#/action"),
        ("DELETE", "/v1/comments/c/golden", None, 404, "not-found", None),
        ("POST", "/v1/reporters/none/set-aside", None, 404, "not-found", None),
        ("POST", "/v1/set-asides/1/undo?site=nowhere", None, 404, "not-found", None),
        ("GET", "/v1/reporters?after=!", None, 422, "invalid", "#/after"),
    ]
    for method, path, body, status, kind, field in cases:
        yield pytest.param(method, path, body, (status, kind, field), id=f"{method} {path[:40]} {field}")


@pytest.mark.parametrize(("method", "path", "body", "expected"), list(problems()))
def test_bad_input(
    client: httpx.Client, method: str, path: str, body: object, expected: tuple[int, str, str | None]
) -> None:
    """Each gets its problem answer, which names the field."""
    put(client, "bad", "c", RUDE)
    put(client, "bad", "kind", KIND)
    path = path if "site=" in path else f"{path}{'&' if '?' in path else '?'}site=bad"
    content = None if body is None else json.dumps(body)
    answer = client.request(method, path, content=content, headers={"Content-Type": "application/json"})
    problem = answer.json()
    field = problem.get("errors", [{"pointer": None}])[0]["pointer"]
    assert (answer.status_code, problem["type"].rpartition(":")[2], field) == expected


@pytest.mark.parametrize("path", ["reviews/1/undo", "reporters/r/set-aside", "set-asides/1/undo"])
def test_no_form_gets_through(client: httpx.Client, path: str) -> None:
    """A web page can make a browser send a form to this machine; what needs no body asks for JSON all the same."""
    headers = {"Content-Type": "text/plain", "Origin": "https://evil.example"}
    assert client.post(f"/v1/{path}", headers=headers).status_code == 415


def test_without_a_store(serve: Serve) -> None:
    """Nothing that people do is taken in while it cannot be kept."""
    client = serve(store="postgresql://nobody@127.0.0.1:1/none")
    answers = (
        report(client, "s", "c", "r"),
        review(client, "s", "c", action="approve"),
        client.get("/v1/queue?site=s"),
        client.post("/v1/queue/claim", json={"site": "s"}),
    )
    assert {(one.status_code, one.json()["type"]) for one in answers} == {(503, "urn:verger:problem:store-unavailable")}
