"""What is measured: self-made comments of ordinary talk, and texts written to be slow."""

from __future__ import annotations

import random

from models.comment import Article, Comment

_SUBJECTS = "the council|my neighbour|this bridge|the minister|our bus driver|that report|the whole town|nobody"
_VERBS = "has forgotten|will pay for|talks about|never fixed|wants to close|should have read|keeps blaming|voted for"
_OBJECTS = "the old harbour|another ferry|higher taxes|the broken lights|a cycle lane|last year's promises|the school"
_ENDINGS = "and I for one am tired of it.|which is a fair point.|or so they say!|though I doubt it.|as usual…|again?"

ARTICLE = Article(
    "City council votes to close the old harbour bridge",
    "\n\n".join(
        f"Paragraph {number}. The city council voted to close the old harbour bridge to cars. Engineers had warned that"
        " rust in the main cables was spreading, and repairs would cost more than a new ferry line for ten years."
        for number in range(12)
    ),
)


def comments(count: int, *, length: int = 400, seed: int = 1) -> list[Comment]:
    """Comments of that many characters, no two alike, under one article."""
    draw = random.Random(seed)
    return [Comment(_talk(draw, length), ARTICLE) for _ in range(count)]


def hostile(length: int = 20_000, seed: int = 1) -> dict[str, str]:
    """Texts of that many characters that make a careless reader slow, by what they do."""
    draw = random.Random(seed)

    def of(alphabet: str, size: int) -> str:
        return "".join(draw.choice(alphabet) for _ in range(size))

    words = length // 8
    return {
        "ordinary talk": _talk(draw, length),
        "combining marks": "e" + "\u0301" * (length - 1),
        "letters apart": ("f u c k " * words)[:length],
        "unknown words": " ".join(of("abcdefghijklmnop", 7) for _ in range(words)),
        "signs for letters": " ".join(of("a1$@3!*(s", 7) for _ in range(words)),
        "no space at all": of("abcdefghijklmnopqrstuvwxyz$1", length),
        "ambiguous names": ("Dick Cheney ass " * words)[:length],
    }


def _talk(draw: random.Random, length: int) -> str:
    text = ""
    while len(text) < length:
        parts = [draw.choice(part.split("|")) for part in (_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS)]
        text += f"{' '.join(parts).capitalize()} "
    return text[:length]
