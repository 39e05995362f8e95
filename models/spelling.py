"""How words are written otherwise: signs for letters, sounds, repeated letters, slips of the fingers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from operator import itemgetter

LEET: dict[str, str] = {
    "@": "a", "4": "a", "8": "b", "(": "c", "¢": "c", "3": "e", "€": "e", "6": "g", "9": "g", "#": "h", "1": "il",
    "!": "il", "|": "il", "¡": "i", "0": "o", "5": "s", "$": "s", "§": "s", "7": "t", "+": "t", "2": "z",
    "£": "l", "¥": "y", "%": "x",
}  # fmt: skip
SEPARATORS = " \t.-_*~/\\|,:;+=•·'\"^`"
_REPEATS = re.compile(r"(.)\1+")
_FIRST = itemgetter(1)  # of a match: a template, "\\1", would take ten times as long
#: Sounds alike → written alike; for unknown words and severe terms only. The single letters come last.
_SOUNDS = (("ph", "f"), ("ck", "k"), ("gh", "g"), ("kn", "n"), ("x", "ks"))
_LETTER_SOUNDS = str.maketrans("qczvy", "kksui")


def readings(chunk: str) -> Iterator[str]:
    """All ways to read the signs of a stretch as letters, the likeliest first."""
    options = [LEET.get(c, "" if c in SEPARATORS else c) or "" for c in chunk]
    return ("".join(choice) for choice in itertools.product(*(option or ("",) for option in options)))


def sounded(word: str) -> str:
    """A word as it sounds: spellings that sound alike give the same."""
    for written, sound in _SOUNDS:
        word = word.replace(written, sound)
    return squeezed(word.translate(_LETTER_SOUNDS))


def squeezed(word: str) -> str:
    """A word with every letter once where it is repeated."""
    return _REPEATS.sub(_FIRST, word)


def blurred_letters(reading: str) -> str:
    """What is left of a reading when the letters that one sign may stand for count as one."""
    return squeezed(reading.replace("l", "i"))


def slips(form: str) -> Iterator[str]:
    """Near spellings that keep the first letter: two neighbours swapped, or one inner letter of a long word missing."""
    for i in range(1, len(form) - 1):
        if form[i] != form[i + 1]:
            yield form[:i] + form[i + 1] + form[i] + form[i + 2 :]
        if len(form) > 5:
            yield form[:i] + form[i + 1 :]
