"""``POST /v1/score/batch`` with JSON: up to 1,000 comments, each answered in its place."""

from __future__ import annotations

from typing import Any

import httpx

JSON = {"Content-Type": "application/json"}
TEXTS = ["Good morning", "What the fuck is this", "Nobody reads the article any more"]
ARTICLE = {"title": "City council votes to close the old harbour bridge", "body": "It was closed to cars on Monday."}


def results(client: httpx.Client, **batch: Any) -> list[dict[str, Any]]:
    response = client.post("/v1/score/batch", json=batch)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_each_as_if_alone(client: httpx.Client) -> None:
    """A batch gives, in order, exactly what each comment gets by itself."""
    comments = [{"text": text, "explain": True, "context": {"article": ARTICLE}} for text in TEXTS]
    alone = [client.post("/v1/score", json=comment).json() for comment in comments]
    assert results(client, comments=comments) == alone


def test_wishes_are_each_comments_own(client: httpx.Client) -> None:
    """Heads, spans and language are asked for comment by comment, also where neighbours ask for others."""
    comments = [
        {"text": TEXTS[1], "heads": ["profanity"], "explain": True},
        {"text": TEXTS[1], "heads": ["spoiler"], "lang": "en"},
        {"text": TEXTS[1], "heads": ["profanity"]},
    ]
    first, second, third = results(client, comments=comments)
    assert list(first["scores"]) == list(third["scores"]) == ["profanity"]
    assert list(second["scores"]) == ["spoiler"]
    assert "spans" in first["scores"]["profanity"]
    assert "spans" not in third["scores"]["profanity"]
    assert second["language"]["confidence"] == 1.0


def test_a_shared_context(client: httpx.Client) -> None:
    """All stand under the shared context; what a comment's own context names goes before it."""
    unknown = {"article": {"id": "a-1"}}
    shared, own, parent = results(
        client,
        comments=[
            {"text": TEXTS[2]},
            {"text": TEXTS[2], "context": unknown},
            {"text": TEXTS[2], "context": {"parent": "Yes"}},
        ],
        context={"article": ARTICLE},
    )
    assert shared["scores"]["off_topic"]["score"] is not None
    assert own["scores"]["off_topic"]["why"] == "article_unknown"
    assert parent["scores"]["off_topic"]["score"] is not None


def test_one_bad_comment_fails_alone(client: httpx.Client) -> None:
    """Each bad comment has a problem in its place, pointing into the whole; the others have their scores."""
    body = (
        rb'{"comments": [{"text": "Good morning"}, {"text": ""}, 5, {"text": "a\u0000b"}, {"text": "a\ud800b"},'
        rb' {"txt": "x"}, {"text": "\ud83d\ude48"}, null, {"text": "Bye", "context": {"parent": "\udc00"}}]}'
    )
    answered = client.post("/v1/score/batch", content=body, headers=JSON).json()["results"]
    assert [index for index, result in enumerate(answered) if "scores" in result] == [0, 6]
    assert {result["error"]["errors"][0]["pointer"] for result in answered if "error" in result} == {
        "#/comments/1/text",
        "#/comments/2",
        "#/comments/3/text",
        "#/comments/4/text",
        "#/comments/5/txt",
        "#/comments/7",
        "#/comments/8/context/parent",
    }


def test_too_long_text_fails_alone(client: httpx.Client) -> None:
    """One comment over its limit is a 413 in its place."""
    bad, good = results(client, comments=[{"text": "a" * 20_001}, {"text": "Hello"}])
    assert bad["error"]["status"] == 413
    assert "scores" in good


def test_a_thousand_but_no_more(client: httpx.Client) -> None:
    """1,000 comments are answered, 1,001 are refused with 413."""
    comments = [{"text": f"Comment number {number}"} for number in range(1_001)]
    assert len(results(client, comments=comments[:1_000])) == 1_000
    refused = client.post("/v1/score/batch", json={"comments": comments})
    assert refused.status_code == 413
    assert refused.json()["errors"][0]["pointer"] == "#/comments"


def test_a_bad_whole_is_refused(client: httpx.Client) -> None:
    """What is wrong beside the comments concerns all of them."""
    cases = {
        b"{}": (422, "#/comments"),
        b'{"comments": []}': (422, "#/comments"),
        b'{"comments": {"text": "Hello"}}': (422, "#/comments"),
        b'{"comments": [{"text": "Hello"}], "site": "default"}': (422, "#/site"),
        b'{"comments": [{"text": "Hello"}], "context": {"parent": 5}}': (422, "#/context/parent"),
        rb'{"comments": [{"text": "Hello"}], "context": {"parent": "\u0000"}}': (422, "#/context/parent"),
        rb'{"comments": [{"text": "Hello"}], "context": {"parent": "\ud800"}}': (422, "#/context/parent"),
        b'{"comments": [{"text": "Hello"}, NaN]}': (400, "#"),
        b'{"comments": [' + b"[" * 50_000: (400, "#"),
    }
    for body, expected in cases.items():
        response = client.post("/v1/score/batch", content=body, headers=JSON)
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == expected, body[:80]
