"""What people read where a page is refused: a page like the others, whoever refused it; programs get problems."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.api.envelope import Envelope
from service.api.errors import INTERNAL, KINDS, answering
from service.principals import Role
from service.review.pages import POLICY
from service.review.refusals import refusal_page
from service.review.texts import TEXTS
from service.telemetry import Metrics
from tests.test_service.conftest import fresh_store, running
from tests.test_service.test_sign_in import add, sign_in, token_on

FORM = "application/x-www-form-urlencoded"
HOSTILE = "<script>alert(1)</script>"
OF_THE_API = {
    *("not-json", "unauthenticated", "open-mode", "nothing-to-appeal", "appeal-answered"),
    # Said on the form itself.
    *("sign-in-refused", "link-refused"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[httpx.Client]:
    """A reviewer is signed in there."""
    store = fresh_store()
    add(store, "ann", Role.REVIEWER)
    with running(store=store) as client:
        client.headers["Origin"] = str(client.base_url).rstrip("/")
        assert sign_in(client, "ann").status_code == 303
        yield client


def check_page(answer: httpx.Response, status: int, slug: str) -> None:
    """It has the words for that, and everything that pages have."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    words = getattr(TEXTS.refused, slug)
    assert f"<title>{words.title} · Verger</title>" in answer.text.replace("&#39;", "'")
    assert f'role="alert">{words.text}<' in answer.text.replace("&#39;", "'")
    assert answer.headers["X-Request-Id"] in answer.text
    assert not re.findall(r"<script>|<style|\sstyle=|\son\w+=|javascript:", answer.text)


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "slug"),
    [
        ("GET", "/review", {"Cookie": "verger=none"}, b"", 401, "sign_in_needed"),
        ("POST", "/review/decide", {"Cookie": "verger=none", "Accept": "text/html"}, b"", 401, "sign_in_needed"),
        ("POST", "/review/decide", {"Origin": "https://page.example"}, b"", 403, "foreign_request"),
        ("POST", "/review/decide", {"Content-Type": FORM}, b"csrf=none", 403, "foreign_request"),
        ("GET", "/review/sign-in", {"X-Forwarded-For": "192.0.2.1"}, b"", 403, "foreign_request"),
        ("GET", "/review/audit", {}, b"", 403, "scope_missing"),
        ("GET", "/review/nowhere", {}, b"", 404, "not_found"),
        ("GET", "/review/", {}, b"", 404, "not_found"),
        ("GET", "/review/static/nothing.js", {}, b"", 404, "not_found"),
        ("GET", "/review/comments/nobody", {}, b"", 404, "not_found"),
        ("GET", "/review/decide", {}, b"", 405, "method_not_allowed"),
        ("POST", "/review/decide", {"Content-Type": FORM}, b"a=" + b"a" * 1_100_000, 413, "too_large"),
        ("POST", "/review/sign-in", {"Content-Type": FORM}, b"name=" + b"a" * 20_000, 413, "too_large"),
        ("POST", "/review/sign-in", {"Content-Type": "application/json"}, b"{}", 415, "unsupported_content"),
        ("POST", "/review/sign-in", {"Content-Type": FORM}, b"name=a&name=b", 422, "invalid"),
        ("GET", f"/review?{HOSTILE}=1", {}, b"", 422, "invalid"),
    ],
)
def test_a_refusal_is_a_page(
    browser: httpx.Client, method: str, path: str, headers: dict[str, str], body: bytes, status: int, slug: str
) -> None:
    """By the gate, by a page and by the router alike."""
    answer = browser.request(method, path, headers=headers, content=body)
    check_page(answer, status, slug)
    assert ("Allow" in answer.headers) == (status == 405)


def test_what_was_sent_comes_back_as_text(browser: httpx.Client) -> None:
    """Where it says what does not fit."""
    answer = browser.get("/review", params={"sort": HOSTILE})
    assert "&lt;script&gt;alert(1)" in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sort=funniest", "Order: Invalid enum value"),
        ("first=%00", "The comment to begin with: "),
        ("a%2Fb=1", "What is called “a/b”: no such query parameter"),
        ("bdi=1&bdi=2", "What is called “bdi”: no such query parameter"),
        ("site=default&site=default", "Site: said twice"),
    ],
)
def test_people_read_which_field_it_is(browser: httpx.Client, query: str, words: str) -> None:
    """In words, not by where it stands in what was sent."""
    text = re.sub(r"</?bdi>", "", browser.get(f"/review?{query}").text)
    assert words in text
    assert "#/" not in text


def test_who_is_signed_in_stays_so(browser: httpx.Client) -> None:
    """The page that refuses has the way out, too."""
    answer = browser.get("/review/audit")
    assert browser.post("/review/decide", data={"csrf": token_on(answer)}).status_code == 422


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1/score", "/reviews", "/nowhere", "/docs/nothing"])
def test_programs_get_problems(browser: httpx.Client, path: str) -> None:
    """Whatever they say they would like to read."""
    answer = browser.get(path, headers={"Accept": "text/html"})
    assert answer.status_code in (404, 405)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


def test_without_a_store(tmp_path: Path) -> None:
    """At the gate and on the sign-in page: when to come back is said."""
    with running(store=str(tmp_path)) as client:
        for path in ("/review", "/review/sign-in"):
            answer = client.get(path, headers={"Cookie": "verger=none"})
            check_page(answer, 503, "store_unavailable")
            assert int(answer.headers["Retry-After"]) > 0


def test_what_nobody_foresaw() -> None:
    """A page without what happened, since that could quote a comment; for programs a problem as before."""

    async def broken(request: Request) -> Response:
        raise ZeroDivisionError("somebody's words")

    app = Starlette(routes=[Route("/review/x", broken), Route("/v1/x", broken)])
    app.state.time_zone = UTC
    app.add_middleware(Envelope, metrics=Metrics(), answer=answering(refusal_page))

    async def get(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get(path)

    answer = asyncio.run(get("/review/x"))
    check_page(answer, 500, "internal")
    assert "somebody" not in answer.text
    assert asyncio.run(get("/v1/x")).json()["type"] == "urn:verger:problem:internal"


def test_every_refusal_has_its_words() -> None:
    """But for what no page is refused for."""
    slugs = {kind.slug for kind in (*KINDS.values(), INTERNAL)} | {"method-not-allowed"}
    assert vars(TEXTS.refused).keys() == {slug.replace("-", "_") for slug in slugs - OF_THE_API}
