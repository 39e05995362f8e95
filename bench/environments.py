"""Other people's engines, each in an environment of its own under ``var/bench/``: their needs do not go together."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HOME = Path("var/bench")
REQUIREMENTS = Path(__file__).parent / "requirements"


class NotInstalled(RuntimeError):
    """An engine could not be installed here; the message is the installer's last word."""


def python_for(name: str) -> str:
    """The interpreter of an engine's environment, made the first time and again when its requirements changed.

    Raises:
        NotInstalled: the reason, in one line.
    """
    wanted = REQUIREMENTS / f"{name}.txt"
    home = HOME / name
    stamp, digest = home / "installed", hashlib.sha256(wanted.read_bytes()).hexdigest()
    python = home / "bin" / "python"
    if not stamp.is_file() or stamp.read_text() != digest:
        _run(sys.executable, "-m", "venv", "--clear", str(home))
        pip = (str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps")
        _run(*pip, "--only-binary", ":all:", "-r", str(wanted))
        stamp.write_text(digest)
    return str(python)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"not installed in {error.timeout:.0f} s") from error
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "ERROR" in line] or done.stderr.splitlines() or ["no word"]
        raise NotInstalled(said[-1].strip())
