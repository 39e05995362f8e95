"""What the addresses of pages ask for: odd values break none, and the audit tells each admin what is theirs to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from service.principals import Role
from tests.test_service.conftest import fresh_store, running
from tests.test_service.test_bad_input import ODD
from tests.test_service.test_sign_in import add, sign_in


@pytest.fixture(scope="module")
def store() -> str:
    address = fresh_store()
    add(address, "mira", Role.ADMIN)
    add(address, "may", Role.ADMIN, "blog")
    return address


@pytest.fixture(scope="module")
def mira(store: str) -> Iterator[httpx.Client]:
    """An admin of every site."""
    with running(store=store) as client:
        client.put("/v1/comments/c-1", json={"text": "What bullshit."}).raise_for_status()
        yield signed_in(client, "mira")


@pytest.fixture(scope="module")
def may(mira: httpx.Client) -> Iterator[httpx.Client]:
    """An admin of one."""
    with httpx.Client(base_url=mira.base_url, timeout=30) as client:
        yield signed_in(client, "may")


def signed_in(client: httpx.Client, name: str) -> httpx.Client:
    client.headers["Origin"] = str(client.base_url).rstrip("/")
    assert sign_in(client, name).status_code == 303
    return client


FIELDS = {
    "/review": (
        "sort",
        "view",
        "skip",
        "first",
        "after",
        "min_score",
        "max_score",
        "min_hours",
        "done",
        "did",
        "notice",
    ),
    "/review?view=list&sort=oldest": ("after",),
    "/review?view=list": ("after",),
    "/review/reporters": ("after", "sort"),
    "/review/policy": ("version", "notice"),
    "/review/audit": ("comment", "actor", "action", "from", "to", "after"),
    "/review/numbers": ("days",),
    "/review/comments/c-1": ("done", "did", "notice"),
}


@pytest.mark.parametrize("path", FIELDS)
def test_no_query_breaks_a_page(mira: httpx.Client, path: str) -> None:
    """Whatever stands in an address, a page answers."""
    for name in FIELDS[path]:
        for value in ODD:
            answer = mira.get(f"{path}{'&' if '?' in path else '?'}{urlencode({name: value})}")
            assert answer.status_code in (200, 404, 413, 422), f"{name}={value}: {answer.text}"


def test_who_reads_what_is_about_no_one_site(mira: httpx.Client, may: httpx.Client) -> None:
    """Accounts, links and sign-ins of whoever may see every site: in words, with those, and only for their like."""
    rows = re.findall(r"<tr><td.*?</tr>", mira.get("/review/audit").text, flags=re.S)
    told = [re.sub(r"<[^>]+>|\s+", " ", row) for row in rows]
    for action, detail in (
        ("made an account", "account mira; as admin"),
        ("made a link that sets a password", "account mira"),
        ("set a password", "account mira"),
        ("signed in", ""),
    ):
        assert [row for row in told if action in row and "any site" in row and detail in row], action
    found = mira.get("/review/audit?action=sign_in&actor=mira").text
    assert found.count("<tr><td") == 2
    file = mira.get("/review/audit/export?action=sign_in&actor=mira").text
    assert (file.count("\n"), '"reviewer:mira"' in file) == (2, True)
    of_blog = may.get("/review/audit").text
    assert "account may; as admin" in of_blog
    assert "any site" not in of_blog
    assert "mira" not in of_blog
    assert "mira" not in may.get("/review/audit/export").text
