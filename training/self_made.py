"""Comments that we make ourselves to teach what the sets hold too few of: hidden spellings, rare terms, innocent words.

Carriers are clean training comments; terms come from our own lexicon. Everything is drawn from one seeded generator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from models.comment import Comment
from models.lexicon import Lexicon, Term
from models.scores import Severity
from training.examples import Example

_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "$", "t": "7", "b": "8"})
_SIGNS = str.maketrans({"a": "@", "i": "!", "s": "$", "u": "*", "o": "*", "e": "3"})
_TWINS = str.maketrans({"a": "а", "e": "е", "o": "о", "c": "с", "i": "і", "p": "р", "s": "ѕ", "y": "у"})
_LONGEST_CARRIER = 240


def obfuscated(
    carriers: Sequence[str], lexicon: Lexicon, *, count: int, weight: float, draw: random.Random
) -> Iterator[Example]:
    """Clean comments with a severe term put in, plain or hidden; a fifth of the time the term alone."""
    severe = [t for t in lexicon.terms if t.severity is not Severity.MILD and not t.ambiguous and len(t.text) > 3]
    for number in range(count):
        term = draw.choice(severe)
        written = draw.choice(_WAYS)(term, draw)
        text = written if draw.random() < 0.2 else _put_into(draw.choice(carriers), written, draw)
        yield _made(text, 1, weight, f"obfuscated:{number}")


def innocent(
    carriers: Sequence[str], words: Sequence[str], lexicon: Lexicon, *, count: int, weight: float, draw: random.Random
) -> Iterator[Example]:
    """Rare words, names and codes, alone, in pairs or inside clean comments: what looks hidden and is not."""
    exceptions = sorted(lexicon.innocent)
    for number in range(count):
        kind = draw.random()
        if kind < 0.35:
            text = _rare(words, exceptions, draw)
        elif kind < 0.5:
            text = f"{_rare(words, exceptions, draw)} {draw.choice(words)}"
        elif kind < 0.6:
            text = " ".join(draw.choice(carriers).split()[: draw.randint(1, 4)]) or "yes"
        else:
            text = _put_into(draw.choice(carriers), _rare(words, exceptions, draw), draw)
        yield _made(text, 0, weight, f"innocent:{number}")


def _made(text: str, label: int, weight: float, group: str) -> Example:
    return Example(Comment(text), label, weight, "self_made", group, layer_only=True)


def _rare(words: Sequence[str], exceptions: Sequence[str], draw: random.Random) -> str:
    kind = draw.random()
    if kind < 0.3:
        return draw.choice(exceptions)
    word = draw.choice(words)
    if kind < 0.5:
        return word.capitalize()
    if kind < 0.6:
        return f"{word}{draw.randint(2, 99)}"
    if kind < 0.7:
        return "".join(draw.choice("ABCDEFHKLMNPRSTVX0123456789") for _ in range(draw.randint(4, 8)))
    if kind < 0.75:
        return word[:-1] + word[-1] * draw.randint(3, 6)
    if kind < 0.8:
        return word + draw.choice(words)
    return word


def _put_into(carrier: str, written: str, draw: random.Random) -> str:
    words = carrier[:_LONGEST_CARRIER].split()
    words.insert(draw.randint(0, len(words)), written)
    return " ".join(words)


def _plain(term: Term, draw: random.Random) -> str:
    return draw.choice((term.text, term.text.capitalize(), term.text.upper(), term.text))


def _leet(term: Term, draw: random.Random) -> str:
    return term.text.translate(draw.choice((_LEET, _SIGNS)))


def _masked(term: Term, draw: random.Random) -> str:
    at = draw.randint(1, max(1, len(term.text) - 2))
    return term.text[:at] + draw.choice("**#-@") + term.text[at + 1 :]


def _stretched(term: Term, draw: random.Random) -> str:
    at = draw.randrange(len(term.text))
    return term.text[:at] + term.text[at] * draw.randint(3, 6) + term.text[at + 1 :]


def _apart(term: Term, draw: random.Random) -> str:
    return draw.choice((" ", ".", "-", "_", "*")).join(term.text.replace(" ", ""))


def _twins(term: Term, draw: random.Random) -> str:
    return term.text.translate(_TWINS)


def _invisible(term: Term, draw: random.Random) -> str:
    return draw.choice(("\u200b", "\u200d", "\u00ad")).join(term.text)


def _marked(term: Term, draw: random.Random) -> str:
    return "".join(letter + draw.choice(("", "\u0301", "\u0308", "\u0334")) for letter in term.text)


def _joined(term: Term, draw: random.Random) -> str:
    return draw.choice((f"you{term.text}", f"{term.text}you", f"stupid{term.text}", f"{term.text}head"))


_WAYS = (_plain, _plain, _plain, _leet, _masked, _stretched, _apart, _twins, _invisible, _marked, _joined)
