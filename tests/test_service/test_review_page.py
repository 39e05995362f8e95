"""The review page without a browser: what it refuses, and who sees what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.review.texts import TEXTS
from tests.test_service.browsing import Desk, browsing

SPOILERS = {"head": "spoiler", "action": "label", "threshold": 0.2}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with browsing() as one:
        yield one


BAD = [
    ("GET", "/review?sort=funniest", 422),
    ("GET", "/review?min_score=high", 422),
    ("GET", "/review?min_score=nan", 422),
    ("GET", "/review?min_hours=1e400", 422),
    ("GET", "/review?min_hours=nan", 422),
    ("GET", "/review?min_hours=inf", 422),
    ("GET", "/review?min_hours=-1", 422),
    ("GET", "/review?max_score=101", 422),
    ("GET", "/review?min_score=1,000", 422),
    ("GET", "/review?cause=boredom", 422),
    ("GET", "/review?skip=!!", 422),
    ("GET", "/review?view=list&after=!!", 422),
    ("GET", "/review?view=list&after=WzFd", 422),
    ("GET", "/review?first=%00", 422),
    ("GET", "/review?nothing=1", 422),
    ("GET", "/review?sort=oldest&sort=oldest", 422),
    ("GET", "/review?site=no%20site", 422),
    ("GET", "/review/comments/nobody", 404),
    ("GET", "/review/comments/%FF", 422),
    ("GET", "/review/reporters/nobody", 404),
    ("GET", "/review/reporters?after=!!", 422),
    ("GET", "/review/policy?version=99", 404),
    ("GET", "/review/policy?version=12345678901234567890", 422),
    ("GET", "/review/audit?from=yesterday", 422),
    ("GET", "/review/audit?to=9999-12-31", 422),
    ("GET", "/review/audit?from=0001-01-01", 422),
    ("GET", "/review/audit?action=dance", 422),
    ("GET", "/review/audit?after=MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", 422),
    ("GET", "/review/audit/export?format=xls", 422),
    ("GET", "/review/numbers?days=4", 422),
]


@pytest.mark.parametrize(("method", "path", "status"), BAD)
def test_bad_addresses(desk: Desk, method: str, path: str, status: int) -> None:
    """Each is refused by a page that says why, with a way back."""
    answer = desk.admin.request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert 'role="alert"' in answer.text
    assert "#/" not in answer.text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"comment_id": "default-0", "revision": "1", "action": "explode"}, 422),
        ({"comment_id": "", "revision": "1", "action": "approve"}, 422),
        ({"comment_id": "default-0", "revision": "0", "action": "approve"}, 422),
        ({"comment_id": "default-0", "revision": "12345678901234567890", "action": "approve"}, 422),
        ({"comment_id": "default-0", "revision": "1", "action": "approve", "note": "n" * 2_001}, 413),
        ({"comment_id": "default-0", "revision": "1", "action": "approve", "note": "\0"}, 422),
        ({"comment_id": ["a", "b"], "revision": "1", "action": "approve"}, 422),
        # Somebody was faster, or it is not there: not a fault of whoever pressed the button.
        ({"comment_id": "default-0", "revision": "7", "action": "approve"}, 303),
        ({"comment_id": "nobody", "revision": "1", "action": "approve"}, 303),
    ],
)
def test_bad_decisions(desk: Desk, form: dict[str, Any], status: int) -> None:
    """Nothing is decided."""
    answer = desk.send("/review/decide?site=default", **form)
    assert answer.status_code == status
    assert "#/" not in answer.text
    assert status != 303 or re.search("notice=(stale|gone)", answer.headers["Location"])
    assert desk.system.get("/v1/comments/default-0").json()["state"] == "held"


@pytest.mark.parametrize(
    "form",
    [
        {"action": "escalate", "count": "3"},
        {"action": "reject", "count": "0"},
        {"action": "reject", "count": "1001"},
        {"action": "reject", "count": "12345678901234567890"},
        {"action": "reject"},
    ],
)
def test_bad_bulk(desk: Desk, form: dict[str, str]) -> None:
    """Nothing is decided that was not counted."""
    assert desk.send("/review/bulk?site=default&cause=hold", **form).status_code == 422
    assert desk.system.get("/v1/queue").json()["count"] == 3


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "x", "", "12345678901234567890"])
def test_bad_undoing(desk: Desk, number: str) -> None:
    """Of no review."""
    assert desk.send("/review/undo?site=default", review=number).status_code == 422


def test_what_reviewers_may_not(desk: Desk) -> None:
    """A draft, the audit and golden comments are for admins; no page shows them a form for it."""
    assert desk.send("/review/policy?site=default", "reviewer").status_code == 403
    assert desk.send("/review/comments/default-1/golden", "reviewer").status_code == 403
    assert desk.reviewer.get("/review/audit").status_code == 403
    assert desk.reviewer.get("/review/audit/export").status_code == 403
    assert "/review/audit" not in desk.reviewer.get("/review").text
    assert '<form class="card policy"' not in desk.reviewer.get("/review/policy").text
    assert "/golden" not in desk.reviewer.get("/review/comments/default-1").text


def test_of_one_site(desk: Desk) -> None:
    """Whoever belongs to a site sees it and no other, and is not asked which; others choose."""
    own = desk.of_blog.get("/review").text
    assert "on blog" in own
    assert 'name="site" data-send' not in own
    for path in ("/review", "/review/comments/default-0", "/review/policy", "/review/numbers", "/review/reporters"):
        assert desk.of_blog.get(f"{path}?site=default").status_code == 403
    form = {"comment_id": "default-0", "revision": "1", "action": "reject"}
    assert desk.send("/review/decide?site=default", "of_blog", **form).status_code == 403
    chosen = desk.admin.get("/review?site=blog").text
    assert re.findall(r'<option value="(default|blog)"( selected)?>', chosen) == [
        ("blog", " selected"),
        ("default", ""),
    ]


def test_times_are_the_settings(desk: Desk) -> None:
    """20:00 in UTC is a quarter to two in Kathmandu, for people; programs read which moment it was."""
    page = desk.admin.get("/review/comments/default-2").text
    assert '<time datetime="2026-03-04T20:00:00+00:00">2026-03-05 01:45</time>' in page


def test_a_second_opinion_is_blind(desk: Desk) -> None:
    """Whoever is asked sees neither the first opinion nor how the comment stands by it."""
    desk.system.put("/v1/policies/blind", json={"second_opinion_rate": 1.0}).raise_for_status()
    said = {"text": "What bullshit is this.", "site": "blind"}
    desk.system.put("/v1/comments/twice", json=said).raise_for_status()
    first = {"comment_id": "twice", "revision": 1, "action": "reject", "note": "clearly so", "site": "blind"}
    desk.system.post("/v1/reviews", json=first).raise_for_status()
    for path in ("/review?site=blind", "/review?site=blind&view=list", "/review/comments/twice?site=blind"):
        page = desk.reviewer.get(path).text
        assert "What" in page
        assert "clearly so" not in page
        assert "rejected</span>" not in page
    assert "clearly so" in desk.admin.get("/review/comments/twice?site=blind").text


def test_a_golden_comment_tells_nothing(desk: Desk) -> None:
    """Until a reviewer has judged it: neither its answer, nor how others judged it, nor that it is one."""
    site = {"site": "known"}
    desk.system.put("/v1/comments/g-1", json={"text": "What bullshit is this.", **site}).raise_for_status()
    said = {"reporter": "r-1", "reason": "profanity"}
    desk.system.post("/v1/comments/g-1/reports", json=said, params=site).raise_for_status()
    first = {"comment_id": "g-1", "revision": 1, "action": "reject", "labels": {"profanity": 1}, "note": "clearly so"}
    desk.system.post("/v1/reviews", json={**first, **site}).raise_for_status()
    right = {"revision": 1, "action": "reject", "labels": {"profanity": 1}}
    desk.system.put("/v1/comments/g-1/golden", params=site, json=right).raise_for_status()
    path = "/review/comments/g-1?site=known"
    untold, told = desk.reviewer.get(path).text, desk.admin.get(path).text
    for answer in ("clearly so", "ejected", "olden", "agreed with", TEXTS.history.audit):
        assert answer in told
        assert answer not in untold
    assert TEXTS.history.blind not in untold
    assert '<span class="chip held">' in untold
    judged = {"comment_id": "g-1", "revision": "1", "action": "approve", "note": "", "back": "comment"}
    assert desk.send("/review/decide?site=known", "reviewer", **judged).status_code == 303
    assert "clearly so" in desk.reviewer.get(path).text
    comment = desk.system.get("/v1/comments/g-1", params=site).json()
    assert (comment["state"], [one["role"] for one in comment["reviews"]]) == ("rejected", ["deciding", "checking"])


def test_earlier_texts(desk: Desk) -> None:
    """Each as it was, its words marked, endings covered, nothing of it markup; the newest stands at the top alone."""
    texts = [
        "<b onclick=alert(1)> fuck </b> \u202ethis",
        "Turns out the gardener was the killer all along, she dies in the last chapter.",
        "A quiet ferry.",
    ]
    article = {"title": "The Gardener", "body": "A novel about a gardener.", "kind": "review", "work": "The Gardener"}
    desk.system.put("/v1/articles/novel", params={"site": "edits"}, json=article).raise_for_status()
    desk.system.put("/v1/policies/edits", json={"rules": [SPOILERS]}).raise_for_status()
    for text in texts:
        sent = {"text": text, "site": "edits", "article_id": "novel"}
        desk.system.put("/v1/comments/edited", json=sent).raise_for_status()
    page = desk.reviewer.get("/review/comments/edited?site=edits").text
    history = page.partition('<ol class="history">')[2]
    assert page.count("A quiet ferry.") == 1
    assert "A quiet ferry." not in history
    first, second, *_ = history.split("<li>")[1:]
    assert "&lt;b onclick=alert(1)&gt;" in first
    assert '<mark class="strong"' in first
    assert '<span class="code" title="hidden character U+202E">' in first
    assert "<b onclick" not in page
    assert '<details class="cover">' in second
    assert "killer" not in re.sub(r'<details class="cover">.*?</details>', "", second, flags=re.S)
    assert desk.system.delete("/v1/comments/edited?site=edits").status_code == 204
    page = desk.reviewer.get("/review/comments/edited?site=edits").text
    assert not [word for word in ("onclick", "killer", "quiet ferry") if word in page]


def test_the_text_that_is_answered(desk: Desk) -> None:
    """What gives an ending away is covered there too."""
    desk.system.put("/v1/policies/answers", json={"rules": [SPOILERS]}).raise_for_status()
    for name, text, parent in (("q", "Turns out the gardener was the killer.", None), ("a", "Oh no, fuck.", "q")):
        sent = {"text": text, "site": "answers", "parent_id": parent}
        desk.system.put(f"/v1/comments/{name}", json=sent).raise_for_status()
    page = desk.reviewer.get("/review/comments/a?site=answers").text
    assert "killer" in page
    assert "killer" not in re.sub(r'<details class="cover">.*?</details>', "", page, flags=re.S)


def test_the_audit_as_a_file(desk: Desk) -> None:
    """What the page lists, whole."""
    answer = desk.admin.get("/review/audit/export?site=blind&format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert "put_policy" in answer.text


def test_the_audit_says_what_was_done(desk: Desk) -> None:
    """Passing a comment on is not deciding it, a second look neither; what was taken back is named."""
    site = {"site": "told"}
    desk.system.put("/v1/policies/told", json={"second_opinion_rate": 1.0}).raise_for_status()
    desk.system.put("/v1/comments/t-1", json={"text": "What bullshit is this.", **site}).raise_for_status()
    for by, said in (("ann", {"escalate": True}), ("bob", {"action": "reject"}), ("cem", {"action": "approve"})):
        review = {"comment_id": "t-1", "revision": 1, "reviewer": by, **said, **site}
        made = desk.system.post("/v1/reviews", json=review)
        assert made.status_code == 201, made.text
    desk.system.post(f"/v1/reviews/{made.json()['id']}/undo", params=site, json={}).raise_for_status()
    page = desk.admin.get("/review/audit?site=told").text
    expected = [
        "took a review back: approved",
        "took a second look at a comment: approved",
        "rejected a comment",
        "passed a comment on",
    ]
    deeds = [words for words in re.findall(r"<td>([^<]*)</td>", page) if words]
    assert [words for words in deeds if words in expected] == expected
    own = desk.admin.get("/review/comments/t-1?site=told").text
    assert all(f": {words}" in own for words in expected)


def test_every_fault_of_a_draft_at_once(desk: Desk) -> None:
    """Each beside its field, the first one to begin with; whatever was typed is there again, what will do too."""
    draft = {"follows": "1", "blocked_terms_action": "hold", "blocked_terms": "fine\nc++", "exempt_authors": "u-1"}
    draft |= {"sample_rate": "many", "report_weight": "2,5", "action": "save"}
    draft |= {"rule-0-head": "spoiler", "rule-0-action": "hold", "rule-0-point": "explicit", "rule-0-threshold": "ten"}
    answer = desk.send("/review/policy?site=draft", **draft)
    assert answer.status_code == 422
    names = ["rule-0-threshold", "blocked_terms", "sample_rate"]
    assert re.findall(r'<a href="#([\w-]+)">', answer.text.partition('role="alert"')[2]) == names
    assert re.findall(r'id="([\w-]+)" aria-invalid="true"', answer.text) == names
    assert re.findall(r'<span class="fault" id="([\w-]+)-fault">', answer.text) == names
    assert re.findall(r'id="([\w-]+)" aria-invalid="true" autofocus', answer.text) == names[:1]
    assert ">fine\nc++</textarea>" in answer.text
    for typed in ("ten", "many", "2,5"):
        assert f'value="{typed}"' in answer.text
    assert desk.system.get("/v1/policies/draft").json()["version"] == 1
