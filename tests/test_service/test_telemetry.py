"""What is logged and counted, and what never is."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from models.comment import Comment
from service.app import create_app
from service.settings import Settings
from service.telemetry import JsonLine, TextLine

SECRET = "nobody may read these words in a log"
KEY = "a-key-for-these-tests-only"


class FailingBundle:
    """Stands for a defect: its error quotes the comment."""

    version = "0"

    def first_scores(self, comments: Sequence[Comment], **_: Any) -> None:
        raise ValueError(comments[0].text)


@pytest.fixture(params=[TextLine, JsonLine])
def logged(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that any logger says, at every level."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(request.param())
    root, own = logging.getLogger(), logging.getLogger("verger")
    levels = root.level, own.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    own.setLevel(logging.NOTSET)
    yield handler.stream
    root.removeHandler(handler)
    root.setLevel(levels[0])
    own.setLevel(levels[1])


def ask(*requests: tuple[str, str, dict[str, str], bytes], failing: bool = False) -> list[httpx.Response]:
    async def each() -> list[httpx.Response]:
        app = create_app(Settings(api_key=KEY))
        engine = app.state.parts.engine
        engine.load()
        if failing:
            engine._live = FailingBundle()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return [
                await client.request(verb, path, content=body, headers={"Authorization": f"Bearer {KEY}", **headers})
                for verb, path, headers, body in requests
            ]

    return asyncio.run(each())


COMMENT = json.dumps({"text": SECRET}).encode()
JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}


def test_no_words_and_no_keys_in_the_log(logged: io.StringIO) -> None:
    """Not of comments that are scored, refused, or in the path of a request."""
    ask(
        ("POST", "/v1/score", JSON, COMMENT),
        ("POST", "/v1/score", JSON, COMMENT[:-1]),
        ("POST", "/v1/score", JSON, json.dumps({SECRET: 1}).encode()),
        ("POST", "/v1/score", {"Content-Type": SECRET}, COMMENT),
        ("POST", "/v1/mask", JSON, COMMENT),
        ("POST", "/v1/score/batch", NDJSON, COMMENT + b"\n" + COMMENT[:-1]),
        ("GET", f"/{SECRET}?{SECRET}", {"X-Request-Id": SECRET}, b""),
        ("GET", "/metrics", {"Authorization": f"Bearer {KEY}x", "X-Forwarded-For": SECRET}, b""),
    )
    text = logged.getvalue()
    assert text.count("answered") == 8
    assert "these words" not in text
    assert KEY not in text


def test_a_defect_is_logged_without_its_text(logged: io.StringIO) -> None:
    """The error's class and place are in the log under the request id; the caller gets that id and nothing else."""
    single, batch = ask(
        ("POST", "/v1/score", JSON, COMMENT),
        ("POST", "/v1/score/batch", JSON, b'{"comments": [' + COMMENT + b"]}"),
        failing=True,
    )
    assert single.status_code == 500
    for problem in (single.json(), batch.json()["results"][0]["error"]):
        assert (problem["status"], problem["type"]) == (500, "urn:verger:problem:internal")
        assert SECRET not in json.dumps(problem)
        assert problem["request_id"] in logged.getvalue()
    assert "ValueError" in logged.getvalue()
    assert "engine.py" in logged.getvalue()
    assert SECRET not in logged.getvalue()


def test_a_defect_in_a_stream_is_told_by_its_own_place(logged: io.StringIO) -> None:
    """Not as the group of tasks that it happened in."""

    async def fail() -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(asyncio.to_thread(json.loads, SECRET))

    try:
        asyncio.run(fail())
    except ExceptionGroup:
        logging.getLogger("verger").exception("unexpected error")
    assert "JSONDecodeError" in logged.getvalue()
    assert "decoder.py" in logged.getvalue()
    assert SECRET not in logged.getvalue()


def test_json_lines_are_json() -> None:
    """One object a line, with the fields apart."""
    record = logging.makeLogRecord({"name": "verger", "levelname": "INFO", "msg": "a\nb", "args": (), "status": 200})
    line = JsonLine().format(record)
    assert "\n" not in line
    fields = json.loads(line)
    assert (fields["event"], fields["level"], fields["status"]) == ("a\nb", "info", 200)
    assert fields["time"].endswith("Z")


def test_metrics_count_what_happened() -> None:
    """Requests by route and status, comments by head, batch sizes, refusals."""
    *_, page = ask(
        ("POST", "/v1/score", JSON, b'{"text": "Hello", "heads": ["spoiler"]}'),
        ("POST", "/v1/score", JSON, b'{"text": ""}'),
        ("POST", "/v1/score/batch", JSON, b'{"comments": [{"text": "Hello"}, {"text": "Bye"}, {}]}'),
        ("GET", "/nowhere", {}, b""),
        ("GET", "/metrics", {}, b""),
    )
    lines = page.text.splitlines()
    for line in (
        'verger_requests_total{method="POST",route="/v1/score",status="200"} 1.0',
        'verger_requests_total{method="POST",route="/v1/score",status="422"} 1.0',
        'verger_requests_total{method="GET",route="none",status="404"} 1.0',
        'verger_request_seconds_count{route="/v1/score"} 2.0',
        'verger_comments_scored_total{head="spoiler"} 3.0',
        'verger_comments_scored_total{head="profanity"} 2.0',
        "verger_batch_comments_count 2.0",
        "verger_batch_comments_sum 3.0",
        'verger_refused_total{problem="invalid"} 2.0',
    ):
        assert line in lines
    assert any(line.startswith("process_resident_memory_bytes ") for line in lines)
