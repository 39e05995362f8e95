"""When the next attempt is made, for every answer there can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.storage.outbox import DeliveryState, Due
from service.webhooks.schedule import DELAYS, JITTER, Reply, after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONGEST = max(DELAYS)


def wait(reply: Reply, attempts: int = 0, chance: float = 0.0) -> float:
    """Seconds until the next attempt."""
    change = after(Due(1, "msg_1", "{}", attempts), reply, NOW, chance)
    assert change.state is DeliveryState.PENDING
    assert change.again_at is not None
    return (change.again_at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("90", 90),
        ("0", DELAYS[0]),
        (str(LONGEST + 1), LONGEST),
        ("9" * 5_000, LONGEST),
        ("Mon, 23 Nov 2026 12:01:30 GMT", 90),
        ("Mon, 23 Nov 2026 13:01:30 +0100", 90),
        ("Mon, 23 Nov 2026 12:01:30 -0000", 90),
        ("Monday, 23-Nov-26 12:01:30 GMT", 90),
        ("Mon Nov 23 12:01:30 2026", 90),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        ("Mon, 23 Nov 2026 11:00:00 GMT", DELAYS[0]),
        ("Mon, 23 Nov 2026", DELAYS[0]),
        ("-90", DELAYS[0]),
        ("1.5", DELAYS[0]),
        ("\u0661", DELAYS[0]),
        ("soon", DELAYS[0]),
        ("", DELAYS[0]),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_what_a_receiver_asks_for(said: str, seconds: int, status: int) -> None:
    """It is waited for, within the bounds of what is waited anyway; what is no time counts for nothing."""
    assert wait(Reply(status, retry_after=said)) == seconds
    assert wait(Reply(status, retry_after=said), chance=1.0) == pytest.approx(seconds * (1 + JITTER))
    assert wait(Reply(status, retry_after="90"), attempts=3) == DELAYS[3]


@pytest.mark.parametrize("reply", [Reply(500, retry_after="90"), Reply(302, retry_after="90"), Reply(error="timeout")])
def test_others_may_not_ask(reply: Reply) -> None:
    """Only who is too busy says for how long."""
    assert wait(reply) == DELAYS[0]


@given(st.text(), st.integers(0, len(DELAYS) - 1), st.floats(0, 1))
def test_whatever_is_said(said: str, attempts: int, chance: float) -> None:
    """There is a next attempt, within the bounds."""
    assert DELAYS[attempts] <= wait(Reply(503, retry_after=said), attempts, chance) <= LONGEST * (1 + JITTER)


@pytest.mark.parametrize("status", [200, 429, 503])
def test_the_last_attempt_is_the_last(status: int) -> None:
    """Whoever asks for time then is not given any."""
    change = after(Due(1, "msg_1", "{}", len(DELAYS)), Reply(status, retry_after="90"), NOW, 0.0)
    assert change.state is (DeliveryState.DELIVERED if status == 200 else DeliveryState.DEAD)
    assert change.again_at is None
    assert timedelta(seconds=LONGEST) == timedelta(hours=8)
