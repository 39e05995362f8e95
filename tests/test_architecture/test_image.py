"""What the container images hold, read from the Dockerfile."""

from __future__ import annotations

import re

import pytest

from tests.test_architecture.source import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def stages() -> dict[str, list[str]]:
    """Each build stage's instructions, in order, by the stage's name."""
    found: dict[str, list[str]] = {}
    for line in DOCKERFILE.splitlines():
        if start := re.fullmatch(r"FROM \S+ AS (\S+)", line):
            found[start[1]] = []
        elif found and line.strip() and not line.startswith("#"):
            found[next(reversed(found))].append(line)
    return found


def copied(stage: str) -> set[str]:
    """The paths of this checkout that a stage copies."""
    lines = [line.split()[1:-1] for line in stages()[stage] if line.startswith("COPY ")]
    return {path for paths in lines if not paths[0].startswith("--from=") for path in paths}


@pytest.mark.parametrize("half", ["service", "training"])
def test_an_image_holds_its_half_and_models(half: str) -> None:
    """The target named after a half copies that half and models, and nothing else."""
    assert copied(half) == {f"{half}/", "models/"}


@pytest.mark.parametrize("half", ["service", "training"])
def test_an_image_installs_its_own_lock(half: str) -> None:
    """The packages of an image come from the lock file of its half."""
    assert f"COPY --from={half}-packages /opt/venv /opt/venv" in stages()[half]
    # The service's own image can use either kind of store.
    others = {"requirements/postgresql.txt"} if half == "service" else set()
    assert copied(f"{half}-packages") == {f"requirements/{half}.txt"} | others


@pytest.mark.parametrize("stage", stages())
def test_what_is_copied_is_there(stage: str) -> None:
    """Every copied path exists, and .dockerignore lets it into the build."""
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for path in copied(stage):
        assert (ROOT / path).exists()
        assert f"!{path.partition('/')[0]}/" in let_in


@pytest.mark.parametrize("half", ["service", "training"])
def test_an_image_runs_without_rights(half: str) -> None:
    """Both images run as a numbered user, which orchestrators can check, and not as root."""
    [user] = [line for line in stages()[half] if line.startswith("USER ")]
    assert re.fullmatch(r"USER [1-9]\d*:[1-9]\d*", user)


def test_the_service_is_the_default_and_says_how_it_is() -> None:
    """Built without a target, the image is the service's, with a health check on ``/healthz``."""
    assert list(stages())[-1] == "service"
    [check] = [line for line in stages()["service"] if line.startswith("HEALTHCHECK ")]
    assert "/healthz" in check
