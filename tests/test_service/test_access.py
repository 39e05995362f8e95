"""Who may call what: the table and the app hold the same routes, and every kind of caller gets what the table says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from service.api.access import ROUTES, Access, Cost, Door, Table, who_may
from service.app import create_app
from service.credentials import csrf_of, digest_of, new_key
from service.people import People
from service.principals import SCOPES_OF, ApiKey, Role, Scope
from service.settings import Settings
from service.storage.keys import RevokeKey, SaveKey
from service.storage.store import Store
from tests.test_service.conftest import ROOT, fresh_store, running

FIRST = "a-key-for-these-tests-only"
PASSWORD = "three dull ferries"
CALLS = sorted(ROUTES)
API = [call for call in CALLS if ROUTES[call].door in (Door.KEY, Door.LOCAL)]
PAGES = [call for call in CALLS if ROUTES[call].door in (Door.PAGE, Door.ENTRANCE)]


def routes(given: Iterable[Any]) -> Iterator[APIRoute]:
    for route in given:
        yield from [route] if isinstance(route, APIRoute) else routes(route.original_router.routes)


def app() -> FastAPI:
    return create_app(Settings(host="127.0.0.1"))


def test_every_route_has_its_line() -> None:
    """And every line its route: a route that nobody thought about is never reached."""
    assert {(method, route.path) for route in routes(app().routes) for method in route.methods or ()} == ROUTES.keys()


@pytest.mark.parametrize("call", CALLS)
def test_the_gate_finds_what_the_router_finds(call: tuple[str, str]) -> None:
    """For each path the first route that takes it is the one whose line is found."""
    method, template = call
    table = Table()
    for value in ("x", "x.y-z", "%2F", "replies", "claim", "batch", "start.js", "a b", "ä"):
        path = (
            template.replace("{id}", value).replace("{site}", value).replace("{asset}", value).replace("{name}", value)
        )
        scope = {"type": "http", "method": method, "path": path}
        taken = next(route for route in routes(app().routes) if route.matches(scope)[0] is Match.FULL)
        assert table.find(method, path) is ROUTES[method, taken.path]


@pytest.mark.parametrize(
    "path", ["/v1/score/", "//v1/score", "/v1/score\n", "/v1/comments/", "/v1/comments//replies", "/"]
)
def test_nearly_a_path_is_none(path: str) -> None:
    """What the table does not find is not looked for any further."""
    assert Table().methods(path) == []


class Callers(NamedTuple):
    """A server, and what each kind of caller sends."""

    client: httpx.Client
    keys: dict[str, str]
    sessions: dict[str, str]

    def call(self, call: tuple[str, str], **headers: str) -> int:
        """The status; the path names ids on the site of its key."""
        method, template = call
        name = "shown" if ROUTES[call].door is Door.PAGE else "x"
        path = template.format(id=name, site="blog", asset="start.js", name="review.css")
        # Each from elsewhere, as a proxy says it, so that being on this machine counts for nothing.
        if ROUTES[call].door not in (Door.PAGE, Door.ENTRANCE):
            headers |= {"X-Forwarded-For": "192.0.2.1"}
        return self.client.request(method, path, headers=headers).status_code

    def with_key(self, call: tuple[str, str], name: str) -> int:
        return self.call(call, Authorization=f"Bearer {self.keys[name]}")


@pytest.fixture(scope="module")
def callers() -> Iterator[Callers]:
    store = fresh_store()
    keys, sessions = asyncio.run(filled(store))
    with running(store=store, api_key=FIRST) as client:
        # What the pages of one comment and one reader are about.
        first = {"Authorization": f"Bearer {FIRST}"}
        client.put("/v1/comments/shown", headers=first, json={"text": "A quiet ferry."}).raise_for_status()
        said = {"reporter": "shown", "reason": "spoiler"}
        client.post("/v1/comments/shown/reports", headers=first, json=said).raise_for_status()
        yield Callers(client, keys, sessions)


async def filled(address: str) -> tuple[dict[str, str], dict[str, str]]:
    """Keys and sessions of every kind, by name."""
    store = Store(address)
    await store.start(or_raise=True)
    keys = {"first": FIRST, "wrong": new_key()[1]}
    for scope in Scope:
        keys[scope.value] = await made(store, frozenset({scope}))
    keys["blog"] = await made(store, frozenset(Scope), "blog")
    keys["slow"] = await made(store, frozenset(Scope), per_minute=3)
    keys["revoked"] = await made(store, frozenset(Scope))
    await store.changed(RevokeKey(keys["revoked"].split("_")[1], datetime.now(UTC), "command"))
    sessions, people = {}, People(store)
    for role in Role:
        token = await people.add(role.value, role, None)
        assert token is not None
        sessions[role.value] = await people.welcome(token, "", PASSWORD)
    await store.close()
    return keys, sessions


async def made(store: Store, scopes: frozenset[Scope], site: str | None = None, per_minute: int | None = None) -> str:
    """A good key."""
    identity, key = new_key()
    kept = ApiKey(identity, "test", digest_of(key), scopes, site, per_minute, datetime.now(UTC))
    assert await store.changed(SaveKey(kept, "command"))
    return key


@contextmanager
def coming_from(callers: Callers, address: str) -> Iterator[Callers]:
    """The same callers at another address of this machine's; wrong keys are counted by address."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(base_url=callers.client.base_url, transport=transport) as client:
        yield callers._replace(client=client)


@pytest.mark.parametrize("call", API)
def test_without_a_good_key(callers: Callers, call: tuple[str, str]) -> None:
    """None, a wrong one, one that was revoked, and a browser that is signed in: 401, whatever the route."""
    with coming_from(callers, f"127.0.1.{API.index(call) + 1}") as there:
        assert there.call(call) == 401
        assert there.with_key(call, "wrong") == 401
        assert there.with_key(call, "revoked") == 401
        for token in callers.sessions.values():
            signed_in = {"Cookie": f"verger={token}", "X-CSRF-Token": csrf_of(token)}
            assert there.call(call, **signed_in) == 401


def test_wrong_keys_are_counted(callers: Callers) -> None:
    """Whoever sends many is put off, and good keys from the same address are answered all the same."""
    call = ("GET", "/v1/bundles")
    with coming_from(callers, "127.0.2.1") as there:
        statuses = {there.with_key(call, "wrong") for _ in range(60)}
        assert statuses == {401, 429}
        assert there.with_key(call, "first") == 200
    with coming_from(callers, "127.0.2.2") as elsewhere:
        assert elsewhere.with_key(call, "wrong") == 401


@pytest.mark.parametrize("call", API)
def test_each_scope(callers: Callers, call: tuple[str, str]) -> None:
    """A key with one scope does what that scope is for, and is told so of everything else."""
    whole = callers.with_key(call, "first")
    assert whole not in (401, 403, 405, 429)
    access = ROUTES[call]
    for scope in Scope:
        may = not access.scopes or scope in access.scopes
        assert callers.with_key(call, scope.value) == (whole if may else 403), scope


@pytest.mark.parametrize("call", [call for call in API if "/v1/" in call[1]])
def test_its_own_site(callers: Callers, call: tuple[str, str]) -> None:
    """A key of a site does on it what any key does, and it need not say which site it is for."""
    assert callers.with_key(call, "blog") == callers.with_key(call, "first")


OF_A_SITE = [call for call in API if "{id}" in call[1]]


@pytest.mark.parametrize("call", OF_A_SITE)
def test_another_site(callers: Callers, call: tuple[str, str]) -> None:
    """Named in the query, another site is refused before anything is looked up there."""
    method, template = call
    key = {"Authorization": f"Bearer {callers.keys['blog']}"}
    body = {"text": "Hello"} if "comments" in template else {"title": "Hello"}
    for site, refused in (("news", True), ("default", True), ("blog", False)):
        path = f"{template.format(id='x')}?site={site}"
        answer = callers.client.request(method, path, headers=key, json=body if method == "PUT" else None)
        assert (answer.status_code == 403) is refused
        if refused:
            assert answer.json()["type"] == "urn:verger:problem:other-site"


def test_another_site_in_a_path_or_a_body(callers: Callers) -> None:
    """Wherever a site can be named; in a batch the others do not care."""
    key = {"Authorization": f"Bearer {callers.keys['blog']}"}
    ask = callers.client
    assert ask.get("/v1/policies/news", headers=key).status_code == 403
    assert ask.put("/v1/policies/news", headers=key, json={}).status_code == 403
    other = {"text": "Hello", "site": "news"}
    assert ask.put("/v1/comments/x", headers=key, json=other).status_code == 403
    assert ask.post("/v1/score", headers=key, json=other).status_code == 403
    batch = ask.post("/v1/score/batch", headers=key, json={"comments": [other, {"text": "Hello"}]}).json()["results"]
    assert ["error" in result for result in batch] == [True, False]
    assert batch[0]["error"]["status"] == 403
    lines = b'{"text": "Hello", "site": "news"}\n{"text": "Hello", "site": "blog"}\n'
    streamed = {**key, "Content-Type": "application/x-ndjson"}
    first, second = ask.post("/v1/score/batch", headers=streamed, content=lines).text.splitlines()
    assert '"status":403' in first
    assert '"scores"' in second


def test_what_a_sites_key_stores_is_that_sites(callers: Callers) -> None:
    """It names no site, and the comment is where its key belongs; the same id elsewhere is another comment."""
    key = {"Authorization": f"Bearer {callers.keys['blog']}"}
    assert callers.client.put("/v1/comments/own", headers=key, json={"text": "Hello"}).status_code == 201
    anyone = {"Authorization": f"Bearer {FIRST}"}
    assert callers.client.get("/v1/comments/own?site=blog", headers=anyone).status_code == 200
    assert callers.client.get("/v1/comments/own", headers=anyone).status_code == 404


def test_a_limit_is_the_keys_own(callers: Callers) -> None:
    """A batch counts for more than there is leave for, and is answered when all of it is there; others go on."""
    slow = {"Authorization": f"Bearer {callers.keys['slow']}"}
    statuses = [callers.client.get("/v1/bundles", headers=slow).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = callers.client.post("/v1/score/batch", headers=slow, json={"comments": [{"text": "Hello"}]})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert answer.json()["type"] == "urn:verger:problem:too-many"
    assert callers.with_key(("GET", "/v1/bundles"), "first") == 200


@pytest.mark.parametrize("call", PAGES)
def test_pages(callers: Callers, call: tuple[str, str]) -> None:
    """A key opens none; a session opens those that need one; from another page nothing can be sent."""
    method, _ = call
    needs_session = ROUTES[call].door is Door.PAGE
    own = {"Origin": str(callers.client.base_url).rstrip("/"), "Content-Type": "application/x-www-form-urlencoded"}
    own = own if method == "POST" else {}
    assert (callers.call(call, **own) == 401) is needs_session
    assert (callers.call(call, **own, Authorization=f"Bearer {FIRST}") == 401) is needs_session
    for role, token in callers.sessions.items():
        cookie = {"Cookie": f"verger={token}"}
        if method == "GET":
            may = ROUTES[call].scopes <= SCOPES_OF[Role(role)]
            assert callers.call(call, **cookie) == (200 if may else 403)
            continue
        foreign = {**own, "Origin": "https://page.example"}
        assert callers.call(call, **cookie, **foreign, **{"X-CSRF-Token": csrf_of(token)}) == 403
        assert callers.call(call, **cookie, **{**own, "Sec-Fetch-Site": "cross-site"}) == 403
        if needs_session:
            assert callers.call(call, **cookie, **own) == 403
            assert callers.call(call, **cookie, **own, **{"X-CSRF-Token": csrf_of("another")}) == 403


def test_open_pages_need_this_machine(callers: Callers) -> None:
    """Without a public address pages open directly from this machine alone."""
    for headers in ({"Host": "verger.example"}, {"X-Forwarded-For": "192.0.2.1"}):
        assert callers.client.get("/review/sign-in", headers=headers).status_code == 403


def test_costs_are_said() -> None:
    """What is for anybody costs nothing, so that a limit never hides whether the service lives."""
    assert all(access.cost is Cost.NOTHING for access in ROUTES.values() if access.door is Door.PUBLIC)
    assert isinstance(ROUTES["POST", "/v1/score"], Access)


def test_the_documents_say_the_same() -> None:
    """docs/api.md has the table's lines, in its order; OpenAPI the scopes and the refusals of each route."""
    lines = [
        f"| `{method} {path}` | {who_may(access)} | {access.cost.value} |" for (method, path), access in ROUTES.items()
    ]
    section = (
        (ROOT / "docs" / "api.md").read_text(encoding="utf-8").partition("|---|---|---|\n")[2].partition("\n\n")[0]
    )
    assert section.splitlines() == lines
    for path, operations in app().openapi()["paths"].items():
        for method, operation in operations.items():
            access = ROUTES[method.upper(), path]
            if access.door is Door.PUBLIC:
                assert operation["security"] == []
                continue
            named = {scope for one in operation["security"] for scope in one.get("key", ())}
            assert named == (access.scopes if access.scopes < set(Scope) else set())
            assert {"401", "403", "429"} <= operation["responses"].keys()
