"""Policies over HTTP: versions of a site's own, and what they make of comments."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from service.policy import DEFAULT, content_of
from tests.test_service.test_bad_input import JSON

OBSCENE = "What the fuck did they do to the old bridge"
CLEAN = "The bridge was lovely when I was a child."
MILD = "That damn bridge is closed again"


def put(client: httpx.Client, site: str, **fields: Any) -> httpx.Response:
    return client.put(f"/v1/policies/{site}", json=fields)


def refused(answer: httpx.Response, status: int, slug: str, pointer: str | None = None) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:verger:problem:{slug}"), answer.text
    assert [fault["pointer"] for fault in problem.get("errors", [])] == ([] if pointer is None else [pointer])


def decision(client: httpx.Client, site: str, text: str) -> dict[str, Any]:
    answer = client.post("/v1/score", json={"text": text, "site": site})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()["decision"]
    return found


def stored(client: httpx.Client, site: str, name: str, text: str, author: str | None = None) -> dict[str, Any]:
    fields = {} if author is None else {"author": {"id": author}}
    answer = client.put(f"/v1/comments/{name}?site={site}", json={"text": text, **fields})
    assert answer.status_code in (200, 201)
    comment: dict[str, Any] = answer.json()
    return comment


def test_versions(client: httpx.Client) -> None:
    """The built-in one is version 1; each that is put follows, counts at once, and stays to be read."""
    built_in = client.get("/v1/policies/versions")
    assert built_in.status_code == 200
    assert built_in.json() == {
        "site": "versions",
        "version": 1,
        "name": "default@1",
        "made_at": None,
        **content_of(DEFAULT),
    }
    second = put(client, "versions", sample_rate=0.5, exempt_authors=["b", "a", "a"], follows=1)
    assert second.status_code == 201
    assert (second.json()["version"], second.json()["name"]) == (2, "versions@2")
    assert second.json()["rules"] == built_in.json()["rules"]
    assert decision(client, "versions", OBSCENE)["policy"] == "versions@2"
    again = put(client, "versions", sample_rate=0.5, exempt_authors=["a", "b"])
    assert (again.status_code, again.json()) == (200, second.json())
    third = put(client, "versions", rules=[])
    assert third.json()["version"] == 3
    assert decision(client, "versions", OBSCENE) == {"action": "allow", "reasons": [], "policy": "versions@3"}
    assert client.get("/v1/policies/versions").json() == third.json()
    assert client.get("/v1/policies/versions?version=2").json() == second.json()
    assert client.get("/v1/policies/versions?version=1").json() == built_in.json()
    refused(client.get("/v1/policies/versions?version=4"), 404, "not-found")
    stale = put(client, "versions", sample_rate=0.25, follows=2)
    refused(stale, 409, "conflict", "#/follows")
    assert decision(client, "elsewhere", OBSCENE)["policy"] == "default@1"


def test_rules(client: httpx.Client) -> None:
    """Points that the bundle promises, thresholds of the site's own; mild words are spared unless it says otherwise."""
    rules: list[dict[str, Any]] = [
        {"head": "profanity", "action": "reject", "threshold": 0.5},
        {"head": "profanity", "action": "label", "operating_point": "balanced"},
    ]
    answer = put(client, "rules", rules=rules)
    assert [rule["spared"] for rule in answer.json()["rules"]] == [["mild"], []]
    rejected = decision(client, "rules", OBSCENE)
    assert rejected["action"] == "reject"
    assert next((why["operating_point"], why["threshold"]) for why in rejected["reasons"]) == ("explicit", 0.5)
    assert stored(client, "rules", "c-1", OBSCENE)["state"] == "rejected"
    mild = [{"head": "profanity", "action": "hold", "threshold": 0.0001}]
    put(client, "rules", rules=mild)
    assert decision(client, "rules", MILD)["action"] == "allow"
    put(client, "rules", rules=[{**mild[0], "spared": []}])
    assert decision(client, "rules", MILD)["action"] == "hold"


def test_blocked_terms(client: httpx.Client) -> None:
    """Held with the term and its place, however it is spelt; only scored, in a batch and when stored."""
    assert put(client, "blocked", blocked_terms=["ferry"]).status_code == 201
    text = "No f3rry today"
    held = decision(client, "blocked", text)
    assert (held["action"], held["policy"]) == ("hold", "blocked@2")
    assert held["reasons"] == [{"rule": "blocked_term", "term": "ferry", "start": 3, "end": 8}]
    assert decision(client, "blocked", "No ferryman today")["action"] == "allow"
    assert stored(client, "blocked", "c-1", text)["decision"] == held
    assert client.get("/v1/comments/c-1?site=blocked").json()["decision"] == held
    comments = [{"text": text, "site": site} for site in ("blocked", "default", "blocked")]
    results = client.post("/v1/score/batch", json={"comments": comments}).json()["results"]
    assert [one["decision"]["action"] for one in results] == ["hold", "allow", "hold"]


def test_an_erased_comments_reasons_name_no_term(client: httpx.Client) -> None:
    """Why it was held stays, the word does not."""
    put(client, "erased", blocked_terms=["ferry"])
    stored(client, "erased", "c-1", "No ferry today")
    assert client.delete("/v1/comments/c-1?site=erased").status_code == 204
    answer = client.get("/v1/comments/c-1?site=erased")
    assert answer.json()["decision"]["reasons"] == [{"rule": "blocked_term", "start": 3, "end": 8}]


def test_allowed_terms(client: httpx.Client) -> None:
    """They take away the profanity of just that word. The scores stay the bundle's."""
    before = client.post("/v1/score", json={"text": OBSCENE, "site": "allowed"}).json()
    assert before["decision"]["action"] == "hold"
    put(client, "allowed", allowed_terms=["fuck"])
    after = client.post("/v1/score", json={"text": OBSCENE, "site": "allowed"}).json()
    assert after["scores"] == before["scores"]
    told = {"rule": "allowed_term", "term": "fuck", "start": 9, "end": 13}
    assert (after["decision"]["action"], after["decision"]["reasons"]) == ("allow", [told])
    other = decision(client, "allowed", OBSCENE + ", you bitch")
    assert other["action"] == "hold"
    assert [why.get("head", why.get("rule")) for why in other["reasons"]] == ["profanity", "allowed_term"]
    alone = decision(client, "allowed", "Fuck")
    assert alone["action"] == "allow"
    results = client.post(
        "/v1/score/batch", json={"comments": [{"text": OBSCENE, "site": "allowed"}, {"text": OBSCENE}]}
    ).json()["results"]
    assert [one["decision"]["action"] for one in results] == ["allow", "hold"]


def test_authors(client: httpx.Client) -> None:
    """Held until two of the author's comments stand; exempt authors never, nameless ones always."""
    for number in range(2):
        stored(client, "authors", f"early-{number}", CLEAN, "known")
    put(client, "authors", hold_new_authors=2, exempt_authors=["editor"])
    assert stored(client, "authors", "c-1", CLEAN, "known")["state"] == "allowed"
    assert stored(client, "authors", "early-0", CLEAN + " Truly.", "known")["state"] == "allowed"
    fresh = stored(client, "authors", "c-2", CLEAN, "fresh")
    assert (fresh["state"], fresh["decision"]["reasons"]) == ("held", [{"rule": "new_author"}])
    assert stored(client, "authors", "c-3", CLEAN)["state"] == "held"
    exempt = stored(client, "authors", "c-4", OBSCENE, "editor")
    assert (exempt["state"], exempt["decision"]["reasons"]) == ("allowed", [{"rule": "exempt_author"}])
    assert decision(client, "authors", CLEAN)["action"] == "allow"


def test_sample(client: httpx.Client) -> None:
    """Drawn by id, so an edit draws the same; what is only scored is not drawn."""
    put(client, "sample", sample_rate=0.5)
    drawn = [stored(client, "sample", f"c-{number}", CLEAN)["decision"]["reasons"] for number in range(30)]
    edited = [stored(client, "sample", f"c-{number}", CLEAN + " Yes.")["decision"]["reasons"] for number in range(30)]
    assert drawn == edited
    assert {repr(reasons) for reasons in drawn} == {"[]", repr([{"rule": "sample"}])}
    assert decision(client, "sample", CLEAN)["reasons"] == []


RULE = {"head": "profanity", "action": "hold"}
BAD: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "unknown field": ({"colour": 1}, 422, "invalid", "#/colour"),
    "unknown head": ({"rules": [{**RULE, "head": "rude", "threshold": 0.5}]}, 422, "invalid", "#/rules/0/head"),
    "unknown action": ({"rules": [{**RULE, "action": "allow", "threshold": 1}]}, 422, "invalid", "#/rules/0/action"),
    "unknown point": (
        {"rules": [{**RULE, "operating_point": "precision>=0.91"}]},
        422,
        "invalid",
        "#/rules/0/operating_point",
    ),
    "a promise nobody can keep": (
        {"rules": [{**RULE, "head": "off_topic", "operating_point": "precision>=0.99"}]},
        422,
        "invalid",
        "#/rules/0/operating_point",
    ),
    "neither": ({"rules": [RULE]}, 422, "invalid", "#/rules/0"),
    "both": ({"rules": [{**RULE, "threshold": 0.5, "operating_point": "balanced"}]}, 422, "invalid", "#/rules/0"),
    "threshold above 1": ({"rules": [{**RULE, "threshold": 1.01}]}, 422, "invalid", "#/rules/0/threshold"),
    "threshold 0": ({"rules": [{**RULE, "threshold": 0}]}, 422, "invalid", "#/rules/0/threshold"),
    "threshold in words": ({"rules": [{**RULE, "threshold": "high"}]}, 422, "invalid", "#/rules/0/threshold"),
    "unknown severity": ({"rules": [{**RULE, "threshold": 1, "spared": ["x"]}]}, 422, "invalid", "#/rules/0/spared/0"),
    "no severities": (
        {"rules": [{"head": "spoiler", "action": "label", "threshold": 0.5, "spared": ["mild"]}]},
        422,
        "invalid",
        "#/rules/0/spared",
    ),
    "too many rules": ({"rules": [{**RULE, "threshold": 0.5}] * 51}, 413, "too-large", "#/rules"),
    "too many terms": ({"blocked_terms": ["a"] * 1_001}, 413, "too-large", "#/blocked_terms"),
    "too long a term": ({"allowed_terms": ["a" * 101]}, 413, "too-large", "#/allowed_terms/0"),
    "empty term": ({"blocked_terms": ["ok", ""]}, 422, "invalid", "#/blocked_terms/1"),
    "blank term": ({"blocked_terms": [" - "]}, 422, "invalid", "#/blocked_terms/0"),
    "NUL": ({"blocked_terms": ["a\0b"]}, 422, "invalid", "#/blocked_terms/0"),
    "signs": ({"blocked_terms": ["c++"]}, 422, "invalid", "#/blocked_terms/0"),
    "line feed": ({"blocked_terms": ["a\nb"]}, 422, "invalid", "#/blocked_terms/0"),
    "both lists": ({"blocked_terms": ["Tea"], "allowed_terms": ["x", "téa"]}, 422, "invalid", "#/allowed_terms/1"),
    "block action": ({"blocked_terms_action": "allow"}, 422, "invalid", "#/blocked_terms_action"),
    "rate above 1": ({"sample_rate": 1.5}, 422, "invalid", "#/sample_rate"),
    "rate below 0": ({"sample_rate": -0.1}, 422, "invalid", "#/sample_rate"),
    "too many to stand": ({"hold_new_authors": 101}, 422, "invalid", "#/hold_new_authors"),
    "a huge number": ({"hold_new_authors": 10**30}, 422, "invalid", "#/hold_new_authors"),
    "no version": ({"follows": 0}, 422, "invalid", "#/follows"),
    "too many exempt": ({"exempt_authors": ["u"] * 1_001}, 413, "too-large", "#/exempt_authors"),
    "NUL in an id": ({"exempt_authors": ["u\0"]}, 422, "invalid", "#/exempt_authors/0"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_policies(client: httpx.Client, name: str) -> None:
    """Each with its problem and place; nothing of it counts."""
    fields, status, slug, pointer = BAD[name]
    refused(put(client, "bad", **fields), status, slug, pointer)
    assert client.get("/v1/policies/bad").json()["version"] == 1


@pytest.mark.parametrize(
    ("method", "path", "pointer"),
    [
        ("GET", "/v1/policies/%00", "#/site"),
        ("GET", "/v1/policies/%ff", "#/site"),
        ("GET", "/v1/policies/a%2Fb", "#/site"),
        ("PUT", "/v1/policies/-a", "#/site"),
        ("GET", "/v1/policies/a?version=0", "#/version"),
        ("GET", "/v1/policies/a?version=12345678901234567890", "#/version"),
        ("GET", "/v1/policies/a?version=", "#/version"),
        ("GET", "/v1/policies/a?site=b", "#/site"),
        ("PUT", "/v1/policies/a?version=2", "#/version"),
    ],
)
def test_bad_addresses(client: httpx.Client, method: str, path: str, pointer: str) -> None:
    """What is wrong with a path or a query is told by its name."""
    content = b"{}" if method == "PUT" else None
    refused(client.request(method, path, content=content, headers=JSON), 422, "invalid", pointer)


def test_not_a_policy(client: httpx.Client) -> None:
    """Not JSON, not an object, another content type, too much of it; lone surrogates are no text."""
    address = "/v1/policies/bad"
    refused(client.put(address, content=b"{", headers=JSON), 400, "not-json", "#")
    refused(client.put(address, content=b"[]", headers=JSON), 422, "invalid", "#")
    refused(client.put(address, content=b"{}", headers={"Content-Type": "text/plain"}), 415, "unsupported-content")
    refused(client.put(address, content=b" " * 1_048_577, headers=JSON), 413, "too-large", "#")
    refused(client.get("/v1/policies/" + "a" * 65), 413, "too-large", "#/site")
    half = b'{"blocked_terms": ["a\\ud800"]}'
    refused(client.put(address, content=half, headers=JSON), 422, "invalid", "#/blocked_terms/0")
