"""The audit, statements of reasons and labels over HTTP, and labels as a file."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.records import read_records
from service.api.downloads import Form, written
from service.domain import Action
from service.review_domain import ReviewAction
from service.statements import STATEMENT_FIELDS
from service.storage.store import Store
from tests.test_service.conftest import ROOT, environment, fresh_store, running
from tests.test_service.reviewed import MINUTE, put, review
from tests.test_service.test_storage.written import NOW

REVIEWED = 60


@pytest.fixture(scope="module")
def address() -> str:
    return fresh_store()


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    """Sixty held comments, all reviewed by one of two people; a policy put over HTTP."""
    asyncio.run(filled(address))
    with running(store=address) as client:
        assert client.put("/v1/policies/default", json={"sample_rate": 0.5}).status_code == 201
        yield client


async def filled(address: str) -> None:
    store = Store(address)
    await store.start(or_raise=True)
    for number in range(REVIEWED):
        await put(store, f"c-{number}", Action.HOLD)
        action, label = (ReviewAction.REJECT, 1) if number % 3 else (ReviewAction.APPROVE, 0)
        by = f"reviewer:{'ann' if number % 2 else 'bob'}"
        await review(store, f"c-{number}", action, {"profanity": label}, by=by, at=NOW + (number + 1) * MINUTE)
    await put(store, "=1+1", Action.HOLD)
    await review(store, "=1+1", by="@bob", at=NOW + 99 * MINUTE)
    await store.close()


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    response = client.get(path, params=query)
    assert response.status_code == 200, response.text
    return response.json()


def lines(client: httpx.Client, path: str, **query: Any) -> list[Any]:
    response = client.get(path, params=query)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def test_pages_of_the_audit(client: httpx.Client) -> None:
    """All of it, the newest first, each row once; its chain can be followed. Who put the policy is there."""
    found: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = get(client, "/v1/audit", limit=25, **after)
        found += page["entries"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert [one["number"] for one in found] == list(range(REVIEWED + 2, 0, -1))
    assert all(one["previous"] == before["digest"] for one, before in itertools.pairwise(found))
    newest = found[0]
    assert (newest["actor"], newest["action"], newest["comment_id"]) == ("open", "put_policy", None)
    assert newest["detail"] == {"from": 1, "to": 2}


def test_the_audit_filtered(client: httpx.Client) -> None:
    """By comment, actor, action and time."""
    assert len(get(client, "/v1/audit", actor="reviewer:ann", limit=200)["entries"]) == REVIEWED // 2
    assert [one["actor"] for one in get(client, "/v1/audit", comment="c-7")["entries"]] == ["reviewer:ann"]
    assert len(get(client, "/v1/audit", action="put_policy")["entries"]) == 1
    period = {"from": (NOW + 3 * MINUTE).isoformat(), "to": (NOW + 5 * MINUTE).isoformat()}
    assert [one["comment_id"] for one in get(client, "/v1/audit", **period)["entries"]] == ["c-3", "c-2"]
    assert get(client, "/v1/audit", site="elsewhere") == {"entries": [], "next": None}


def test_the_audit_as_a_file(client: httpx.Client) -> None:
    """JSON lines as the pages have them; CSV with the same columns, whose cells no spreadsheet takes for formulas."""
    told = lines(client, "/v1/audit/export", action="review")
    assert told == get(client, "/v1/audit", action="review", limit=200)["entries"]
    response = client.get("/v1/audit/export", params={"format": "csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == REVIEWED + 2
    assert list(rows[0]) == list(told[0])
    assert [(row["actor"], row["comment_id"]) for row in rows if "1+1" in row["comment_id"]] == [("'@bob", "'=1+1")]
    assert json.loads(rows[1]["detail"])["action"] == "approve"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=x"])
def test_no_formula_gets_out(cell: str) -> None:
    """A cell that may be one is marked as text."""

    async def rows() -> Any:
        yield [{"a": cell, "b": -1.5, "c": None}]

    async def text() -> str:
        return b"".join([part async for part in written(Form.CSV, ("a", "b", "c"), rows())]).decode()

    assert list(csv.reader(io.StringIO(asyncio.run(text()), newline="")))[1] == ["'" + cell, "'-1.5", ""]


def test_statements_of_reasons(client: httpx.Client) -> None:
    """One for each decision that restricts: by the machine, and by people; with the database's fields and words."""
    told = lines(client, "/v1/audit/statements")
    by_machine = [one for one in told if one["automated_decision"] == "AUTOMATED_DECISION_FULLY"]
    by_people = [one for one in told if one["automated_decision"] == "AUTOMATED_DECISION_PARTIALLY"]
    assert (len(by_machine), len(by_people)) == (REVIEWED + 1, REVIEWED * 2 // 3)
    assert len(by_machine) + len(by_people) == len(told) == len({one["puid"] for one in told})
    one = by_people[0]
    assert tuple(one) == STATEMENT_FIELDS
    assert one["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert one["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert one["content_type"] == ["CONTENT_TYPE_TEXT"]
    assert (one["content_language"], one["content_date"], one["application_date"]) == ("EN", "2026-03-04", "2026-03-04")
    assert (one["source_type"], one["automated_detection"]) == ("SOURCE_VOLUNTARY", "Yes")
    assert "profane" in one["incompatible_content_explanation"]
    assert by_machine[0]["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]
    as_csv = client.get("/v1/audit/statements", params={"format": "csv"}).text
    assert len(list(csv.DictReader(io.StringIO(as_csv)))) == len(told)
    assert not any(secret in as_csv for secret in ("ferry", "u-7", "Ann Onymous", "c-1"))
    assert (
        lines(client, "/v1/audit/statements", **{"from": (NOW + MINUTE).isoformat()})[0]["puid"] == by_people[0]["puid"]
    )


def test_labels_over_http(client: httpx.Client) -> None:
    """One line a review that holds labels; since when, if wanted."""
    told = lines(client, "/v1/labels")
    assert [one["meta"]["comment"] for one in told] == [f"c-{number}" for number in range(REVIEWED)]
    assert sum(one["labels"]["profanity"] for one in told) == REVIEWED * 2 // 3
    assert len({one["provenance"]["by"] for one in told}) == 2
    since = (NOW + REVIEWED * MINUTE).isoformat()
    assert [one["meta"]["comment"] for one in lines(client, "/v1/labels", since=since)] == [f"c-{REVIEWED - 1}"]
    assert lines(client, "/v1/labels", site="elsewhere") == []


def exported(address: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "service", "export-labels", *arguments]
    settings = environment(store=address, labels=str(folder))
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)


def test_labels_as_a_file(client: httpx.Client, address: str, tmp_path: Path) -> None:
    """In its folder or where it is told; as training reads them; the same as over HTTP."""
    done = exported(address, tmp_path / "labels")
    assert (done.returncode, done.stdout) == (0, "")
    file = tmp_path / "labels" / "site-default.jsonl"
    assert str(file) in done.stderr
    records = read_records(file).records
    assert len(records) == REVIEWED
    assert {record.source for record in records} == {"review"}
    assert file.stat().st_mode & 0o077 == 0
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert told == lines(client, "/v1/labels")
    assert exported(address, tmp_path, "-").stdout == file.read_text()
    assert exported(address, tmp_path, "--site", "elsewhere", str(tmp_path / "none.jsonl")).returncode == 0
    assert (tmp_path / "none.jsonl").read_text() == ""
    refused = exported(address, tmp_path, str(tmp_path / "labels.txt"))
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_erased_over_http_is_gone_from_files(address: str, tmp_path: Path) -> None:
    """The service takes what it erases out of the files that the command wrote."""
    folder = tmp_path / "labels"
    assert exported(address, folder).returncode == 0
    file = folder / "site-default.jsonl"
    with running(store=address, labels=str(folder)) as client:
        assert "The ferry c-8 was" in file.read_text()
        assert client.delete("/v1/comments/c-8").status_code == 204
    assert "The ferry c-8 was" not in file.read_text()
    assert len(file.read_text().splitlines()) == REVIEWED - 1


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("audit?limit=0", "#/limit"),
        ("audit?limit=201", "#/limit"),
        ("audit?after=zzz", "#/after"),
        ("audit?after=ImMtMSI", "#/after"),
        ("audit?after=MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "#/after"),
        ("audit?actor=", "#/actor"),
        ("audit?comment=%00", "#/comment"),
        ("audit?from=soon", "#/from"),
        ("audit?from=2026-05-01T10:00:00Z&to=2026-05-01T10:00:00Z", "#/to"),
        ("audit?actor=a&actor=b", "#/actor"),
        ("audit?author=a", "#/author"),
        ("audit?site=a%20b", "#/site"),
        ("audit/export?format=xml", "#/format"),
        ("audit/export?after=1", "#/after"),
        ("audit/statements?format=", "#/format"),
        ("audit/statements?actor=a", "#/actor"),
        ("labels?since=12345678901234567890", "#/since"),
        ("labels?format=csv", "#/format"),
        ("numbers?from=2020-01-01T00:00:00Z", "#/from"),
        ("numbers?from=2999-01-01T00:00:00Z", "#/from"),
        ("numbers?to=never", "#/to"),
        ("numbers?to=0001-01-02T00:00:00Z", "#/to"),
        ("numbers?since=2026-01-01T00:00:00Z", "#/since"),
    ],
)
def test_bad_input(client: httpx.Client, path: str, pointer: str) -> None:
    """Says which part of the query, and nothing is sent."""
    response = client.get(f"/v1/{path}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == pointer
