"""The documents: OpenAPI, its page, the settings, and what the app's routes are made of."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi.routing import APIRoute

from service.api.answers import ScoreOut
from service.api.bundles import BundlesOut
from service.api.errors import ProblemOut
from service.api.health import AliveOut, ReadyOut
from service.api.masking import MaskOut
from service.api.results import ErrorOut
from service.app import create_app
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = {
    answer.__name__: answer for answer in (ScoreOut, ErrorOut, ProblemOut, MaskOut, BundlesOut, AliveOut, ReadyOut)
}
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text())
GOLDEN = Path(__file__).parent / "golden"


def test_openapi_file_equals_the_app() -> None:
    """``make openapi`` writes it; a change for clients shows in the file."""
    assert create_app(Settings(host="127.0.0.1")).openapi() == DOCUMENT


def test_openapi_is_served(client: httpx.Client) -> None:
    """The same document."""
    assert client.get("/openapi.json").json() == DOCUMENT


def test_every_reference_leads_somewhere() -> None:
    """No schema is missing from the document."""
    names = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(DOCUMENT)))
    assert names <= DOCUMENT["components"]["schemas"].keys()


@pytest.mark.parametrize(
    "name", sorted(path.name.removesuffix(".request.json") for path in GOLDEN.glob("*.request.json"))
)
def test_golden(client: httpx.Client, name: str) -> None:
    """A stored request gets the stored answer; scores, bundle and request id aside, which change with the bundle."""
    request = json.loads((GOLDEN / f"{name}.request.json").read_text())
    answer = client.request(request["method"], request["path"], json=request["body"]).json()
    stored = json.loads((GOLDEN / f"{name}.response.json").read_text())
    assert steady(answer) == steady(stored)
    check(request["answer"], answer)
    check(request["answer"], stored)


def check(name: str, answer: object) -> None:
    """The answer fits the type that the document's schema of that name is made of, and has nothing beside it."""
    assert msgspec.to_builtins(msgspec.convert(answer, ANSWERS[name])) == answer


def steady(value: Any) -> Any:
    """Without what changes from bundle to bundle: numbers that are no whole ones, versions, request ids."""
    if isinstance(value, dict):
        return {
            name: steady(inner) for name, inner in value.items() if name not in ("bundle", "request_id", "language")
        }
    if isinstance(value, list):
        return [steady(inner) for inner in value]
    return "a number" if isinstance(value, float) else value


def test_answers_are_as_described(client: httpx.Client) -> None:
    """Every kind of answer fits its schema in the document."""
    context = {"article": {"title": "The old bridge", "body": "The old bridge was closed.\n\nIt had rusted for years."}}
    comment = {"text": "What the fuck did they do to the old bridge", "explain": True, "context": context}
    check("ScoreOut", client.post("/v1/score", json=comment).json())
    check("ProblemOut", client.post("/v1/score", json={}).json())
    check("ProblemOut", client.get("/nothing").json())
    check("MaskOut", client.post("/v1/mask", json={"text": comment["text"]}).json())
    check("BundlesOut", client.get("/v1/bundles").json())
    check("AliveOut", client.get("/healthz").json())
    check("ReadyOut", client.get("/readyz").json())
    good, bad = client.post("/v1/score/batch", json={"comments": [comment, {}]}).json()["results"]
    check("ScoreOut", good)
    check("ErrorOut", bad)


def test_bundles_name_promises_and_licences(client: httpx.Client) -> None:
    """What is live, with its operating points, and the licence of every set behind it."""
    (bundle,) = client.get("/v1/bundles").json()["bundles"]
    assert bundle["live"]
    assert bundle["version"] == client.get("/readyz").json()["bundle"]
    for head in bundle["heads"].values():
        assert {"precision>=0.95", "precision>=0.9", "balanced"} <= head["operating_points"].keys()
    assert bundle["data"]
    assert all(data_set["licence"] for data_set in bundle["data"])


def test_docs_load_nothing_from_elsewhere(client: httpx.Client) -> None:
    """Every address on the page and in its style sheet is ours, is there, and the policy allows no other."""
    page = client.get("/docs")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith("/docs/")
        assert client.get(address).status_code == 200
    assert "<script>" not in page.text
    assert not re.findall(r"url\((?!['\"]?data:)", client.get("/docs/swagger-ui.css").text)


@pytest.mark.parametrize("path", ["/docs/../app.py", "/docs/redoc.standalone.js", "/docs/%2e%2e%2fcore.py", "/docs/x"])
def test_docs_give_nothing_else(client: httpx.Client, path: str) -> None:
    """Only the named files."""
    assert client.get(path).status_code == 404


def test_every_answer_carries_security_headers(client: httpx.Client) -> None:
    """Good ones, problems, and the page."""
    for response in (client.get("/healthz"), client.get("/nothing"), client.get("/docs"), client.post("/v1/score")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def endpoints(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """Every route, those of included routers too."""
    for route in routes:
        yield from [route] if isinstance(route, APIRoute) else endpoints(route.original_router.routes)


def test_nothing_on_a_route_is_synchronous() -> None:
    """A sync endpoint or dependency costs a thread each time, and five times the CPU."""
    found = list(endpoints(create_app(Settings(host="127.0.0.1")).routes))
    assert len(found) >= 8
    for route in found:
        assert inspect.iscoroutinefunction(route.endpoint), route.path
        assert not route.dependant.dependencies, route.path


def test_every_setting_is_documented() -> None:
    """docs/settings.md has a heading for each, with its default; and none that is gone."""
    text = (ROOT / "docs" / "settings.md").read_text()
    headings = re.findall(r"^## `VERGER_(\w+)`", text, re.MULTILINE)
    assert headings == [name.upper() for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        section = text.split(f"## `VERGER_{name.upper()}`")[1].split("\n## ")[0]
        assert field.description
        assert field.description in section, name
        default = "models/default" if name == "bundle" else "unset" if field.default is None else field.default
        assert f"Default: `{default}`" in section, name
