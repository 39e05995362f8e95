"""The commands of the Makefile and of CI."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.test_architecture.source import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
COMMANDS = sorted(" ".join(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)).split())
EXPECTED = {
    "help",
    "serve",
    "demo",
    "test",
    "lint",
    "types",
    "fit",
    "fit-permissive",
    "evaluate",
    "transformer",
    "teacher",
    "openapi",
    "lock",
    "postgresql",
}


def make(*arguments: str) -> str:
    """What make prints, without doing anything where ``--dry-run`` is among the arguments."""
    # Under another make it would also say which folder it enters and leaves.
    run = subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout


def test_the_commands_are_there() -> None:
    """The commands that the documents speak of exist."""
    assert set(COMMANDS) >= EXPECTED


@pytest.mark.parametrize("command", COMMANDS)
def test_help_lists_every_command(command: str) -> None:
    """Bare ``make`` shows each command with a sentence."""
    assert re.search(rf"^make {command} +\S", make(), flags=re.MULTILINE)


def test_every_command_is_phony() -> None:
    """A file called ``test`` does not stop ``make test``."""
    assert set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE)) == set(COMMANDS)


def test_the_demo_takes_a_store_of_its_own() -> None:
    """It removes its own store and nothing else, fills it, and serves it where HOST and PORT say."""
    plan = make("--dry-run", "demo", "PORT=9000").splitlines()
    [removed] = [line.split()[2:] for line in plan if line.startswith("rm ")]
    assert removed[0] == "var/demo.db"
    assert all(name.startswith("var/demo.db") for name in removed)
    filled, served = plan[-2:]
    assert filled.startswith("VERGER_STORE=var/demo.db ")
    assert filled.endswith("-m service demo")
    assert served.startswith("VERGER_STORE=var/demo.db ")
    assert "-m service serve" in served
    assert served.endswith("--port 9000")


def test_serve_installs_only_what_serving_needs() -> None:
    """A fresh checkout's ``make serve`` installs the service's lock file and no other."""
    plan = make("--dry-run", "--always-make", "serve")
    assert set(re.findall(r"-r (requirements/\S+)", plan)) == {"requirements/service.txt"}


def test_serve_passes_on_host_and_port() -> None:
    """HOST and PORT reach the service; unset, its own settings decide."""
    assert "-m service serve --host 0.0.0.0 --port 9000" in make("--dry-run", "serve", "HOST=0.0.0.0", "PORT=9000")
    assert re.search(r"-m service serve\s*$", make("--dry-run", "serve", "HOST=", "PORT="), flags=re.MULTILINE)


@pytest.mark.parametrize("command", ["test", "lint", "types"])
def test_ci_runs_every_check(command: str) -> None:
    """CI checks what a developer checks."""
    assert f"make {command}" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
