"""What README shows a newcomer is what the service answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def shown(pattern: str) -> Any:
    """The JSON in README that the pattern's group holds."""
    found = re.search(pattern, README, re.DOTALL)
    assert found, pattern
    return json.loads(found[1])


def close(value: Any) -> Any:
    """Equal to the same value with numbers a hair off: another processor may differ in the fourth digit."""
    if isinstance(value, dict):
        return {key: close(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [close(inner) for inner in value]
    return pytest.approx(value, abs=1e-3) if isinstance(value, float) else value


def test_the_answer_in_readme(client: httpx.Client) -> None:
    """The curl command's body gets the answer printed under it."""
    answer = client.post("/v1/score", json=shown(r"-d '(\{.*?\})'\n")).json()
    assert answer == close(shown(r"```json\n(\{.*?\n\})\n```"))
