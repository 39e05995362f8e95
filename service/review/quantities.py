"""Numbers as people write them into a field: with a decimal point or a decimal comma, and a % behind them or none."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from service.api.body import Path, pointer
from service.errors import Fault, InvalidInput

# A comma before three digits may part thousands: that is asked about rather than guessed.
_NUMBER: Final = re.compile(r"\d{1,9}(?:\.\d{0,400}|,\d{1,2})?|\.\d{1,400}")
MOST_HOURS: Final = 100_000


def percent_said(given: str, within: Path) -> float:
    """As a share of 0 to 1. Raises ``InvalidInput``."""
    return float(_said(given.strip().removesuffix("%"), within, 100) / 100)


def percent_written(share: float) -> str:
    """For a field: just what is read as that very share again."""
    return f"{(Decimal(repr(share)) * 100).normalize():f}"


def hours_said(given: str, within: Path) -> float:
    """Raises ``InvalidInput``."""
    return float(_said(given, within, MOST_HOURS))


def count_said(given: str, within: Path, most: int) -> int:
    """A whole number. Raises ``InvalidInput``."""
    found = _said(given, within, most)
    if found % 1:
        raise InvalidInput(Fault(pointer(within), "not a whole number"))
    return int(found)


def _said(given: str, within: Path, most: int) -> Decimal:
    digits = given.strip()
    found = Decimal(digits.replace(",", ".")) if digits.isascii() and _NUMBER.fullmatch(digits) else None
    if found is None or found > most:
        raise InvalidInput(Fault(pointer(within), f"not a number from 0 to {most:,}"))
    return found
