"""``python -m bench.entrant NAME TEXTS``: one engine in a process and an environment of its own.

Prints ``ready``; then for every line ``alone K`` or ``batch K`` it reads, the µs a text that round K's texts took.
TEXTS is a JSON file with the texts to learn from (``learn``) and those of each round (``alone``, ``batch``). It imports
nothing but the standard library and the one engine, since each engine's environment holds nothing else.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

#: After so many seconds a round ends early: some take a tenth of a second for one text.
_ENOUGH = 0.6

One = Callable[[str], object]
Many = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Entrant:
    """How an engine is asked about one text, and about many where it has a call for that."""

    one: One
    many: Many | None


def verger(learn: Sequence[str]) -> Entrant:
    """Three heads, the article's vectors remembered, and the words of what it has read before."""
    bundle = import_module("models.bundle").Bundle.load(Path("models/default"))
    comment, article = import_module("models.comment").Comment, import_module("bench.texts").ARTICLE
    bundle.score([comment(text, article) for text in learn])
    return Entrant(
        lambda text: bundle.score([comment(text, article)]),
        lambda texts: bundle.score([comment(text, article) for text in texts]),
    )


def alt_profanity_check(learn: Sequence[str]) -> Entrant:
    """One head: a linear model on words."""
    engine = import_module("profanity_check")
    return Entrant(lambda text: engine.predict_prob([text]), lambda texts: engine.predict_prob(list(texts)))


def better_profanity(learn: Sequence[str]) -> Entrant:
    """A word list; no call for many texts."""
    engine = import_module("better_profanity").profanity
    engine.load_censor_words()
    return Entrant(engine.contains_profanity, None)


def glin_profanity(learn: Sequence[str]) -> Entrant:
    """A word list, as its first example sets it up; no call for many texts."""
    engine = import_module("glin_profanity").Filter()
    return Entrant(engine.check_profanity, None)


def fasttext(learn: Sequence[str]) -> Entrant:
    """One head: subword vectors, learnt here from generated texts (what they mean does not change what they cost)."""
    engine = import_module("fasttext")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"__label__{number % 2} {text}\n" for number, text in enumerate(learn))
        file.flush()
        settings = {"dim": 16, "minn": 2, "maxn": 5, "bucket": 200_000, "epoch": 1, "thread": 1, "verbose": 0}
        model = engine.train_supervised(file.name, **settings)
    return Entrant(
        lambda text: model.predict(text.replace("\n", " ")),
        lambda texts: model.predict([text.replace("\n", " ") for text in texts]),
    )


ENTRANTS: dict[str, Callable[[Sequence[str]], Entrant]] = {
    "verger": verger,
    "alt-profanity-check": alt_profanity_check,
    "better-profanity": better_profanity,
    "glin-profanity": glin_profanity,
    "fasttext": fasttext,
}


def alone(entrant: Entrant, texts: Sequence[str]) -> float:
    """µs a text, one in a call."""
    start = time.perf_counter()
    done = 0
    for text in texts:
        entrant.one(text)
        done += 1
        if time.perf_counter() - start > _ENOUGH:
            break
    return (time.perf_counter() - start) / done * 1e6


def batch(entrant: Entrant, texts: Sequence[str]) -> float | None:
    """µs a text, all in one call; null where there is no such call."""
    if entrant.many is None:
        return None
    start = time.perf_counter()
    entrant.many(texts)
    return (time.perf_counter() - start) / len(texts) * 1e6


def answer(name: str, file: Path) -> None:
    """Until standard input ends."""
    texts = json.loads(file.read_text())
    entrant = ENTRANTS[name](texts["learn"])
    print("ready", flush=True)
    for line in sys.stdin:
        how, number = line.split()
        measured = (alone if how == "alone" else batch)(entrant, texts[how][int(number)])
        print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    answer(sys.argv[1], Path(sys.argv[2]))
