"""Who did something, as people say it, and back to the name that the audit has for them."""

from __future__ import annotations

from typing import Final

from service.review.texts import TEXTS

_PERSON: Final = "reviewer:"
_KEY: Final = "key:"


def actor_words(actor: str) -> str:
    """``reviewer:ann`` is Ann's account; ``key:ID/ann`` is an Ann whom only the system with that key knows."""
    caller, _, name = actor.partition("/")
    if caller.startswith(_PERSON):
        return actor.removeprefix(_PERSON)
    key = caller.removeprefix(_KEY)
    words = TEXTS.caller.key.format(key=key) if key != caller else getattr(TEXTS.who, caller, caller)
    return str(TEXTS.caller.named.format(name=name, caller=words) if name else words)


def actor_meant(words: str) -> str:
    """The audit's name for whom somebody looks for by the words that the pages have; its own name stays as it is."""
    if ":" in words or hasattr(TEXTS.who, words):
        return words
    named: dict[str, str] = {said: actor for actor, said in vars(TEXTS.who).items()}
    before, _, behind = str(TEXTS.caller.key).partition("{key}")
    if words.startswith(before) and words.endswith(behind):
        return _KEY + words.removeprefix(before).removesuffix(behind)
    return named.get(words, _PERSON + words)
