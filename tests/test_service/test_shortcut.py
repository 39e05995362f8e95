"""The short way and FastAPI's own give the same answers, to good requests and to bad ones."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import cast

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.middleware import Middleware

from models.comment import Comment
from service.api.shortcut import ShortWay
from service.app import create_app
from service.domain import Question
from service.settings import Settings
from tests.test_service.asked import JSON, NDJSON, Answer, Asked, ask
from tests.test_service.conftest import fresh_store
from tests.test_service.test_bad_input import CASES

KEY = "a-key-for-these-tests-only"
SHORT = {"score", "score_batch", "mask", "put_comment"}
#: What each store has of its own.
OWN = re.compile(rb'"(received_at|changed_at|text_hash)":"[^"]*"')
COMMENT = b'{"text": "What a load of crap."}'
BATCH = b'{"context": {"article": {"title": "Ferry"}}, "comments": [{"text": "Late again"}, {"text": " "}, 5]}'
LINES = COMMENT + b'\n\n{"text": "' + b"a" * 20_001 + b'"}\nno JSON\n' + COMMENT
IN_PIECES = tuple(LINES[start : start + 1_000] for start in range(0, len(LINES), 1_000))


@dataclass(frozen=True)
class Both:
    """The same service twice, in one loop: as it is, and without the short way."""

    runner: asyncio.Runner
    short: FastAPI
    long: FastAPI

    def ask(self, *asked: Asked) -> list[Answer]:
        """What the short way answers, after seeing that the other one answers the same."""
        return self.runner.run(self._ask(asked))

    async def _ask(self, asked: tuple[Asked, ...]) -> list[Answer]:
        short = [await ask(self.short, one) for one in asked]
        long = [await ask(self.long, one) for one in asked]
        for one, other in zip(short, long, strict=True):
            assert seen(one) == seen(other)
            assert getattr(one.scope.get("route"), "path", None) == getattr(other.scope.get("route"), "path", None)
        return short


def seen(answer: Answer) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """What its caller sees, but for the two stores' own."""
    return answer.status, answer.headers, OWN.sub(b"", answer.body)


def is_short_way(layer: Middleware) -> bool:
    return cast(object, layer.cls) is ShortWay


@contextmanager
def both_ways(*, started: bool = True, key: SecretStr | None = None) -> Iterator[Both]:
    with asyncio.Runner() as runner:
        short, long = (create_app(Settings(store=fresh_store(), api_key=key)) for _ in range(2))
        long.user_middleware = [one for one in long.user_middleware if not is_short_way(one)]
        running = AsyncExitStack()
        try:
            for app in (short, long) if started else ():
                runner.run(running.enter_async_context(app.router.lifespan_context(app)))
            yield Both(runner, short, long)
        finally:
            runner.run(running.aclose())


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    with both_ways() as apps:
        yield apps


def test_the_short_way_is_taken(both: Both) -> None:
    """By the routes asked most, and by none of the others: what FastAPI's router touched bears its mark."""
    answers = both.ask(
        Asked(),
        Asked(path="/v1/score/batch", body=[BATCH]),
        Asked(path="/v1/mask"),
        Asked("PUT", "/v1/comments/a%2Fb"),
        Asked("GET", "/healthz", body=[b""]),
        Asked("GET", "/v1/comments/a%2Fb", body=[b""]),
    )
    assert [one.status for one in answers] == [200, 200, 200, 201, 200, 200]
    assert ["router" in one.scope for one in answers] == [False] * 4 + [True] * 2


def test_it_leaves_nothing_out(both: Both) -> None:
    """FastAPI would do nothing for these routes but call them: no dependency, no parameter but the request."""
    (short_way,) = filter(is_short_way, both.short.user_middleware)
    routes = cast(list[APIRoute], short_way.kwargs["routes"])
    assert {route.name for route in routes} == SHORT
    assert not both.short.router.dependencies
    for route in routes:
        assert [*route.dependencies, *route.dependant.dependencies] == []
        assert list(inspect.signature(route.endpoint).parameters) == ["request"]
        assert inspect.iscoroutinefunction(route.endpoint)
        assert route.status_code is None


@pytest.mark.parametrize("case", CASES)
def test_bad_bodies_are_answered_alike(both: Both, case: str) -> None:
    """To the last byte, alone, in a batch, as a line of a stream, and as a comment to be stored."""
    body, status, _, _ = CASES[case]
    alone, *others = both.ask(
        Asked(body=[body]),
        Asked(path="/v1/mask", body=[body]),
        Asked("PUT", "/v1/comments/1", body=[body]),
        Asked(path="/v1/score/batch", body=[b'{"comments": [' + body + b"]}"]),
        Asked(path="/v1/score/batch", headers=[NDJSON], body=[body[:70_000], body[70_000:]]),
    )
    assert alone.status == status
    assert not any("router" in one.scope for one in (alone, *others))


ODD = {
    "no content type": Asked(headers=[]),
    "another content type": Asked(headers=[(b"content-type", b"text/plain")]),
    "two content types": Asked(headers=[JSON, (b"content-type", b"text/plain")]),
    "two content types, the other first": Asked(headers=[(b"content-type", b"text/plain"), JSON]),
    "another charset": Asked(headers=[(b"content-type", b"application/json; charset=latin-1")]),
    "compressed": Asked(headers=[JSON, (b"content-encoding", b"gzip")]),
    "too large by what is announced": Asked(headers=[JSON, (b"content-length", b"10000000000")], body=[]),
    "an odd length": Asked(headers=[JSON, (b"content-length", b"\xb2")]),
    "too large in pieces": Asked(body=[b" " * 500_000] * 4),
    "in pieces": Asked(body=[b'{"text', b'": "He', b"", b'llo"}']),
    "gone before the body": Asked(body=[None]),
    "gone in the middle": Asked(body=[b'{"text', None]),
    "a stream gone in the middle": Asked(path="/v1/score/batch", headers=[NDJSON], body=[COMMENT + b"\n", None]),
    "a stream in pieces": Asked(path="/v1/score/batch", headers=[NDJSON], body=IN_PIECES),
    "an empty stream": Asked(path="/v1/score/batch", headers=[NDJSON], body=[b""]),
    "a stream to the single route": Asked(headers=[NDJSON], body=[LINES]),
    "wrong method": Asked("GET"),
    "HEAD": Asked("HEAD"),
    "OPTIONS": Asked("OPTIONS"),
    "an invented method": Asked("SCORE"),
    "a method in small letters": Asked("post"),
    "a slash too many": Asked(path="/v1/score/"),
    "a line feed too many": Asked(path="/v1/score\n"),
    "a query": Asked(query=b"site=other"),
    "no id": Asked("PUT", "/v1/comments/"),
    "a slash inside the id": Asked("PUT", "/v1/comments/a/b"),
    "an id that is not UTF-8": Asked("PUT", "/v1/comments/%ff"),
    "an id with a NUL": Asked("PUT", "/v1/comments/%00"),
    "an id of 201 characters": Asked("PUT", f"/v1/comments/{'a' * 201}"),
    "an unknown article": Asked("PUT", "/v1/comments/2", body=[b'{"text": "Hello", "article_id": "nowhere"}']),
    "an unknown query parameter": Asked("PUT", "/v1/comments/2", query=b"where=here"),
    "two sites": Asked("PUT", "/v1/comments/2", query=b"site=a", body=[b'{"text": "Hello", "site": "b"}']),
    "a request id that is none": Asked(headers=[JSON, (b"x-request-id", b"a b")]),
    "through a proxy in open mode": Asked(headers=[JSON, (b"x-forwarded-for", b"192.0.2.1")]),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_requests_are_answered_alike(both: Both, case: str) -> None:
    """Whatever is wrong with method, path, headers or the way a body comes."""
    both.ask(ODD[case])


def test_edits_are_answered_alike(both: Both) -> None:
    """New, the same again, another text, an older one, and one that stands elsewhere."""
    edits = (
        (b'{"text": "One"}', 201),
        (b'{"text": "One"}', 200),
        (b'{"text": "Two", "revised_at": "2026-01-02T00:00:00Z"}', 200),
        (b'{"text": "Three", "revised_at": "2026-01-01T00:00:00Z"}', 409),
        (b'{"text": "Four", "parent_id": "another"}', 409),
    )
    answers = both.ask(*(Asked("PUT", "/v1/comments/edited", body=[body]) for body, _ in edits))
    assert [one.status for one in answers] == [status for _, status in edits]


ASKED = st.builds(
    Asked,
    method=st.sampled_from(["POST", "PUT", "GET"]),
    path=st.sampled_from(["/v1/score", "/v1/score/batch", "/v1/mask", "/v1/comments/3", "/v1/comments/%C3%BC%2F"]),
    headers=st.lists(
        st.sampled_from([JSON, NDJSON]) | st.tuples(st.sampled_from([b"content-type", b"content-length"]), st.binary()),
        max_size=3,
    ),
    body=st.lists(st.sampled_from([COMMENT, BATCH, LINES, b"\n", None]) | st.binary(), min_size=1, max_size=3),
    query=st.sampled_from([b"", b"site=a", b"site=%", b"&&"]),
)


@given(asked=ASKED)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_answered_alike(both: Both, asked: Asked) -> None:
    """Bodies, headers and pieces thrown together."""
    # A body ends where its sender is gone.
    pieces = asked.body[: asked.body.index(None) + 1] if None in asked.body else asked.body
    both.ask(replace(asked, body=pieces))


def test_without_the_key() -> None:
    """Refused before either way begins."""
    with both_ways(key=SecretStr(KEY)) as apps:
        right = (b"authorization", f"Bearer {KEY}".encode())
        answers = apps.ask(
            Asked(), Asked(headers=[JSON, (b"authorization", b"Bearer x")]), Asked(headers=[JSON, right])
        )
        assert [one.status for one in answers] == [401, 401, 200]


def test_before_the_bundle_is_loaded() -> None:
    """Not ready, with when to come back; a stream says so in its lines."""
    with both_ways(started=False) as apps:
        alone, mask, stream = apps.ask(
            Asked(), Asked(path="/v1/mask"), Asked(path="/v1/score/batch", headers=[NDJSON], body=[COMMENT])
        )
        assert [one.status for one in (alone, mask, stream)] == [503, 503, 200]
        assert b"retry-after" in dict(alone.headers)
        assert b"not-ready" in stream.body


def test_with_too_much_waiting(both: Both) -> None:
    """Overloaded, on every route that scores."""

    async def crowded() -> list[Answer]:
        answers = []
        for app in (both.short, both.long):
            batcher = app.state.parts.moderation._scorer
            # From here on the gate knows the keys; while it asked for them, what waits would be scored.
            await ask(app, Asked())
            waiting = [batcher.submit(Question(Comment("Hello"))) for _ in range(Settings().queue_comments)]
            answers += [await ask(app, Asked()), await ask(app, Asked(path="/v1/score/batch", body=[BATCH]))]
            await asyncio.gather(*waiting)
        return answers

    one, batch, same, same_batch = both.runner.run(crowded())
    assert (one.status, seen(one), seen(batch)) == (503, seen(same), seen(same_batch))


def test_both_count_the_same() -> None:
    """Requests by route and status, comments, refusals: after the same requests the figures are the same."""
    with both_ways() as apps:
        apps.ask(*ODD.values())
        pages = [app.state.parts.metrics.exposition().decode().splitlines() for app in (apps.short, apps.long)]
        short, long = ([line for line in page if "_total{" in line] for page in pages)
        assert short == long
        assert 'verger_requests_total{method="POST",route="/v1/score",status="499"} 2.0' in short
        assert 'verger_requests_total{method="PUT",route="/v1/comments/{id}",status="422"} 5.0' in short
