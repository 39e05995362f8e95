"""What was decided alike is taken back at once: all of it, or as far as it still stands, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.test_service.browsing import Desk, browsing

_NUMBERS = count()


class Many(NamedTuple):
    """Comments on a site, decided alike, and the address of the page that says so."""

    desk: Desk
    site: str
    address: str

    def undo(self, who: str = "admin") -> httpx.Response:
        """As the button on that page does."""
        token = parse_qs(urlsplit(self.address).query)["alike"][0]
        answer = self.desk.send(f"/review/bulk/undo?site={self.site}", who, alike=token)
        assert answer.status_code == 303
        return answer

    def states(self) -> list[str]:
        """How they stand."""
        paths = (f"/v1/comments/m-{number}?site={self.site}" for number in range(4))
        return [self.desk.system.get(path).json()["state"] for path in paths]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with browsing() as one:
        yield one


@pytest.fixture
def many(desk: Desk) -> Many:
    """Four that wait on a site of their own, rejected by an admin at once."""
    site = f"many-{next(_NUMBERS)}"
    for number in range(4):
        said = {"text": "What bullshit.", "site": site}
        desk.system.put(f"/v1/comments/m-{number}", json=said).raise_for_status()
    answer = desk.send(f"/review/bulk?site={site}&view=list&cause=hold", action="reject", count="4")
    assert answer.status_code == 303
    return Many(desk, site, answer.headers["Location"])


def test_taking_many_back(many: Many) -> None:
    """What the notice offers does it, and what is filtered by stays; a second time there is nothing to take back."""
    assert many.states() == ["rejected"] * 4
    page = many.desk.admin.get(many.address).text
    assert "Decided: 4." in page
    assert ">Take all 4 back</button>" in page
    path, token = re.findall(r'action="(/review/bulk/undo[^"]*)".*?name="alike" value="([^"]*)"', page, re.S)[0]
    assert "cause=hold" in path
    answer = many.desk.send(path.replace("&amp;", "&"), alike=token)
    told = many.desk.admin.get(answer.headers["Location"]).text
    assert "<span>Taken back: 4.</span>" in told
    assert "/review/bulk/undo" not in told
    assert many.states() == ["held"] * 4
    assert "notice=bulk_changed" in many.undo().headers["Location"]


def test_what_changed_since_stays(many: Many) -> None:
    """Edited, decided anew or erased: it is told how many that are."""
    system, site = many.desk.system, {"site": many.site}
    system.put("/v1/comments/m-0", json={"text": "What bullshit indeed.", **site}).raise_for_status()
    system.delete("/v1/comments/m-1", params=site).raise_for_status()
    said = {"reporter": "r-1", "reason": "spoiler"}
    system.post("/v1/comments/m-2/reports", params=site, json=said).raise_for_status()
    anew = {"comment_id": "m-2", "revision": 1, "action": "approve", "reviewer": "tom", **site}
    system.post("/v1/reviews", json=anew).raise_for_status()
    told = many.desk.admin.get(many.undo().headers["Location"]).text
    assert "<span>Taken back: 1, left as decided: 3, " in told
    assert many.states() == ["held", "erased", "allowed", "held"]


def test_others_reviews_are_not_taken_back(many: Many) -> None:
    """Nor is anything where one of them was taken back already."""
    assert "notice=bulk_changed" in many.undo("reviewer").headers["Location"]
    assert many.states() == ["rejected"] * 4
    first = many.desk.system.get("/v1/comments/m-0", params={"site": many.site}).json()["reviews"][0]["id"]
    many.desk.send(f"/review/undo?site={many.site}", review=str(first))
    assert many.states() == ["held"] + ["rejected"] * 3
    assert "notice=bulk_changed" in many.undo().headers["Location"]
    assert many.states() == ["held"] + ["rejected"] * 3


@pytest.mark.parametrize(
    "token", ["", "!!", "WzFd", "WzEsMiwwXQ", "WzEsMTIzNDU2Nzg5MDEyMzQ1Njc4OTAsM10", "WzEsMiwxMDAxXQ"]
)
def test_bad_tokens(desk: Desk, token: str) -> None:
    """Which no page of ours holds: wrong forms, and numbers that nothing has."""
    assert desk.send("/review/bulk/undo?site=default", alike=token).status_code == 422
