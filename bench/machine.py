"""What a figure depends on beside the code: processor, memory, kernel, versions, and what else was running."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from models.manifest import Manifest

_LIBRARIES = ("numpy", "scipy", "fastapi", "starlette", "uvicorn", "uvloop", "httptools", "msgspec", "scikit-learn")


def described() -> list[list[str]]:
    """Rows of name and value."""
    return [
        ["processor", f"{_processor()}, {os.cpu_count()} cores"],
        ["memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"],
        ["system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}"],
        ["libraries", ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)],
        ["bundle, code", f"{_bundle()}, {_commit()}"],
        ["measured", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"],
    ]


def told(before: float) -> str:
    """The load averages (one minute) before and now: of our own there is one busy process, over HTTP two."""
    kind = "other work ran beside" if before > 0.5 else "idle but for the run"
    return f"{before:.1f} before the run ({kind}), {os.getloadavg()[0]:.1f} at its end"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _bundle() -> str:
    return Manifest.from_json(Path("models/default/manifest.json").read_bytes()).version


def _commit() -> str:
    run = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return run.stdout.strip() or "no commit"
