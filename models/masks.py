"""Masked words (``f**k``): what whole masks stand for, and whether one fits a word."""

from __future__ import annotations

FIRST_SIGNS = {"$": "s", "@": "a"}
ENDS_OF_F = {"g": "fucking", "ing": "fucking", "er": "fucker", "ed": "fucked"}
KNOWN_MASKS = {
    "f***": "fuck", "s***": "shit", "c***": "cunt", "b****": "bitch", "a**": "ass", "a******": "asshole",
    "a**hole": "asshole", "f*****": "fucked", "f******": "fucking", "b*******": "bastards",
}  # fmt: skip


def fits(form: str, masked: str) -> bool:
    """Whether a masked word of the same length may be that form."""
    return all(m == c or not m.isalpha() for c, m in zip(form, masked, strict=True))
