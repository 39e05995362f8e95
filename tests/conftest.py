"""What every test may count on: data beside the checkout, and in CI that no test was left out."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

# How long an example may take says something about the machine and its other work, not about the code.
settings.register_profile("any_machine", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")

_STORE = Path(__file__).resolve().parents[1] / "var" / "verger.db"

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of labelled comments and examples beside the checkout; skips where there is none."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "examples").is_dir():
        pytest.skip("needs the shared folder beside the checkout")
    return folder


@pytest.fixture(autouse=True)
def _no_store_in_the_checkout() -> Iterator[None]:
    """A test that starts something without a store of its own fails: it would read and change a developer's."""
    there = _STORE.exists()
    yield
    assert _STORE.exists() is there, f"this test made {_STORE}: give it a store of its own (VERGER_STORE)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a test that skips fails."""
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI, a file that skips as a whole fails."""
    return _refuse_skip((yield))


def _refuse_skip(report: Report) -> Report:
    """The report, failed where it was skipped and ``CI`` is ``true``. An expected failure is not a skip."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}. In CI nothing may be skipped."
    return report
