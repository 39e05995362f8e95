"""CI runs every test there is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest

SKIPS_A_TEST = "import pytest\n\ndef test_left_out():\n    pytest.skip('no such data')\n"
SKIPS_A_FILE = "import pytest\n\npytest.skip('no such library', allow_module_level=True)\n"
EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail\ndef test_known():\n    assert False\n"


def run_pytest(folder: Path, source: str, *, ci: bool) -> subprocess.CompletedProcess[str]:
    """pytest's run of one test file under this project's conftest."""
    shutil.copy(Path(conftest.__file__), folder / "conftest.py")
    (folder / "test_example.py").write_text(source)
    environment = {**os.environ, "CI": "true" if ci else "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


@pytest.mark.parametrize("source", [SKIPS_A_TEST, SKIPS_A_FILE])
def test_a_skip_fails_in_ci(tmp_path: Path, source: str) -> None:
    """A skipped test, or a file skipped as a whole, fails in CI and says why."""
    run = run_pytest(tmp_path, source, ci=True)
    assert run.returncode != 0
    assert "In CI nothing may be skipped" in run.stdout


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    """On a machine without the data, a test that needs it is skipped."""
    run = run_pytest(tmp_path, SKIPS_A_TEST, ci=False)
    assert run.returncode == 0
    assert "1 skipped" in run.stdout


def test_an_expected_failure_is_not_a_skip(tmp_path: Path) -> None:
    """A test marked as an expected failure did run."""
    run = run_pytest(tmp_path, EXPECTED_FAILURE, ci=True)
    assert run.returncode == 0
    assert "1 xfailed" in run.stdout
