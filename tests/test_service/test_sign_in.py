"""Signing in: from the one-time link to the last session that ends, as a browser does it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx
import pytest

from service.people import People
from service.principals import Role
from service.storage.store import Store
from tests.test_service.conftest import fresh_store, running

T = TypeVar("T")
PASSWORD = "three dull ferries"
OTHER = "four late herrings"


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[str, str]]:
    """A server's store and address."""
    store = fresh_store()
    with running(store=store) as client:
        yield store, str(client.base_url).rstrip("/")


@contextmanager
def browser(address: str, local: str = "127.0.0.1") -> Iterator[httpx.Client]:
    """With cookies of its own, at an address of its own; it sends forms as browsers do."""
    headers = {"Origin": address, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    transport = httpx.HTTPTransport(local_address=local)
    with httpx.Client(base_url=address, headers=headers, transport=transport, timeout=30) as client:
        yield client


def with_people(store: str, act: Callable[[People], Awaitable[T]]) -> T:
    """Beside the server, as a command does it."""

    async def run() -> T:
        opened = Store(store)
        await opened.start(or_raise=True)
        try:
            return await act(People(opened))
        finally:
            await opened.close()

    return asyncio.run(run())


def add(store: str, name: str, role: Role = Role.REVIEWER, site: str | None = None) -> None:
    """An account with a password."""

    async def act(people: People) -> None:
        token = await people.add(name, role, site)
        assert token is not None
        await people.welcome(token, "", PASSWORD)

    with_people(store, act)


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/review/sign-in", data={"name": name, "password": password})


def is_in(client: httpx.Client) -> bool:
    answer = client.get("/review/account")
    assert answer.status_code == 200 or (answer.status_code, answer.headers["Location"]) == (303, "/review/sign-in")
    return answer.status_code == 200


def token_on(page: httpx.Response) -> str:
    """What the page's forms send along."""
    found = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert found
    return found[1]


def test_in_and_out(place: tuple[str, str]) -> None:
    """Each time another session, which its cookie alone opens, and which signing out ends for good."""
    store, address = place
    add(store, "ann")
    with browser(address) as client:
        assert not is_in(client)
        answer = sign_in(client, " Ann ")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/review")
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("verger=")
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        first = client.cookies["verger"]
        page = client.get("/review/account")
        assert "ann" in page.text
        sign_in(client, "ann")
        assert client.cookies["verger"] != first
        left = client.post("/review/sign-out", data={"csrf": token_on(client.get("/review/account"))})
        assert (left.status_code, left.headers["Location"]) == (303, "/review/sign-in")
        assert "verger" not in client.cookies
        client.cookies.set("verger", first)
        assert is_in(client)
        assert client.post("/review/sign-out", data={"csrf": token_on(page)}).status_code == 303
        client.cookies.set("verger", first)
        assert not is_in(client)


def test_whoever_may_not(place: tuple[str, str]) -> None:
    """A wrong password, an unknown name, one without a password, a disabled one: the very same answer."""
    store, address = place
    add(store, "bea")
    add(store, "cid")
    with_people(store, lambda people: people.set_disabled("cid", True))
    with_people(store, lambda people: people.add("dan", Role.REVIEWER, None))
    answers = set()
    with browser(address, "127.0.3.1") as client:
        for name, password in (("bea", OTHER), ("nobody", PASSWORD), ("cid", PASSWORD), ("dan", PASSWORD), ("", "")):
            answer = sign_in(client, name, password)
            assert answer.status_code == 403
            assert "Set-Cookie" not in answer.headers
            answers.add(answer.text.replace(f'value="{name}"', ""))
    assert len(answers) == 1


def test_who_is_disabled_is_out_at_once(place: tuple[str, str]) -> None:
    """Every session of theirs; let in again, they sign in again."""
    store, address = place
    add(store, "eva")
    with browser(address) as client:
        sign_in(client, "eva")
        assert is_in(client)
        assert with_people(store, lambda people: people.set_disabled("eva", True))
        assert not is_in(client)
        assert with_people(store, lambda people: people.set_disabled("eva", False))
        assert not is_in(client)
        sign_in(client, "eva")
        assert is_in(client)


def test_another_password(place: tuple[str, str]) -> None:
    """It is signed in here with it, and nowhere else any more; what will not do changes nothing."""
    store, address = place
    add(store, "fay")
    with browser(address) as here, browser(address) as there:
        for client in (here, there):
            sign_in(client, "fay")
        form = {"csrf": token_on(here.get("/review/account"))}
        for before, password, status in ((OTHER, OTHER, 403), (PASSWORD, "too short", 422), (PASSWORD, OTHER, 303)):
            asked = {**form, "before": before, "password": password}
            assert here.post("/review/account", data=asked).status_code == status
        assert is_in(here)
        assert not is_in(there)
        assert sign_in(there, "fay").status_code == 403
        assert sign_in(there, "fay", OTHER).status_code == 303


def test_guessing_is_slow_and_locks_nobody_out(place: tuple[str, str]) -> None:
    """Soon further guesses are not looked at; meanwhile the person signs in from elsewhere, where they did before."""
    store, address = place
    add(store, "gus")
    with browser(address, "127.0.4.1") as person, browser(address, "127.0.4.2") as guesser:
        assert sign_in(person, "gus").status_code == 303
        statuses = [sign_in(guesser, "gus", f"guess number {number}").status_code for number in range(8)]
        assert statuses == [403] * 6 + [429] * 2
        refused = sign_in(guesser, "gus")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert sign_in(person, "gus").status_code == 303


def test_a_link_is_good_once(place: tuple[str, str]) -> None:
    """It sets the password, and signs in; a newer one takes its place; a password that will not do uses none up."""
    store, address = place
    old = with_people(store, lambda people: people.add("ina", Role.REVIEWER, "blog"))
    new = with_people(store, lambda people: people.link("ina"))
    assert old
    assert new
    with browser(address) as client:
        assert client.get("/review/welcome").status_code == 200
        for code, password, status in (
            (old, PASSWORD, 403),
            (new, "too short", 422),
            (new, PASSWORD, 303),
            (new, OTHER, 403),
            ("", OTHER, 403),
        ):
            answer = client.post("/review/welcome", data={"code": code, "password": password})
            assert answer.status_code == status, (code == new, password)
        assert "blog" in client.get("/review/account").text


def test_what_is_typed_comes_back_as_text(place: tuple[str, str]) -> None:
    """Nothing of it is markup."""
    with browser(place[1], "127.0.5.1") as client:
        answer = sign_in(client, '"><script>alert(1)</script>', "x")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


@pytest.mark.parametrize("path", ["/review/sign-in", "/review/welcome", "/review/account"])
def test_pages_are_ours_alone(place: tuple[str, str], path: str) -> None:
    """No script or style within, nothing from elsewhere, and no policy that would allow it."""
    store, address = place
    name = f"jo{path.rpartition('/')[2]}"
    add(store, name)
    with browser(address) as client:
        sign_in(client, name)
        page = client.get(path)
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        # Under no-referrer a browser would send the page's forms with the origin "null".
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "no-store"
        assert not re.findall(r"<script>|<style|\sstyle=|\son\w+=|javascript:", page.text)
        for source in re.findall(r'(?:src|href|action)="([^"#]+)"', page.text):
            assert source.startswith("/review")
        for source in re.findall(r'(?:src|link rel="stylesheet" href)="([^"]+)"', page.text):
            assert client.get(source).status_code == 200


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"name": "ann"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("application/x-www-form-urlencoded", b"name", 422),
        ("application/x-www-form-urlencoded", b"name=%ff&password=x", 422),
        ("application/x-www-form-urlencoded", b"name=%00&password=x", 422),
        ("application/x-www-form-urlencoded", b"name=a&name=b&password=x", 422),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 3000), 422),
        ("application/x-www-form-urlencoded", b"name=" + b"a" * 20_000, 413),
    ],
)
def test_no_form(place: tuple[str, str], kind: str, body: bytes, status: int) -> None:
    """Whatever is sent in its place is refused by a page."""
    with browser(place[1]) as client:
        answer = client.post("/review/sign-in", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
