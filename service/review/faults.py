"""What somebody typed that will not do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """``name`` is the field's, null where it is about the whole; ``label`` is what the form calls it."""

    words: str
    name: str | None = None
    label: str = ""
