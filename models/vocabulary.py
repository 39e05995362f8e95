"""The words a bundle knows, in a fixed order; a word's place is its id everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.lexicon import Lexicon

#: Folded text has no capitals, so a capital marks what reading itself wrote: the end of a sentence, an address, a
#: name with an @, a number. They are the first rows of every vocabulary.
END, URL, NAME, NUMBER = range(4)
#: The letters follow, so that one comparison tells whether a word is a single letter.
RESERVED = ("End", "Url", "Name", "Number", *"abcdefghijklmnopqrstuvwxyz")
FIRST_LETTER, LAST_LETTER = RESERVED.index("a"), RESERVED.index("z")


class Vocabulary:
    """Words and their ids."""

    def __init__(self, words: Sequence[str]) -> None:
        if tuple(words[: len(RESERVED)]) != RESERVED:
            raise ValueError(f"a vocabulary begins with {', '.join(RESERVED)}")
        self.words = tuple(words)
        self.ids = {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.ids

    def dump(self) -> NDArray[np.uint8]:
        """The words as UTF-8 bytes, one a line."""
        return np.frombuffer("\n".join(self.words).encode(), np.uint8)

    @classmethod
    def load(cls, stored: NDArray[np.uint8]) -> Vocabulary:
        """The other side of :meth:`dump`."""
        return cls(bytes(stored).decode().split("\n"))


def build_vocabulary(lexicon: Lexicon, words: Sequence[str]) -> Vocabulary:
    """Reserved rows, decoded terms, all forms and words of phrases of the lexicon, then the given words."""
    decoded = sorted({decoded_word(lexicon, index) for index in range(len(lexicon.terms))})
    innocent = (phrase.split() for phrase in lexicon.innocent)
    turning = [words for words in innocent if len(words) > 1 and any(word in lexicon.forms for word in words)]
    in_phrases = {word for phrase in (*lexicon.phrases, *turning) for word in phrase}
    forms = sorted({*lexicon.forms, *in_phrases} - set(RESERVED))
    listed = {*forms, *RESERVED}
    return Vocabulary([*RESERVED, *decoded, *forms, *(word for word in words if word not in listed)])


def decoded_word(lexicon: Lexicon, term: int) -> str:
    """The vocabulary's word for a term that was found in an obfuscated spelling."""
    return lexicon.terms[term].text.replace(" ", "").capitalize()
