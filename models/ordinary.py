"""Ordinary words that no dictionary lists: those with an ending, and the short ones that others are joined with."""

from __future__ import annotations

from collections.abc import Iterator

#: Words that may stand beside a short term in words written as one. Of others four letters are asked for: what a
#: dictionary made of comments has with three is half fragments ("com", "tor", "san").
_BESIDE = frozenset((
    "a", "i", "u", "ur", "you", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is", "it", "me",
    "my", "no", "of", "oh", "ok", "on", "or", "so", "to", "up", "us", "we", "am", "da", "ya", "yo", "the", "all", "and",
    "ass", "bad", "bag", "big", "dog", "eat", "fat", "for", "gay", "get", "her", "his", "hot", "lil", "mad", "man",
    "new", "old", "one", "our", "out", "own", "pig", "sad", "she", "son", "too", "two", "who", "wit", "wet", "why",
))  # fmt: skip
_SHORTEST = 4
_ENDINGS = ("'s", "s", "es", "ed", "er", "ers", "ing", "ings", "ly", "ness")


def may_stand_beside(piece: str) -> bool:
    """Whether a word of the dictionary, written as one with a term, is long or common enough to be meant."""
    return len(piece) >= _SHORTEST or piece in _BESIDE


def uninflected(word: str) -> Iterator[str]:
    """What a word may be without its ending, as English spells it (cities → city, shipping → ship, priced → price)."""
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or (len(stem) < _SHORTEST and "'" not in ending):
            continue
        yield stem
        yield f"{stem}e"
        if stem.endswith("i"):
            yield f"{stem[:-1]}y"
        if stem[-1:] == stem[-2:-1]:
            yield stem[:-1]
