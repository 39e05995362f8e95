"""The keys of the review page: one list, from which the page, its help and ``docs/review.md`` are made."""

from __future__ import annotations

from typing import Final

KEYS: Final = {
    "approve": ("a",),
    "label": ("l",),
    "reject": ("r",),
    "escalate": ("e",),
    "skip": ("s",),
    "undo": ("u", "z"),
    "reveal": ("x",),
    "answer_1": ("1",),
    "answer_2": ("2",),
    "answer_3": ("3",),
    "note": ("n",),
    "history": ("h",),
    "next": ("j",),
    "previous": ("k",),
    "open": ("o", "Enter"),
    "keys": ("?",),
}
"""What a key does, by the name that the catalogue has for it → the keys that do it."""
