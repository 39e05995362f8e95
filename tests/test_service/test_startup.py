"""Starting, being ready, refusing to start, and what a serving process never does."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from models.articles import MOST_REMEMBERED, MOST_STRETCHES
from models.comment import Article, Comment
from service.app import create_app
from service.domain import Question
from service.errors import BundleRefused, NotReady
from service.scoring.engine import READ_ARTICLES, Engine
from service.settings import Settings
from service.telemetry import Metrics

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command, environment = [sys.executable, *arguments], os.environ | environment
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)


def answers(settings: Settings, *requests: tuple[str, str, object], loaded: bool = True) -> list[httpx.Response]:
    """What a fresh app gives to requests that arrive all at once."""

    async def ask() -> list[httpx.Response]:
        app = create_app(settings)
        if loaded:
            app.state.parts.engine.load()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await asyncio.gather(*(client.request(verb, path, json=body) for verb, path, body in requests))

    return asyncio.run(ask())


def test_not_ready_before_a_bundle_is_loaded() -> None:
    """Alive, but not ready; scoring and masking are 503 with Retry-After; nothing is invented."""
    comment = {"text": "Hello"}
    alive, *others = answers(
        Settings(),
        ("GET", "/healthz", None),
        ("GET", "/readyz", None),
        ("GET", "/v1/bundles", None),
        ("POST", "/v1/score", comment),
        ("POST", "/v1/mask", comment),
        loaded=False,
    )
    assert alive.status_code == 200
    for response in others:
        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
        assert response.json()["type"] == "urn:verger:problem:not-ready"


def test_too_much_at_once_is_refused_by_name() -> None:
    """What the queue cannot hold gets 503 with Retry-After at once; the rest is scored."""
    responses = answers(Settings(queue_comments=64), *[("POST", "/v1/score", {"text": "Hello"})] * 100)
    refused = [response for response in responses if response.status_code == 503]
    assert refused
    assert {response.json()["type"] for response in refused} == {"urn:verger:problem:overloaded"}
    assert all(int(response.headers["Retry-After"]) >= 1 for response in refused)
    assert sum(response.status_code == 200 for response in responses) == 100 - len(refused) >= 64


def test_engine_is_ready_only_while_open() -> None:
    """Before loading and after closing it raises ``NotReady``."""
    engine = Engine(Settings().bundle, Metrics())
    with pytest.raises(NotReady):
        _ = engine.live
    engine.load()
    assert engine.answer([Question(Comment("Hello"))])
    engine.close()
    with pytest.raises(NotReady):
        engine.answer([Question(Comment("Hello"))])


def test_a_refused_bundle_is_never_live(tmp_path: Path) -> None:
    """Loading raises ``BundleRefused``, and the engine stays as it was."""
    engine = Engine(tmp_path, Metrics())
    with pytest.raises(BundleRefused):
        engine.load()
    with pytest.raises(NotReady):
        _ = engine.live


def test_serve_refuses_a_bad_bundle(tmp_path: Path) -> None:
    """The command ends with 2 and says which directory and why; nothing listens."""
    done = run("-m", "service", "serve", "--port", "0", VERGER_BUNDLE=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path) in done.stderr
    assert "manifest" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_a_damaged_bundle(tmp_path: Path) -> None:
    """The shipped bundle with one byte more is told by its checksum, after what had passed before."""
    damaged = tmp_path / "bundle"
    shutil.copytree(Settings().bundle, damaged)
    with (damaged / "tables.joblib").open("ab") as file:
        file.write(b"\0")
    done = run("-m", "service", "serve", "--port", "0", VERGER_BUNDLE=str(damaged))
    assert (done.returncode, done.stdout) == (2, "")
    assert "checksums: tables.joblib" in done.stderr
    assert "format" in done.stderr
    assert "Traceback" not in done.stderr


def test_questions_together_equal_each_alone() -> None:
    """A batch of mixed wishes gives, to the last bit, what each question gets alone."""
    engine = Engine(Settings().bundle, Metrics())
    engine.load()
    article = Article("The old bridge", "The old bridge was closed on Monday.")
    questions = [
        Question(Comment(f"{word} this bridge, {number}", article if number % 2 else None), heads, number % 3 == 0)
        for number, word in enumerate(["Fuck", "Mend", "Damn", "Close", "Enjoy"] * 4)
        for heads in (("profanity",), ("profanity", "off_topic", "spoiler"), ())
    ]
    assert engine.answer(questions) == [answer for question in questions for answer in engine.answer([question])]


def test_an_article_counts_once_in_a_row() -> None:
    """Neighbours under the same article read it once, so they share a batch; another article counts anew."""
    first, second = Article("a" * 10, "b" * 1_000), Article(None, "c" * 500)
    alone = Question(Comment("d" * 5, first, "e" * 7))
    weigh = Engine(ROOT / "models/default", Metrics()).weigh
    assert weigh(alone, None) == 1_022
    assert weigh(alone, Question(Comment("f", Article("a" * 10, "b" * 1_000)))) == 12
    assert weigh(Question(Comment("d", second)), alone) == 501
    assert weigh(Question(Comment("d")), alone) == 1
    assert weigh(Question(Comment("d" * 5), explain=True), None) == 50


def test_an_article_that_was_read_weighs_nothing() -> None:
    """As long as the bundle remembers it too: the next comments under it share a batch as if it had none."""
    engine = Engine(ROOT / "models/default", Metrics())
    engine.load()
    question = Question(Comment("Nice", Article("Ferry", "b" * 1_000)))
    assert engine.weigh(question, None) == 1_009
    engine.answer([question])
    assert engine.weigh(question, None) == 4
    engine.answer([Question(Comment("Nice", Article(f"Ferry {number}"))) for number in range(READ_ARTICLES)])
    assert engine.weigh(question, None) == 1_009
    longest = MOST_STRETCHES + 1  # With its title.
    assert READ_ARTICLES * longest <= MOST_REMEMBERED


def test_foreign_models_are_refused(tmp_path: Path) -> None:
    """A package called models from anywhere else stops the start with both places named."""
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("__pycache__", "default"))
    start = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import models; from service.app import *; "
    done = run("-c", start + "create_app(Settings())", cwd=tmp_path)
    assert done.returncode == 1
    assert "ForeignPackage" in done.stderr
    assert str(tmp_path) in done.stderr


def test_scikit_learn_is_not_imported_in_a_serving_process() -> None:
    """It would cost a second and 70 MB in every worker. Neither is anything of training."""
    serve_once = """
import asyncio, sys
import httpx
from service.__main__ import main
from service.app import create_app
from service.settings import Settings

async def once():
    app = create_app(Settings())
    app.state.parts.engine.load()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        comment = {"text": "Hello", "explain": True, "context": {"parent": "Hi there"}}
        answer = await client.post("/v1/score", json=comment)
        assert answer.status_code == 200, answer.text
        assert (await client.post("/v1/mask", json={"text": "Hello"})).status_code == 200

asyncio.run(once())
assert "models.bundle" in sys.modules
print(sorted({name.partition(".")[0] for name in sys.modules} & {"sklearn", "training", "torch", "pandas"}))
"""
    done = run("-c", serve_once)
    assert done.stdout.strip() == "[]", done.stderr
