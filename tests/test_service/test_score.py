"""``POST /v1/score``: one comment, from request to answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from models.heads import HEAD_NAMES

OBSCENE = "Tell that minister to go fuck himself, he broke every promise he made to us."
ARTICLE = {
    "title": "City council votes to close the old harbour bridge",
    "body": "The city council voted on Monday to close the old harbour bridge to cars.\n\n"
    "Engineers had warned for years that rust in the bridge's main cables was spreading.",
}


def score(client: httpx.Client, **comment: Any) -> dict[str, Any]:
    response = client.post("/v1/score", json=comment)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_every_head_answers(client: httpx.Client) -> None:
    """Each head is there in its order, with a probability or the reason why not; the bundle and policy are named."""
    answer = score(client, text=OBSCENE)
    assert tuple(answer["scores"]) == HEAD_NAMES
    assert 0 <= answer["scores"]["profanity"]["score"] <= 1
    assert answer["scores"]["off_topic"] == {"score": None, "why": "no_context"}
    assert answer["bundle"] == client.get("/readyz").json()["bundle"]
    assert answer["decision"]["policy"] == "default@1"


def test_profanity_is_held_with_its_reason(client: httpx.Client) -> None:
    """The reason's threshold is the one that the bundle publishes."""
    decision = score(client, text="Fuck off you fucking cunt, go suck a dick you motherfucker")["decision"]
    assert decision["action"] == "hold"
    (reason,) = [reason for reason in decision["reasons"] if reason["head"] == "profanity"]
    (bundle,) = client.get("/v1/bundles").json()["bundles"]
    point = bundle["heads"]["profanity"]["operating_points"][reason["operating_point"]]
    assert reason["score"] >= reason["threshold"] == point["threshold"]


def test_spans_only_where_asked_for(client: httpx.Client) -> None:
    """Without ``explain`` there are none; with it they are code points of the text as sent, also behind an emoji."""
    assert "spans" not in score(client, text=OBSCENE)["scores"]["profanity"]
    text = "🙈 " + OBSCENE
    (span,) = score(client, text=text, explain=True)["scores"]["profanity"]["spans"]
    assert text[span["start"] : span["end"]] == "fuck"
    assert span["severity"] == "strong"
    assert "reads_as" not in span
    (hidden,) = score(client, text="What the f.u.c.k", explain=True)["scores"]["profanity"]["spans"]
    assert (hidden["start"], hidden["end"], hidden["reads_as"]) == (9, 16, "fuck")


def test_only_the_heads_asked_for(client: httpx.Client) -> None:
    """In the order asked; one asked for twice answers once; the others decide nothing."""
    answer = score(client, text=OBSCENE, heads=["spoiler", "off_topic", "spoiler"])
    assert list(answer["scores"]) == ["spoiler", "off_topic"]
    assert all(reason["head"] != "profanity" for reason in answer["decision"]["reasons"])


def test_an_inline_article_gives_off_topic_a_score(client: httpx.Client) -> None:
    """With words to compare with, there is a score."""
    answer = score(client, text="The rust in those cables was no secret to anybody.", context={"article": ARTICLE})
    assert 0 <= answer["scores"]["off_topic"]["score"] <= 1


def test_a_named_article_is_unknown(client: httpx.Client) -> None:
    """No article is registered yet: no score is invented, whatever else the context holds; other heads answer."""
    answer = score(client, text=OBSCENE, context={"article": {"id": "a-1"}, "parent": "What about the bridge?"})
    assert answer["scores"]["off_topic"] == {"score": None, "why": "article_unknown"}
    assert answer["scores"]["profanity"]["score"] is not None
    only = score(client, text=OBSCENE, heads=["off_topic"], context={"article": {"id": "a-1"}})
    assert only["scores"] == {"off_topic": {"score": None, "why": "article_unknown"}}


@pytest.mark.parametrize("context", [{}, {"article": {}}, {"article": {"title": " ", "body": ""}}, {"article": None}])
def test_an_empty_context_is_none(client: httpx.Client, context: dict[str, Any]) -> None:
    """A context without words is no context."""
    assert score(client, text=OBSCENE, context=context)["scores"]["off_topic"]["why"] == "no_context"


def test_language(client: httpx.Client) -> None:
    """What the sender says goes; otherwise what it seems, with how sure that is. No language is refused."""
    assert score(client, text=OBSCENE, lang="pt-BR")["language"] == {"code": "pt-BR", "confidence": 1.0}
    language = score(client, text="Über diese Brücke fährt seit Jahren niemand mehr gern.")["language"]
    assert 0 <= language["confidence"] <= 1


def test_same_request_same_answer(client: httpx.Client) -> None:
    """Nothing is remembered from one request to the next that would change an answer."""
    comment = {"text": OBSCENE, "context": {"article": ARTICLE}, "explain": True}
    assert score(client, **comment) == score(client, **comment)


def test_request_id_comes_back(client: httpx.Client) -> None:
    """As sent where it is harmless, in answers and in problems; otherwise a new one is made."""
    sent = client.post("/v1/score", json={"text": "Hello"}, headers={"X-Request-Id": "abc-123"})
    assert sent.headers["X-Request-Id"] == "abc-123"
    refused = client.post("/v1/score", json={}, headers={"X-Request-Id": "abc-124"})
    assert refused.json()["request_id"] == refused.headers["X-Request-Id"] == "abc-124"
    made = [client.post("/v1/score", json={"text": "Hello"}, headers={b"X-Request-Id": b"a b\xff"}) for _ in range(2)]
    assert made[0].headers["X-Request-Id"] != made[1].headers["X-Request-Id"]


def test_mask_covers_the_words(client: httpx.Client) -> None:
    """The text keeps its length; what stands around the words stays."""
    asked = {"text": "Oh FUCK this, and fuck that"}
    answer = client.post("/v1/mask", json=asked).json()
    assert answer["text"] == "Oh F*** this, and f*** that"
    assert answer["masked"] == [
        {"start": 3, "end": 7, "severity": "strong"},
        {"start": 18, "end": 22, "severity": "strong"},
    ]
    whole = client.post("/v1/mask", json=asked | {"with": "█", "keep_first": False}).json()
    assert whole["text"] == "Oh ████ this, and ████ that"
    assert client.post("/v1/mask", json={"text": "Fine by me"}).json() == {"text": "Fine by me", "masked": []}
