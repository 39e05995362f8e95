"""``python -m bench``: print what scoring costs on this machine."""

from __future__ import annotations

from bench import engine

for line in engine.report():
    print(line, flush=True)
