"""``python -m bench.verdicts NAME``: what one engine says of texts, in an environment of its own.

For every line of standard input, a text as JSON, it prints one number: the probability of profanity, or 1 and 0 where
the engine only says yes and no. It imports nothing but the standard library and the one engine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module

Says = Callable[[str], float]


def alt_profanity_check() -> Says:
    """A probability."""
    engine = import_module("profanity_check")
    return lambda text: float(engine.predict_prob([text])[0])


def better_profanity() -> Says:
    """Whether its list holds a word of the text."""
    engine = import_module("better_profanity").profanity
    engine.load_censor_words()
    return lambda text: float(engine.contains_profanity(text))


def glin_profanity() -> Says:
    """Whether its list holds a word of the text, as its first example sets it up."""
    engine = import_module("glin_profanity").Filter()
    return lambda text: float(engine.check_profanity(text)["contains_profanity"])


ENGINES: dict[str, Callable[[], Says]] = {
    "alt-profanity-check": alt_profanity_check,
    "better-profanity": better_profanity,
    "glin-profanity": glin_profanity,
}
#: Engines whose number is a probability; it counts as a yes from a half on, as theirs do.
GRADED = frozenset({"alt-profanity-check"})


def answer(name: str) -> None:
    """Until standard input ends."""
    says = ENGINES[name]()
    for line in sys.stdin:
        print(json.dumps(says(json.loads(line))), flush=True)


if __name__ == "__main__":
    answer(sys.argv[1])
