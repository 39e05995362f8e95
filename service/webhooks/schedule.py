"""What becomes of an attempt, and when the next one is made. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from service.storage.outbox import DeliveryState, Due, Settle

_HOURS: Final = 3600
DELAYS: Final = (5, 60, 300, 1800, 2 * _HOURS, 5 * _HOURS, *(8 * _HOURS,) * 8)
"""Seconds between an attempt and the next: fifteen attempts in about three days."""
JITTER: Final = 0.2
"""A delay is longer by up to this share of it, so that what failed together is not tried again together."""
_GONE: Final = 410
_WAITING: Final = (429, 503)
"""With these a receiver may say when to come back."""
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a status, or in a word why none did."""

    status: int | None = None
    error: str | None = None
    #: The header, as it came.
    retry_after: str | None = None


def after(due: Due, reply: Reply, now: datetime, chance: float) -> Settle:
    """What to note of this attempt; ``chance`` is drawn from 0 to 1."""
    if reply.status is not None and 200 <= reply.status < 300:
        return Settle(due.number, now, DeliveryState.DELIVERED, reply.status)
    is_gone = reply.status == _GONE
    if is_gone or due.attempts >= len(DELAYS):
        return Settle(due.number, now, DeliveryState.DEAD, reply.status, reply.error, is_gone=is_gone)
    own = timedelta(seconds=DELAYS[due.attempts])
    delay = max(own, min(_asked(reply, now), _LONGEST)) * (1 + JITTER * chance)
    return Settle(due.number, now, DeliveryState.PENDING, reply.status, reply.error, again_at=now + delay)


_LONGEST: Final = timedelta(seconds=max(DELAYS))
"""Nobody is waited for longer than that: what is asked for may be a mistake."""


def _asked(reply: Reply, now: datetime) -> timedelta:
    """How long the receiver asks us to wait; nothing where it does not, or not in words of HTTP."""
    said = reply.retry_after
    if said is None or reply.status not in _WAITING:
        return timedelta()
    if said.isascii() and said.isdecimal():
        return timedelta(seconds=int(said)) if len(said) <= _DIGITS else _LONGEST
    try:
        moment = parsedate_to_datetime(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, OverflowError, IndexError):
        return timedelta()
