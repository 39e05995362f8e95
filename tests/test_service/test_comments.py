"""Comments over HTTP: stored once, edited by revision, erased for good."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.test_service.test_bad_input import JSON, check_problem

OBSCENE = "What the fuck did they do to the old bridge"
CLEAN = "The bridge was lovely when I was a child."
BRIDGE = {"title": "The old bridge", "body": "The old bridge was closed on Monday.\n\nIt had rusted.", "kind": "news"}


@pytest.fixture(scope="module", autouse=True)
def registered(client: httpx.Client) -> None:
    """An article that comments may stand under."""
    assert client.put("/v1/articles/bridge", json=BRIDGE).status_code == 201


def put(client: httpx.Client, name: str, text: str = CLEAN, **fields: Any) -> httpx.Response:
    return client.put(f"/v1/comments/{quote(name, safe='')}", json={"text": text, **fields})


def test_first_again_and_edited(client: httpx.Client) -> None:
    """201, then the same answer with 200 however often; another text is a revision with scores of its own."""
    whole = {"article_id": "bridge", "author": {"id": "u-1", "name": "Ann"}, "created_at": "2026-05-01T10:00:00+02:00"}
    first = put(client, "edited", OBSCENE, **whole)
    assert first.status_code == 201
    comment = first.json()
    assert (comment["state"], comment["revision"], comment["text"]) == ("held", 1, OBSCENE)
    assert comment["created_at"] == "2026-05-01T08:00:00Z"
    assert OBSCENE[slice(*(comment["scores"]["profanity"]["spans"][0][end] for end in ("start", "end")))] == "fuck"
    assert comment["scores"]["off_topic"]["nearest"]
    again = [put(client, "edited", OBSCENE, **whole), put(client, "edited", OBSCENE)]
    assert [(one.status_code, one.json()) for one in again] == [(200, comment)] * 2
    edit = put(client, "edited", CLEAN)
    assert edit.status_code == 200
    edited = edit.json()
    assert (edited["state"], edited["revision"], edited["author"]) == ("allowed", 2, {"id": "u-1", "name": "Ann"})
    assert edited["scores"]["off_topic"]["score"] is not None
    read = client.get("/v1/comments/edited").json()
    past = read.pop("revisions")
    assert read == edited | {"waiting": None, "reports": [], "appeals": [], "reviews": []}
    assert [(one["revision"], one["action"]) for one in past] == [(1, "hold"), (2, "allow")]


def test_scored_as_if_it_were_not_stored(client: httpx.Client) -> None:
    """The same scores and decision as ``/v1/score`` gives, under the same article and parent."""
    put(client, "parent", OBSCENE, article_id="bridge")
    stored = put(client, "reply", "I agree with that", article_id="bridge", parent_id="parent").json()
    context = {"article": {"id": "bridge"}, "parent": OBSCENE}
    scored = client.post("/v1/score", json={"text": "I agree with that", "context": context, "explain": True}).json()
    assert {name: stored[name] for name in scored} == scored


def test_an_article_by_id_is_as_good_as_inline(client: httpx.Client) -> None:
    """In one comment, in a batch and in a stream."""
    body = {"text": CLEAN, "context": {"article": BRIDGE | {}}}
    kind = body["context"]["article"].pop("kind")  # type: ignore[index]
    inline = client.post("/v1/score", json={**body, "context": {**body["context"], "kind": kind}}).json()  # type: ignore[dict-item]
    named = {"text": CLEAN, "context": {"article": {"id": "bridge"}}}
    unknown = {"text": CLEAN, "context": {"article": {"id": "tunnel"}}}
    assert client.post("/v1/score", json=named).json() == inline
    batch = client.post("/v1/score/batch", json={"comments": [named, unknown, named]}).json()["results"]
    lines = "\n".join(json.dumps(one) for one in (named, unknown, named))
    stream = client.post("/v1/score/batch", content=lines, headers={"Content-Type": "application/x-ndjson"})
    for results in (batch, [json.loads(line) for line in stream.text.splitlines()]):
        assert results[0] == results[2] == inline
        assert results[1]["scores"]["off_topic"] == {"score": None, "why": "article_unknown"}


def test_an_article_of_another_site_is_unknown(client: httpx.Client) -> None:
    """Ids are a site's own."""
    named = {"text": CLEAN, "context": {"article": {"id": "bridge"}}, "site": "elsewhere"}
    assert client.post("/v1/score", json=named).json()["scores"]["off_topic"]["why"] == "article_unknown"
    check_problem(put(client, "c", site="elsewhere", article_id="bridge"), 422, "#/article_id", "registered")


def test_edits_in_order(client: httpx.Client) -> None:
    """An edit older than what is stored is refused; the same time or a newer one is not."""
    put(client, "ordered", "one", created_at="2026-05-01T10:00:00Z")
    early = put(client, "ordered", "zero", revised_at="2026-05-01T09:59:59.999999Z")
    check_problem(early, 409, "#/revised_at", "older")
    assert put(client, "ordered", "two", revised_at="2026-05-01T12:00:00+02:00").status_code == 200
    assert put(client, "ordered", "three", revised_at="2026-05-01T11:00:00Z").json()["revision"] == 3
    check_problem(put(client, "ordered", "late", revised_at="2026-05-01T10:30:00Z"), 409, "#/revised_at", "older")
    assert put(client, "ordered", "three", revised_at="2026-05-01T10:30:00Z").status_code == 200
    assert client.get("/v1/comments/ordered").json()["text"] == "three"


def test_what_contradicts_is_refused(client: httpx.Client) -> None:
    """A comment keeps its author, its article and its parent."""
    client.put("/v1/articles/tunnel-2", json={"title": "Tunnel"})
    put(client, "kept", "one", article_id="bridge", author={"id": "u-1"}, parent_id="nobody")
    check_problem(put(client, "kept", "two", author={"id": "u-2"}), 409, "#/author/id", "another author")
    check_problem(put(client, "kept", "two", article_id="tunnel-2"), 409, "#/article_id", "stays")
    check_problem(put(client, "kept", "two", parent_id="somebody"), 409, "#/parent_id", "stays")
    renamed = put(client, "kept", "two", author={"id": "u-1", "name": "Anna"}).json()
    assert renamed["author"] == {"id": "u-1", "name": "Anna"}


def test_threads(client: httpx.Client) -> None:
    """Replies are listed page by page, whether or not the comment itself is stored."""
    for number in range(5):
        put(client, f"answer-{number}", f"Answer {number}", parent_id="absent/one")
    path, names = f"/v1/comments/{quote('absent/one', safe='')}/replies", []
    page = client.get(path, params={"limit": 2}).json()
    while True:
        names += [one["id"] for one in page["replies"]]
        if page["next"] is None:
            break
        page = client.get(path, params={"limit": 2, "after": page["next"]}).json()
    assert names == [f"answer-{number}" for number in range(5)]
    put(client, "under", article_id="bridge")
    check_problem(put(client, "beside", parent_id="under"), 422, "#/parent_id", "another article")


def test_erased_for_good(client: httpx.Client) -> None:
    """Afterwards there is a comment with no text, no author and no spans, and it is not taken in again."""
    put(client, "gone", OBSCENE, author={"id": "u-9", "name": "Zoë"})
    put(client, "gone", OBSCENE + "!")
    assert [client.delete("/v1/comments/gone").status_code for _ in range(2)] == [204, 204]
    left = client.get("/v1/comments/gone")
    assert (left.json()["state"], left.json()["text"], left.json()["author"]) == ("erased", None, None)
    assert left.json()["decision"]["action"] == "hold"
    assert not [part for part in ("fuck", "u-9", "Zoë", "spans") if part in left.text]
    refused = put(client, "gone", "Back again")
    assert (refused.status_code, refused.json()["type"]) == (410, "urn:verger:problem:erased")
    assert client.delete("/v1/comments/never-there").status_code == 404


def test_sites_do_not_meet(client: httpx.Client) -> None:
    """The same id on two sites is two comments: neither is read, changed or erased from the other's side."""
    put(client, "shared", "Here")
    assert client.get("/v1/comments/shared", params={"site": "elsewhere"}).status_code == 404
    assert client.delete("/v1/comments/shared", params={"site": "elsewhere"}).status_code == 404
    there = client.put("/v1/comments/shared", params={"site": "elsewhere"}, json={"text": "There"})
    assert (there.status_code, there.json()["site"]) == (201, "elsewhere")
    assert client.delete("/v1/comments/shared", params={"site": "elsewhere"}).status_code == 204
    assert client.get("/v1/comments/shared").json()["text"] == "Here"


@pytest.mark.parametrize(
    "name", ["a/b", "a/../b", "..%2f", "%", "?x=1#y", "käse 🧀", "9" * 20, "x" * 200, "+ &;", "\u202e"]
)
def test_any_id(client: httpx.Client, name: str) -> None:
    """Slashes, dots, percent signs: whatever is no control character, percent-encoded."""
    assert put(client, name).json()["id"] == name
    assert client.get(f"/v1/comments/{quote(name, safe='')}").json()["id"] == name


def test_many_at_once_with_one_id(client: httpx.Client) -> None:
    """One of them made it, the others found it; each got the same answer."""

    async def send() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=client.base_url, timeout=60) as caller:
            sending = (caller.put("/v1/comments/contested", json={"text": CLEAN}) for _ in range(40))
            return await asyncio.gather(*sending)

    answers = asyncio.run(send())
    assert sorted(one.status_code for one in answers) == [200] * 39 + [201]
    assert len({one.text for one in answers}) == 1


def comment(**fields: Any) -> dict[str, Any]:
    return {"text": "Hello", **fields}


BAD = {
    "no text": ({}, 422, "#/text", "required"),
    "blank": (comment(text=" \n"), 422, "#/text", "blank"),
    "NUL": (comment(text="a\0b"), 422, "#/text", "NUL"),
    "too long": (comment(text="a" * 20_001), 413, "#/text", "20000"),
    "unknown article": (comment(article_id="tunnel"), 422, "#/article_id", "registered"),
    "article id a number": (comment(article_id=int("9" * 20)), 422, "#/article_id", "str"),
    "article id too long": (comment(article_id="x" * 201), 413, "#/article_id", "200"),
    "NUL in an id": (comment(article_id="a\0"), 422, "#/article_id", "regex"),
    "its own parent": (comment(parent_id="bad"), 422, "#/parent_id", "itself"),
    "parent id empty": (comment(parent_id=""), 422, "#/parent_id", "length"),
    "author without id": (comment(author={"name": "Ann"}), 422, "#/author/id", "required"),
    "author id too long": (comment(author={"id": "x" * 201}), 413, "#/author/id", "200"),
    "author name too long": (comment(author={"id": "u", "name": "x" * 501}), 413, "#/author/name", "500"),
    "NUL in a name": (comment(author={"id": "u", "name": "a\0"}), 422, "#/author/name", "NUL"),
    "surrogate in a name": (comment(author={"id": "u", "name": "\ud800"}), 422, "#/author/name", "surrogate"),
    "author a string": (comment(author="u"), 422, "#/author", "object"),
    "time without zone": (comment(created_at="2026-05-01T10:00:00"), 422, "#/created_at", "timezone"),
    "time as a number": (comment(created_at=1_700_000_000), 422, "#/created_at", "datetime"),
    "no such day": (comment(revised_at="2026-02-30T10:00:00Z"), 422, "#/revised_at", "RFC3339"),
    "before all time": (comment(revised_at="0001-01-01T00:00:00+14:00"), 422, "#/revised_at", "year"),
    "a site with a slash": (comment(site="a/b"), 422, "#/site", "regex"),
    "unknown field": (comment(scores={}), 422, "#/scores", "unknown"),
    "no language": (comment(lang="plain words"), 422, "#/lang", "regex"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_comment(client: httpx.Client, case: str) -> None:
    """Told with its field and reason, and nothing is stored."""
    body, status, pointer, reason = BAD[case]
    check_problem(client.put("/v1/comments/bad", content=json.dumps(body), headers=JSON), status, pointer, reason)
    assert client.get("/v1/comments/bad").status_code == 404


BAD_ADDRESSES = {
    "/v1/comments/" + "x" * 201: (413, "#/id", "200"),
    "/v1/comments/a%00": (422, "#/id", "regex"),
    "/v1/comments/a%0A": (422, "#/id", "regex"),
    "/v1/comments/%FF": (422, "#/id", "UTF-8"),
    "/v1/comments/%ED%A0%80": (422, "#/id", "UTF-8"),
    "/v1/comments/x?site=": (422, "#/site", "length"),
    "/v1/comments/x?site=a%00": (422, "#/site", "regex"),
    "/v1/comments/x?site=a&site=b": (422, "#/site", "twice"),
    "/v1/comments/x?sites=a": (422, "#/sites", "no such"),
    "/v1/comments/x/replies?limit=0": (422, "#/limit", "1 to 200"),
    "/v1/comments/x/replies?limit=201": (422, "#/limit", "1 to 200"),
    "/v1/comments/x/replies?limit=99999999999999999999": (422, "#/limit", "1 to 200"),
    "/v1/comments/x/replies?limit=%D9%A3": (422, "#/limit", "1 to 200"),
    "/v1/comments/x/replies?after=nonsense": (422, "#/after", "cursor"),
    "/v1/comments/x/replies?after=WzEsMl0": (422, "#/after", "cursor"),
    "/v1/comments/x/replies?after=WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwieCJd": (422, "#/after", "cursor"),
    "/v1/comments/x/replies?after=%C3%A9": (422, "#/after", "cursor"),
}


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_bad_address(client: httpx.Client, address: str) -> None:
    """What the path or the query names is checked like what is sent."""
    status, pointer, reason = BAD_ADDRESSES[address]
    check_problem(client.get(address), status, pointer, reason)


def test_a_site_is_said_once(client: httpx.Client) -> None:
    """In the query or in the body, or in both alike."""
    both = client.put("/v1/comments/both", params={"site": "one"}, json={"text": "Hello", "site": "one"})
    assert both.json()["site"] == "one"
    differ = client.put("/v1/comments/both", params={"site": "one"}, json={"text": "Hello", "site": "two"})
    check_problem(differ, 422, "#/site", "query")


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_paths_that_are_none(client: httpx.Client, method: str) -> None:
    """No id, or one in two pieces."""
    for path in ("/v1/comments/", "/v1/comments/a/b", "/v1/articles/", "/v1/articles/a/b"):
        assert client.request(method, path).status_code == 404


def test_only_json_is_stored(client: httpx.Client) -> None:
    """A form or a plain text is not read."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        response = client.put("/v1/comments/form", content=b'{"text": "Hello"}', headers={"Content-Type": kind})
        assert response.status_code == 415
