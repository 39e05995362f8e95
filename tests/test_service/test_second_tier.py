"""The second tier behind HTTP: who is in doubt is looked at again, and nothing starts that lacks a part."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from models.artifact import write_bundle
from models.bundle import Bundle
from models.comment import Article, Comment
from models.encoder import Encoder
from models.manifest import SecondTierManifest
from models.selftest import dump_selftest
from service.app import create_app
from service.settings import Settings
from tests.factories import drawn_manifest, drawn_second_tier, drawn_tables
from tests.test_service.conftest import ROOT, environment, fresh_store

ARTICLE = {"title": "Harbour bridge closes for repairs", "body": "The ferry runs every ten minutes, said the council."}
NO_EXTRA = "sys.modules['onnxruntime'] = None"
TEXTS = [
    f"{start} the ferry and the bridge {end}"
    for start in ("I read", "We want", "Nobody said", "Her brother", "Money for")
    for end in ("again.", "and the war.", "on Monday!", "in the film.")
]


@pytest.fixture(scope="module")
def tier() -> SecondTierManifest:
    """Of a bundle with drawn weights."""
    return drawn_second_tier((0.3, 0.7))


@pytest.fixture(scope="module")
def directory(tier: SecondTierManifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That bundle on disk."""
    return written(tmp_path_factory.mktemp("bundles") / "tiered", tier)


def written(directory: Path, tier: SecondTierManifest | None) -> Path:
    """A bundle with drawn weights and that second tier."""
    tables = drawn_tables()
    write_bundle(directory, drawn_manifest(tier), tables, {}, dump_selftest(Bundle(drawn_manifest(), tables).score), "")
    return directory


def app_with(directory: Path, *, second_tier: bool = True) -> FastAPI:
    """An app that scores with it."""
    app = create_app(Settings(bundle=directory, store=fresh_store(), second_tier=second_tier))
    app.state.parts.engine.load()
    return app


async def posted(app: FastAPI, *requests: tuple[str, Any]) -> list[httpx.Response]:
    """What the app gives to requests that arrive all at once."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        return await asyncio.gather(*(client.post(path, json=body) for path, body in requests))


def sent(text: str) -> dict[str, Any]:
    return {"text": text, "context": {"article": ARTICLE}}


def test_who_is_in_doubt_gets_the_second_tiers_score(directory: Path) -> None:
    """As the bundle itself scores both tiers, alone, in a batch and on a stream; who is not keeps the first one's."""
    bundle = Bundle.load(directory)
    first = bundle.score([Comment(text, Article(**ARTICLE)) for text in TEXTS])
    bundle.turn_on()
    expected = bundle.score([Comment(text, Article(**ARTICLE)) for text in TEXTS])
    app = app_with(directory)
    alone = asyncio.run(posted(app, *(("/v1/score", sent(text)) for text in TEXTS)))
    [together] = asyncio.run(posted(app, ("/v1/score/batch", {"comments": [sent(text) for text in TEXTS]})))
    answers = [answer.json() for answer in alone]
    assert [one["scores"] for one in together.json()["results"]] == [one["scores"] for one in answers]
    looked = 0
    for one, both, answer in zip(first, expected, answers, strict=True):
        for name in ("off_topic", "spoiler"):
            given, was = answer["scores"][name], one.heads[name].score
            assert was is not None
            assert given["score"] == both.heads[name].score
            assert given.get("second_tier", False) == (0.3 <= was < 0.7)
            looked += 0.3 <= was < 0.7
        assert "second_tier" not in answer["scores"]["profanity"]
    assert 0 < looked < 2 * len(TEXTS)


def test_off_nothing_is_different(directory: Path) -> None:
    """The same bundle answers with one tier, and says that there is another."""
    app = app_with(directory, second_tier=False)
    first = Bundle.load(directory).score([Comment(TEXTS[0], Article(**ARTICLE))])[0]
    [answer] = asyncio.run(posted(app, ("/v1/score", sent(TEXTS[0]))))
    assert {name: one["score"] for name, one in answer.json()["scores"].items()} == {
        name: head.score for name, head in first.heads.items()
    }
    assert told(app)["second_tier"]["on"] is False
    assert told(app)["heads"]["spoiler"]["operating_points"]["balanced"]["threshold"] == 0.5


def test_the_bundles_page_tells_of_it(directory: Path) -> None:
    """Its band, its share and its points; thresholds are those in force."""
    found = told(app_with(directory))
    assert found["second_tier"]["on"] is True
    spoiler = found["second_tier"]["heads"]["spoiler"]
    assert (spoiler["lowest"], spoiler["below"], spoiler["share_of_mix"]) == (0.3, 0.7, 0.5)
    assert spoiler["operating_points"] == found["heads"]["spoiler"]["operating_points"]
    assert found["heads"]["spoiler"]["operating_points"]["balanced"]["threshold"] == 0.375
    assert found["heads"]["profanity"]["operating_points"]["balanced"]["threshold"] == 0.5


def told(app: FastAPI) -> dict[str, Any]:
    """What ``/v1/bundles`` says of the only bundle."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return await client.get("/v1/bundles")

    [found] = asyncio.run(ask()).json()["bundles"]
    return dict(found)


def test_it_is_measured(directory: Path) -> None:
    """How many comments it scored, by head, and how long each took."""
    app = app_with(directory)
    answers = asyncio.run(posted(app, *(("/v1/score", sent(text)) for text in TEXTS)))
    spoilers = sum("second_tier" in answer.json()["scores"]["spoiler"] for answer in answers)
    comments = sum(any("second_tier" in head for head in answer.json()["scores"].values()) for answer in answers)
    lines = app.state.parts.metrics.exposition().decode().splitlines()
    assert f'verger_second_looks_total{{head="spoiler"}} {float(spoilers)}' in lines
    assert f"verger_second_look_seconds_count {float(comments)}" in lines


def test_a_stored_comment_remembers_which_tier_scored_it(directory: Path) -> None:
    """As it was answered when it was stored."""

    async def put_and_get() -> tuple[list[Any], list[Any]]:
        app = create_app(Settings(bundle=directory, store=fresh_store(), second_tier=True))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                await client.put("/v1/articles/a", json=ARTICLE)
                comments = [{"text": text, "article_id": "a"} for text in TEXTS]
                put = [await client.put(f"/v1/comments/c{i}", json=one) for i, one in enumerate(comments)]
                kept = [await client.get(f"/v1/comments/c{i}") for i in range(len(TEXTS))]
        return [one.json()["scores"] for one in put], [one.json()["scores"] for one in kept]

    put, kept = asyncio.run(put_and_get())
    assert put == kept
    assert any("second_tier" in scores["spoiler"] for scores in put)
    assert not any("second_tier" in scores["profanity"] for scores in put)


def test_too_many_doubts_are_refused_over_http(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After for those in doubt only; who is not in doubt is answered."""
    app = app_with(directory)
    go = threading.Event()
    encode = Encoder.encode
    monkeypatch.setattr(Encoder, "encode", lambda self, texts: go.wait(30) and encode(self, texts))
    app.state.parts.second_look._max_waiting = 1

    async def ask() -> list[httpx.Response]:
        asked = asyncio.ensure_future(posted(app, *(("/v1/score", sent(text)) for text in TEXTS)))
        await asyncio.sleep(0.2)
        go.set()
        return await asked

    answers = asyncio.run(ask())
    bundle = Bundle.load(directory)
    bundle.turn_on()
    first = bundle.first_scores([Comment(text, Article(**ARTICLE)) for text in TEXTS])
    in_doubt = [any(0.3 <= (one.heads[h].score or 0) < 0.7 for h in ("off_topic", "spoiler")) for one in first]
    refused = [answer.status_code == 503 for answer in answers]
    assert sum(refused) == sum(in_doubt) - 1
    assert not any(no and not doubt for no, doubt in zip(refused, in_doubt, strict=True))
    for answer in answers:
        if answer.status_code == 503:
            assert answer.json()["type"] == "urn:verger:problem:overloaded"
            assert int(answer.headers["Retry-After"]) >= 1


def started(directory: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """What ``serve`` says that cannot start, after those statements."""
    program = "; ".join([*before, "from service.__main__ import main", "sys.exit(main(['serve', '--port', '0']))"])
    command = [sys.executable, "-c", f"import sys; {program}"]
    settings = environment(bundle=str(directory), second_tier="true")
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60, check=False)


def test_a_service_that_lacks_a_part_does_not_start(directory: Path, tier: SecondTierManifest, tmp_path: Path) -> None:
    """No extra, no second tier in the bundle, another encoder: one sentence each, with the command to run."""
    without = written(tmp_path / "without", None)
    another = written(tmp_path / "another", dataclasses.replace(tier, encoder={"model.onnx": "0" * 64}))
    for run, reason in (
        (
            started(directory, "sys.modules['onnxruntime'] = None"),
            "onnxruntime is not installed; run `make transformer`",
        ),
        (started(without), "has no second tier; run `make transformer`, then fit one that has"),
        (started(another), "is not the one that the bundle was fitted with; run `make transformer`"),
    ):
        assert run.returncode != 0
        [line] = [line for line in run.stderr.splitlines() if "second tier cannot be turned on" in line]
        assert reason in line
        assert "Traceback" not in run.stderr


def test_a_file_is_scored_by_both_tiers(directory: Path, tmp_path: Path) -> None:
    """``python -m service score`` follows the same setting."""
    rows = tmp_path / "comments.jsonl"
    rows.write_text("".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(TEXTS)))
    command = [sys.executable, "-m", "service", "score", str(rows)]
    bundle = Bundle.load(directory)
    for on in (False, True):
        if on:
            bundle.turn_on()
        settings = environment(bundle=str(directory), second_tier=str(on))
        run = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60, check=True)
        found = [json.loads(line)["scores"]["spoiler"]["score"] for line in run.stdout.splitlines()]
        assert found == [one.heads["spoiler"].score for one in bundle.score([Comment(text) for text in TEXTS])]
