"""Buckets of leave, and who has to wait where passwords are guessed."""

from __future__ import annotations

import pytest

from service.attempts import Attempts, Failures
from service.buckets import Buckets
from service.errors import TooMany


def test_buckets() -> None:
    """So many at once, so many in the long run, each name by itself, and it says when to come back."""
    now = [0.0]
    buckets = Buckets(3, 0.5, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 2]
    assert buckets.take("b") == 0
    now[0] += 2
    assert [buckets.take("a") for _ in range(2)] == [0, 2]
    now[0] += 1000
    assert buckets.take("a", 20) == 0
    assert buckets.take("a") > 30
    buckets.give_back("a", 20)
    assert buckets.take("a") == 0


def test_attempts_from_everywhere() -> None:
    """Against guesses from many places new places wait, and the place where that person was does not."""
    now = [0.0]
    attempts = Attempts(clock=lambda: now[0])
    attempts.begin("ann", "home")
    assert attempts.succeeded("ann", "home") is None
    for number in range(40):
        attempts.begin("ann", f"place {number}")
    with pytest.raises(TooMany):
        attempts.begin("ann", "a new place")
    attempts.begin("ann", "home")
    attempts.begin("bea", "a new place")
    assert [attempts.failed("ann") for _ in range(3)] == [Failures(1), None, None]
    now[0] += 601
    assert attempts.failed("ann", was_blocked=True) == Failures(3, blocked=1)
    assert attempts.failed("ann") is None
    assert attempts.succeeded("ann", "home") == Failures(1)
