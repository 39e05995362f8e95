"""A draft policy against what is stored: counted by hand, over HTTP, and without any change."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from service.api.errors import kind_of
from service.app import create_app
from service.domain import Action
from service.errors import AlreadyTrying
from service.policy import DEFAULT
from service.review_domain import ReviewAction
from service.settings import Settings
from service.storage.store import Store
from service.what_if import Tried
from tests.test_service.conftest import fresh_store, running
from tests.test_service.reviewed import MINUTE, put, review
from tests.test_service.test_storage.written import NOW

FERRIES = {"rules": [], "blocked_terms": ["ferry"], "blocked_terms_action": "hold"}
SCORES = (0.15, 0.35, 0.55, 0.75, 0.95)


@pytest.fixture(scope="module")
def address() -> str:
    return fresh_store()


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    """Ten comments: of each score one that the policy in force allows and one that it holds; some were reviewed."""
    asyncio.run(filled(address))
    with running(store=address) as client:
        for site, policy in (("default", FERRIES), ("many", {"rules": []})):
            client.put(f"/v1/policies/{site}", json=policy).raise_for_status()
        yield client


async def filled(address: str) -> None:
    store = Store(address)
    await store.start(or_raise=True)
    for number, score in enumerate(SCORES):
        at = NOW + number * MINUTE
        await put(store, f"a-{number}", Action.ALLOW, score=score, at=at, text=f"A widget, the {number}th")
        await put(store, f"h-{number}", Action.HOLD, score=score, at=at)
    await review(store, "h-0", ReviewAction.APPROVE, {"profanity": 0}, at=NOW + 9 * MINUTE)
    await review(store, "h-4", ReviewAction.REJECT, {"profanity": 1}, at=NOW + 9 * MINUTE)
    await put(store, "erased", Action.HOLD)
    await store.erase_comment(("default", "erased"))
    for number in range(700):
        await put(store, f"m-{number}", Action.ALLOW, score=number / 700, site="many")
    await store.close()


def at_half(action: str = "hold") -> dict[str, Any]:
    return {"rules": [{"head": "profanity", "action": action, "threshold": 0.5, "spared": []}]}


def tried(client: httpx.Client, draft: dict[str, Any], site: str = "default", **query: Any) -> dict[str, Any]:
    response = client.post(f"/v1/policies/{site}/backtest", json=draft, params=query)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def changes(answer: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["before"], one["after"]): one for one in answer["changes"]}


def test_what_would_change(client: httpx.Client) -> None:
    """Held from 0.5 on: three that were allowed would be held, two that were held allowed, one of which was judged."""
    answer = tried(client, at_half())
    found = changes(answer)
    assert {kind: one["count"] for kind, one in found.items()} == {
        ("allow", "allow"): 2, ("allow", "hold"): 3, ("hold", "allow"): 2, ("hold", "hold"): 3,
    }  # fmt: skip
    assert answer["comments"] == 10
    assert answer["actions"]["hold"] == {"before": 5, "after": 6}
    assert answer["actions"]["allow"] == {"before": 5, "after": 4}
    assert answer["queued"] == {"before": 5, "after": 6}
    assert found["allow", "hold"]["examples"] == ["a-4", "a-3", "a-2"]
    assert found["hold", "allow"]["examples"] == ["h-1", "h-0"]
    assert found["hold", "hold"]["examples"] == []
    judged = found["hold", "allow"]["judged"]
    assert (judged["approve"], judged["label"], judged["reject"]) == (1, 0, 0)
    assert judged["labels"]["profanity"] == {"yes": 0, "no": 1}
    assert found["hold", "hold"]["judged"]["labels"]["profanity"] == {"yes": 1, "no": 0}
    assert "erased comments" in answer["left_out"]


def test_what_is_in_force_changes_nothing(client: httpx.Client) -> None:
    """Tried as it is: not what was decided, not what would wait; also where another policy decided then."""
    answer = tried(client, {"rules": []}, site="many")
    assert all(both["before"] == both["after"] for both in (*answer["actions"].values(), answer["queued"]))
    in_force = {"rules": [], "sample_rate": 0.5}
    client.put("/v1/policies/later", json=in_force).raise_for_status()
    for number in range(40):
        said = {"text": "A quiet ferry.", "site": "later"}
        client.put(f"/v1/comments/l-{number}", json=said).raise_for_status()
    client.put("/v1/policies/later", json={**in_force, "sample_rate": 0.9}).raise_for_status()
    answer = tried(client, {**in_force, "sample_rate": 0.9}, site="later")
    assert answer["queued"]["before"] == answer["queued"]["after"] > 20
    assert [(one["before"], one["after"], one["count"]) for one in answer["changes"]] == [("allow", "allow", 40)]
    answer = tried(client, in_force, site="later")
    assert answer["queued"]["before"] > answer["queued"]["after"]


def test_the_newest_and_since(client: httpx.Client) -> None:
    """Only so many, and only from then on."""
    assert tried(client, at_half(), newest=3)["comments"] == 3
    answer = tried(client, at_half(), since=(NOW + 3 * MINUTE).isoformat())
    assert (answer["comments"], answer["oldest"]) == (4, "2026-03-04T05:09:07.890123Z")
    assert tried(client, at_half(), site="nobody") | {"site": ""} == {
        "site": "", "comments": 0, "oldest": None, "changes": [], "left_out": answer["left_out"],
        "actions": {action: {"before": 0, "after": 0} for action in ("allow", "label", "hold", "reject")},
        "queued": {"before": 0, "after": 0},
    }  # fmt: skip


def test_terms_and_people(client: httpx.Client) -> None:
    """Terms are searched in the texts, exempt authors are spared, the sample is queued."""
    blocked = tried(client, {"rules": [], "blocked_terms": ["widget"], "blocked_terms_action": "reject"})
    assert blocked["actions"]["reject"] == {"before": 0, "after": 5}
    assert tried(client, {**at_half("reject"), "exempt_authors": ["u-7"]})["actions"]["allow"]["after"] == 10
    assert tried(client, {"rules": [], "sample_rate": 1})["queued"] == {"before": 5, "after": 10}
    assert any("author" in one for one in tried(client, {"hold_new_authors": 3})["left_out"])


def test_more_than_a_few(client: httpx.Client) -> None:
    """Read a few at a time, and each is counted once; at most 20 are named."""
    answer = tried(client, at_half(), site="many")
    found = changes(answer)
    assert answer["comments"] == 700
    assert sum(one["count"] for one in found.values()) == 700
    assert found["allow", "hold"]["count"] == 350
    assert len(found["allow", "hold"]["examples"]) == 20


def test_nothing_is_changed(client: httpx.Client, address: str) -> None:
    """Not a row, in no table."""

    def rows() -> list[str]:
        with closing(sqlite3.connect(address)) as opened:
            tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return [repr(row) for table in tables for row in opened.execute(f"SELECT * FROM {table}")]

    before = rows()
    tried(client, {**at_half(), "blocked_terms": ["widget"]})
    assert rows() == before


def test_one_at_a_time(address: str, client: httpx.Client) -> None:
    """Whoever comes while another draft is tried on the site is told so; other sites, and later ones, are answered."""
    app = create_app(Settings(store=address))
    what_if = app.state.parts.what_if

    async def act() -> list[Tried | BaseException]:
        async with app.router.lifespan_context(app):
            calls = [what_if.tried(site, DEFAULT) for site in ("many", "many", "default")]
            at_once = await asyncio.gather(*calls, return_exceptions=True)
            return [*at_once, await what_if.tried("many", DEFAULT)]

    first, second, other, later = asyncio.run(act())
    assert isinstance(second, AlreadyTrying)
    assert isinstance(first, Tried)
    assert (other, later) == (other, first)
    assert isinstance(other, Tried)
    assert kind_of(second).status == 409


@pytest.mark.parametrize(
    ("path", "body", "status", "pointer"),
    [
        ("default/backtest", b"{", 400, "#"),
        ("default/backtest", b'{"rules": 3}', 422, "#/rules"),
        ("default/backtest", b'{"rules": [{"head": "x", "action": "hold", "threshold": 0.5}]}', 422, "#/rules/0/head"),
        ("default/backtest", b'{"blocked_terms": ["a\\u0000"]}', 422, "#/blocked_terms/0"),
        ("default/backtest?newest=0", b"{}", 422, "#/newest"),
        ("default/backtest?newest=200001", b"{}", 422, "#/newest"),
        ("default/backtest?newest=12345678901234567890", b"{}", 422, "#/newest"),
        ("default/backtest?since=yesterday", b"{}", 422, "#/since"),
        ("default/backtest?since=2026-05-01T10:00:00", b"{}", 422, "#/since"),
        ("default/backtest?site=other", b"{}", 422, "#/site"),
        ("a%00b/backtest", b"{}", 422, "#/site"),
    ],
)
def test_bad_input(client: httpx.Client, path: str, body: bytes, status: int, pointer: str) -> None:
    """Says which field."""
    response = client.post(f"/v1/policies/{path}", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert response.json()["errors"][0]["pointer"] == pointer


def test_another_content_type(client: httpx.Client) -> None:
    """Is not read."""
    assert client.post("/v1/policies/default/backtest", content=b"{}").status_code == 415
