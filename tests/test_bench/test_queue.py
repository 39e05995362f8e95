"""The queue's bench does what it says, on a small store."""

from __future__ import annotations

import pytest

from bench import queue


def test_it_measures_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists in each order, claims and a later page, one row each; what is missing is said."""
    monkeypatch.setattr(queue, "COMMENTS", 32_000)
    monkeypatch.setattr(queue, "WAITING", 2_000)
    section = queue.measure(None)
    (table,) = section.tables
    what = [row[0] for row in table.rows]
    assert sum(one.startswith("page and count") for one in what) == 33
    assert sum(one.startswith("claim") for one in what) == 4
    assert len(set(what)) == len(what) == 40
    assert all(float(row[1].removesuffix(" ms")) > 0 for row in table.rows)
    (finding,) = section.findings
    assert finding.bound == 50
    assert "PostgreSQL" in section.skipped[0]
