"""Bad input to the calls about webhooks and the feed: each with its status, its field and a reason."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.test_service.conftest import Serve
from tests.test_service.test_bad_input import check_problem

JSON = {"Content-Type": "application/json"}
URL = "https://hooks.example/verger"


def hook(**fields: Any) -> bytes:
    return json.dumps({"url": URL, **fields}).encode()


CASES = {
    "no url": (b"{}", 422, "#/url", "required"),
    "null url": (hook(url=None), 422, "#/url", "str"),
    "empty url": (hook(url=""), 422, "#/url", "https"),
    "NUL": (hook(url=URL + "\0"), 422, "#/url", "ASCII"),
    "lone surrogate": (b'{"url": "https://hooks.example/\\ud800"}', 422, "#/url", "ASCII"),
    "a long url": (hook(url=URL + "a" * 2_000), 413, "#/url", "2000"),
    "not TLS": (hook(url="http://hooks.example/"), 422, "#/url", "https"),
    "this machine": (hook(url="https://127.0.0.1:8000/v1/comments/c"), 422, "#/url", "private"),
    "this machine by name": (hook(url="https://localhost/"), 422, "#/url", "private"),
    "a cloud's secrets": (hook(url="https://169.254.169.254/latest/"), 422, "#/url", "private"),
    "a number": (hook(url="https://2130706433/"), 422, "#/url", "no host"),
    "a password": (hook(url="https://a:b@hooks.example/"), 422, "#/url", "password"),
    "no events": (hook(events=[]), 422, "#/events", "length"),
    "another event": (hook(events=["comment.decided", "comment.liked"]), 422, "#/events/1", "enum"),
    "a ping": (hook(events=["ping"]), 422, "#/events/0", "enum"),
    "many events": (hook(events=["comment.erased"] * 11), 413, "#/events", "length"),
    "a secret of one's own": (hook(secret="whsec_abc"), 422, "#/secret", "unknown"),
    "no name for a site": (hook(site="else where"), 422, "#/site", "regex"),
    "not JSON": (b"url=https", 400, "#", "invalid"),
    "1 MB": (hook(url="a" * 1_000_000), 413, "#", "bytes"),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_webhook(client: httpx.Client, case: str) -> None:
    """The answer says which field and why, and no webhook is made."""
    body, status, pointer, reason = CASES[case]
    before = client.get("/v1/webhooks").json()
    check_problem(client.post("/v1/webhooks", content=body, headers=JSON), status, pointer, reason)
    assert client.get("/v1/webhooks").json() == before


NUMBERS = ["0", "-1", "1.5", "a", "1" * 20, "9" * 5_000, "%00", "%ff", "١", "1e3", "0x1", " 1"]


@pytest.mark.parametrize("number", NUMBERS)
def test_bad_numbers(client: httpx.Client, number: str) -> None:
    """What is no delivery's number."""
    answer = client.post(f"/v1/webhooks/deliveries/{number}/resend", json={})
    reason = "UTF-8" if number == "%ff" else "number"
    check_problem(answer, 422, "#/id", reason)


@pytest.mark.parametrize(
    ("path", "query", "pointer", "reason"),
    [
        ("/v1/decisions", {"after": "x"}, "#/after", "cursor"),
        ("/v1/decisions", {"after": "LTE"}, "#/after", "cursor"),
        ("/v1/decisions", {"after": "IngiCg"}, "#/after", "cursor"),
        ("/v1/decisions", {"after": "OTk5OTk5OTk5OTk5OTk5OTk5OTk"}, "#/after", "cursor"),
        ("/v1/decisions", {"after": "\0"}, "#/after", "cursor"),
        ("/v1/decisions", {"limit": "0"}, "#/limit", "200"),
        ("/v1/decisions", {"limit": "201"}, "#/limit", "200"),
        ("/v1/decisions", {"limit": "1" * 20}, "#/limit", "200"),
        ("/v1/decisions", {"wait": "31"}, "#/wait", "30"),
        ("/v1/decisions", {"wait": "0"}, "#/wait", "30"),
        ("/v1/decisions", {"wait": "-1"}, "#/wait", "30"),
        ("/v1/decisions", {"wait": "soon"}, "#/wait", "30"),
        ("/v1/decisions", {"site": "else where"}, "#/site", "regex"),
        ("/v1/decisions", {"before": "x"}, "#/before", "no such"),
        ("/v1/webhooks", {"limit": "1"}, "#/limit", "no such"),
        ("/v1/webhooks", {"site": ""}, "#/site", "length"),
        ("/v1/webhooks/{}/deliveries", {"state": "lost"}, "#/state", "enum"),
        ("/v1/webhooks/{}/deliveries", {"after": "MA"}, "#/after", "cursor"),
        ("/v1/webhooks/{}/deliveries", {"after": "OTk5OTk5OTk5OTk5OTk5OTk5OTk"}, "#/after", "cursor"),
        ("/v1/webhooks/{}/deliveries", {"limit": "none"}, "#/limit", "200"),
        ("/v1/webhooks/{}/deliveries", {"wait": "1"}, "#/wait", "no such"),
        ("/v1/webhooks/%00/deliveries", {}, "#/id", "regex"),
        ("/v1/webhooks/%FF/deliveries", {}, "#/id", "UTF-8"),
    ],
)
def test_bad_query(client: httpx.Client, path: str, query: dict[str, str], pointer: str, reason: str) -> None:
    """What is wrong with it has its name."""
    if "{}" in path:
        made = client.post("/v1/webhooks", json={"url": URL, "site": "bad-queries"}).json()
        path, query = path.format(made["id"]), {"site": "bad-queries", **query}
    check_problem(client.get(path, params=query), 422, pointer, reason)
    if "bad-queries" in query.values():
        client.delete(f"/v1/webhooks/{made['id']}", params={"site": "bad-queries"})


def test_unknown_and_another_sites(client: httpx.Client) -> None:
    """Nothing is found by an id that is not there, or that belongs to another site."""
    made = client.post("/v1/webhooks", json={"url": URL, "events": ["comment.erased"] * 2}, params={"site": "mine"})
    assert made.status_code == 201
    assert made.json()["events"] == ["comment.erased"]
    for name, site in (("wh_none", "mine"), (made.json()["id"], "theirs"), ("a%2Fb", "mine"), ("1" * 20, "mine")):
        for method, path in (("DELETE", ""), ("POST", "/test"), ("POST", "/resend"), ("GET", "/deliveries")):
            body: dict[str, str] | None = {} if method == "POST" else None
            answer = client.request(method, f"/v1/webhooks/{name}{path}", params={"site": site}, json=body)
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:verger:problem:not-found")
    answer = client.post("/v1/webhooks/deliveries/999999999999/resend", json={})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:verger:problem:not-found")
    shown = client.get("/v1/webhooks", params={"site": "mine"}).json()["webhooks"]
    assert [one["id"] for one in shown] == [made.json()["id"]]
    assert "secret" not in shown[0]


def test_so_many_a_site(client: httpx.Client) -> None:
    """And no more; another site has room."""
    for _ in range(20):
        assert client.post("/v1/webhooks", json={"url": URL, "site": "many"}).status_code == 201
    check_problem(client.post("/v1/webhooks", json={"url": URL, "site": "many"}), 409, "#", "20")
    assert client.post("/v1/webhooks", json={"url": URL, "site": "more"}).status_code == 201
    check_problem(
        client.post("/v1/webhooks", json={"url": URL, "site": "many"}, params={"site": "more"}), 422, "#/site", "query"
    )


@pytest.mark.parametrize("path", ["test", "resend", "deliveries"])
def test_no_form_gets_this_far(client: httpx.Client, path: str) -> None:
    """A web page can have a browser post without asking first, but not JSON."""
    path = f"/v1/webhooks/{'deliveries/1/resend' if path == 'deliveries' else f'wh_1/{path}'}"
    for kind in ("", "text/plain", "application/x-www-form-urlencoded"):
        assert client.post(path, content=b"", headers={"Content-Type": kind}).status_code == 415
    assert client.post(path, content=b"", headers=JSON).status_code == 404
    check_problem(client.post(path, json={"a": 1}), 422, "#/a", "unknown")
    check_problem(client.post(path, content=b"{", headers=JSON), 400, "#", "truncated")


def test_what_the_operator_lists(serve: Serve) -> None:
    """May be sent to; what the setting does not list is refused when it is named."""
    client = serve(webhook_private="10.0.0.0/8, hooks.internal")
    for url, status in (
        ("http://10.1.2.3/", 201),
        ("http://hooks.internal:8080/", 201),
        ("https://127.0.0.1/", 422),
        ("https://hooks.example/", 201),
    ):
        assert client.post("/v1/webhooks", json={"url": url}).status_code == status
