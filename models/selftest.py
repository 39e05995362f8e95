"""A few texts with their scores inside the bundle: scored again at load, they show that this machine reads it alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from models.comment import Article, Comment
from models.scores import CommentScores

#: Another CPU's rounding may move a score by this much.
TOLERANCE = 1e-3
#: Of the second tier: another CPU may round the encoder's 8-bit sums, or saturate them, in another way.
SECOND_TOLERANCE = 0.05

_ARTICLE = Article(
    "Harbour bridge closes for repairs",
    "The harbour bridge will be closed for six weeks from Monday while its cables are replaced, the council said.\n\n"
    "Ferries will run every ten minutes, and cyclists can use the old rail tunnel.",
)

TEXTS: tuple[Comment, ...] = (
    Comment("Six weeks without the bridge? The ferries were full last time they replaced the cables.", _ARTICLE),
    Comment("What the f.u.c.k is the council doing", _ARTICLE),
    Comment("My grandmother's lentil soup needs more cumin and an hour on the stove.", _ARTICLE),
    Comment("It turns out her brother was the killer all along, and he dies in the last episode.", None),
    Comment("Ganz schön teuer, diese Brücke.", None, "Wer soll das bezahlen?"),
)

_ALL = " ".join(one.text for one in TEXTS)
#: The same and long ones, in which sums are taken every way there is: over many sentences, and over one of many words.
PROBES: tuple[Comment, ...] = (
    *TEXTS,
    Comment(_ALL * 6, _ARTICLE, _ALL),
    Comment(_ALL.translate(dict.fromkeys(map(ord, ".?!"))) * 6, Article(None, _ALL), _ARTICLE.body),
)

Scorer = Callable[[Sequence[Comment]], list[CommentScores]]
#: The second tier's scores of one comment, by head.
SecondScorer = Callable[[Comment], Mapping[str, float]]


def dump_selftest(score: Scorer) -> bytes:
    """The texts' scores as a bundle's ``selftest.json``."""
    expected = [{name: head.score for name, head in one.heads.items()} for one in score(TEXTS)]
    return (json.dumps(expected, sort_keys=True, indent=1) + "\n").encode()


def differences(stored: bytes, score: Scorer) -> list[str]:
    """What no longer scores as stored, in words; empty when all is well.

    :raises ValueError: the stored file is not such a list.
    """
    expected = json.loads(stored)
    if not isinstance(expected, list) or len(expected) != len(TEXTS):
        raise ValueError(f"selftest.json must list {len(TEXTS)} texts' scores")
    found: list[str] = []
    for i, (wanted, got) in enumerate(zip(expected, score(TEXTS), strict=True)):
        now = {name: head.score for name, head in got.heads.items()}
        found += _differences(f"text {i}", wanted, now, TOLERANCE)
    return found


def second_differences(expected: Sequence[Mapping[str, float]], second: SecondScorer) -> list[str]:
    """The same for the second tier, which looks at every text, whatever the first one says.

    :raises ValueError: there are more or fewer than the texts' scores.
    """
    found: list[str] = []
    for i, (wanted, text) in enumerate(zip(expected, TEXTS, strict=True)):
        found += _differences(f"second tier, text {i}", wanted, second(text), SECOND_TOLERANCE)
    return found


def _differences(
    where: str, wanted: Mapping[str, float | None], got: Mapping[str, float | None], tolerance: float
) -> list[str]:
    found = []
    for name, now in got.items():
        was = wanted[name]
        same = was == now if was is None or now is None else abs(was - now) <= tolerance  # false for NaN
        if not same:
            found.append(f"{where}, {name}: {now} instead of {was}")
    return found
