"""Bad input: each with its status, its field and a reason; the service goes on."""

from __future__ import annotations

import base64
import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.api.body import decode
from tests.test_service.conftest import ROOT

JSON = {"Content-Type": "application/json"}


def comment(**fields: Any) -> bytes:
    return json.dumps({"text": "Hello", **fields}).encode()


CASES = {
    "no text": (b"{}", 422, "#/text", "required"),
    "empty text": (comment(text=""), 422, "#/text", "blank"),
    "blank text": (comment(text=" \t\n\u3000"), 422, "#/text", "blank"),
    "null text": (comment(text=None), 422, "#/text", "str"),
    "text is a number": (comment(text=5), 422, "#/text", "str"),
    "text is a list": (comment(text=["Hello"]), 422, "#/text", "str"),
    "1 MB of text": (comment(text="a" * 1_000_000), 413, "#", "bytes"),
    "20,001 characters": (comment(text="a" * 20_001), 413, "#/text", "20000"),
    "over 64 KiB": (json.dumps({"text": "🙈" * 16_385}, ensure_ascii=False).encode(), 413, "#/text", "65536"),
    "parent too long": (comment(context={"parent": "a" * 20_001}), 413, "#/context/parent", "20000"),
    "title too long": (comment(context={"article": {"title": "a" * 2_001}}), 413, "#/context/article/title", "2000"),
    "article too long": (
        comment(context={"article": {"body": "a" * 200_001}}),
        413,
        "#/context/article/body",
        "200000",
    ),
    "40,000 combining marks": (comment(text="e" + "\u0301" * 40_000), 413, "#/text", "20000"),
    "unknown field": (comment(txt="Hello"), 422, "#/txt", "unknown"),
    "unknown field inside": (comment(context={"article": {"url": "x"}}), 422, "#/context/article/url", "unknown"),
    "unknown field with an odd name": (comment(**{"a/b~c ü": 1}), 422, "#/a~1b~0c%20%C3%BC", "unknown"),
    "NUL": (comment(text="a\0b"), 422, "#/text", "NUL"),
    "NUL in the parent": (comment(context={"parent": "a\0b"}), 422, "#/context/parent", "NUL"),
    "NUL in the article": (comment(context={"article": {"body": "a\0b"}}), 422, "#/context/article/body", "NUL"),
    "lone surrogate": (comment(text="a\ud800b"), 422, "#/text", "surrogate"),
    "lone surrogate inside": (comment(context={"parent": "\udc00"}), 422, "#/context/parent", "surrogate"),
    "lone surrogate in a name": (b'{"text": "Hello", "\\ud800": 1}', 422, "#/%00", "unknown"),
    "NaN": (b'{"text": NaN}', 400, "#", "invalid character"),
    "infinity": (b'{"text": "Hello", "explain": -Infinity}', 400, "#", "invalid"),
    "huge integer": (b'{"text": ' + b"9" * 5_000 + b"}", 422, "#/text", "out of range"),
    "huge exponent": (b'{"text": 1e999999}', 422, "#/text", "out of range"),
    "deep lists": (b'{"text": ' + b"[" * 50_000, 422, "#/text", "str"),
    "deep unknown field": (b'{"deep": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001, 422, "#/deep", "unknown"),
    "not JSON": (b"text=Hello", 400, "#", "invalid character"),
    "cut off": (b'{"text": "Hel', 400, "#", "truncated"),
    "empty body": (b"", 400, "#", "truncated"),
    "two values": (comment() + comment(), 400, "#", "trailing"),
    "byte order mark": (b"\xef\xbb\xbf" + comment(), 400, "#", "invalid character"),
    "not UTF-8": (b'{"text": "caf\xe9"}', 400, "#", "UTF-8"),
    "UTF-16": (json.dumps({"text": "Hello"}).encode("utf-16"), 400, "#", "invalid character"),
    "a list": (b'["Hello"]', 422, "#", "object"),
    "a string": (b'"Hello"', 422, "#", "object"),
    "no heads": (comment(heads=[]), 422, "#/heads", "length"),
    "unknown head": (comment(heads=["spoiler", "sarcasm"]), 422, "#/heads/1", "profanity, off_topic, spoiler"),
    "heads is a string": (comment(heads="spoiler"), 422, "#/heads", "array"),
    "explain is a number": (comment(explain=1), 422, "#/explain", "bool"),
    "no name for a site": (comment(site="else where"), 422, "#/site", "regex"),
    "a long site": (comment(site="x" * 65), 413, "#/site", "length"),
    "no language": (comment(lang="english please"), 422, "#/lang", "regex"),
    "two articles": (comment(context={"article": {"id": "a", "body": "b"}}), 422, "#/context/article", "either"),
    "empty id": (comment(context={"article": {"id": ""}}), 422, "#/context/article/id", "length"),
    "control character in an id": (comment(context={"article": {"id": "a\n"}}), 422, "#/context/article/id", "regex"),
    "context is a string": (comment(context="news"), 422, "#/context", "object"),
}


def check_problem(response: httpx.Response, status: int, pointer: str, reason: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["request_id"]) == (status, response.headers["X-Request-Id"])
    assert {"type", "title", "detail"} <= problem.keys()
    (fault,) = problem["errors"]
    assert fault["pointer"] == pointer
    assert reason in fault["detail"]
    assert len(response.content) < 1_000


@pytest.mark.parametrize("case", CASES)
def test_bad_comment(client: httpx.Client, case: str) -> None:
    """The answer says which field and why, as problem details; the next comment is scored."""
    body, status, pointer, reason = CASES[case]
    check_problem(client.post("/v1/score", content=body, headers=JSON), status, pointer, reason)
    assert client.post("/v1/score", json={"text": "Hello"}).status_code == 200


@pytest.mark.parametrize(
    "text", ["e" + "\u0301" * 19_999, "\ufdfa" * 16_000, "İ" * 20_000, "a\u200b" * 10_000, "((" * 9_999]
)
def test_odd_text_is_scored(client: httpx.Client, text: str) -> None:
    """Long runs of what makes normalisers slow or texts grow are scored like any other."""
    assert client.post("/v1/score", json={"text": text, "explain": True}).status_code == 200


def test_escaped_backslash_is_no_nul(client: httpx.Client) -> None:
    r"""The six characters \u0000 in a text are harmless."""
    assert client.post("/v1/score", json={"text": r"write \u0000 in JSON"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/x-ndjson"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_content_not_read_here(client: httpx.Client, headers: dict[str, str]) -> None:
    """Another content type, charset or encoding is 415: a web page's form never gets through."""
    body = gzip.compress(comment()) if "Content-Encoding" in headers else comment()
    response = client.post("/v1/score", content=body, headers=headers)
    assert response.status_code == 415
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"'])
def test_utf8_may_be_said(client: httpx.Client, kind: str) -> None:
    """Naming the charset that is read anyway changes nothing."""
    assert client.post("/v1/score", content=comment(), headers={"Content-Type": kind}).status_code == 200


def in_chunks(size: int) -> Iterator[bytes]:
    """A body without a Content-Length."""
    for _ in range(0, size, 65_536):
        yield b" " * 65_536


@pytest.mark.parametrize(("path", "limit"), [("/v1/score", 256 * 1024), ("/v1/score/batch", 16 * 1024 * 1024)])
def test_too_long_in_chunks(client: httpx.Client, path: str, limit: int) -> None:
    """A body that never says how long it is gets 413 once it is over the limit."""
    response = client.post(path, content=in_chunks(limit + 65_536), headers=JSON)
    check_problem(response, 413, "#", str(limit))


def test_a_claimed_length_is_enough(client: httpx.Client) -> None:
    """10 GB that are only announced are refused before any of them comes."""
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port), timeout=10) as connection:
        head = f"POST /v1/score HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {10**10}"
        connection.sendall(f"{head}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_leaves_in_the_middle(client: httpx.Client) -> None:
    """A body that never ends because its sender is gone is counted as 499, and is no error of ours."""
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port), timeout=10) as connection:
        head = f"POST /v1/score HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 100"
        connection.sendall(f"{head}\r\n\r\n{{".encode())
    counted = 'verger_requests_total{method="POST",route="/v1/score",status="499"} 1.0'
    assert any(counted in client.get("/metrics").text for _ in range(1_000))


def test_no_such_route_and_wrong_method(client: httpx.Client) -> None:
    """The framework's own refusals are problem details too."""
    assert client.get("/v1/nothing").json()["type"] == "urn:verger:problem:not-found"
    wrong = client.get("/v1/score")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
    assert wrong.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("fields", "pointer", "reason"),
    [
        ({"with": ""}, "#/with", "one visible character"),
        ({"with": "ab"}, "#/with", "one visible character"),
        ({"with": " "}, "#/with", "one visible character"),
        ({"with": "\u200b"}, "#/with", "one visible character"),
        ({"with": "\u0301"}, "#/with", "one visible character"),
        ({"keep_first": "yes"}, "#/keep_first", "bool"),
        ({"text": " "}, "#/text", "blank"),
        ({"mask": "*"}, "#/mask", "unknown"),
    ],
)
def test_bad_mask(client: httpx.Client, fields: dict[str, Any], pointer: str, reason: str) -> None:
    """Masking is as careful as scoring."""
    check_problem(client.post("/v1/mask", content=comment(**fields), headers=JSON), 422, pointer, reason)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "context", "article", "parent", "comments", "heads", "lang", "\ud800"]), inner
        )
    ),
    max_leaves=8,
)


ESCAPES = st.sampled_from([r"\\", r"\ud800", r"\uDBFF", r"\udc00", r"\uDFFF", r"\n", r"\"", "u", "ud800", "é"])


@given(st.lists(ESCAPES, max_size=8).map("".join))
def test_halves_of_surrogate_pairs_are_found(text: str) -> None:
    """Decoding makes a NUL of each lone surrogate, and changes nothing else; the standard library says which are."""
    strict = "".join("\0" if "\ud800" <= letter <= "\udfff" else letter for letter in json.loads(f'"{text}"'))
    assert decode(msgspec.json.Decoder(str), f'"{text}"'.encode()) == strict


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON_VALUES, path=st.sampled_from(["/v1/score", "/v1/score/batch", "/v1/mask"]))
def test_any_json_is_answered(client: httpx.Client, value: Any, path: str) -> None:
    """Whatever JSON comes, lone surrogates and NaN included: an answer or a problem with its field, never a crash."""
    response = client.post(path, content=json.dumps(value).encode(), headers=JSON)
    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        assert response.json()["errors"][0]["pointer"].startswith("#")


#: Huge numbers, no numbers, times at the ends of all times; and cursors that stand for such.
PLACES: list[Any] = [-1, 0, 10**19, -(10**19), 1e308, None, [], {}, "c-1", "\0", [1e308, "c-1"], [10**19, 0]]
PLACES += [[time, "c-1"] for time in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")]
ODD = (
    *("", "0", "-1", "nan", "inf", "1e400", "12345678901234567890", "9" * 400, "\0", "\ud7ff", "null", "[]"),
    *("0001-01-01T00:00:00Z", "0001-01-02T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31"),
    *(base64.urlsafe_b64encode(json.dumps(place).encode()).decode() for place in PLACES),
)


def queries() -> Iterator[tuple[str, str]]:
    """Every name that a query of the API knows, with its path."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    for path, operations in paths.items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                yield path.format(id="c-1", site="default", number=1), parameter["name"]


@pytest.mark.parametrize(("path", "name"), list(queries()))
def test_no_query_breaks_anything(client: httpx.Client, path: str, name: str) -> None:
    """Whatever stands there is answered or refused, with where it stands."""
    for value in ODD:
        response = client.get(path, params={name: value})
        assert response.status_code in (200, 404, 413, 422), f"{name}={value}: {response.text}"
        if response.status_code in (413, 422):
            assert response.json()["errors"][0]["pointer"].startswith("#/"), value
