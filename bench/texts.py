"""What is measured: generated comments that read like the ones of a busy site, and texts written to be slow."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from models.bundle import Bundle
from models.comment import Article, Comment

#: As comments of about 400 characters under news were found to be: the share of words that no vocabulary of 45,000
#: knows and of words that a lexicon of profane ones lists; signs after words; how fast words get rare (this gives, as
#: there, thirteen words in a comment that none of a thousand comments before it held in the same form).
UNKNOWN_SHARE, LISTED_SHARE, SIGN_SHARE, RARITY = 0.013, 0.0015, 0.12, 1.1
_SIGNS = (*(". , . , " * 10).split(), "!", "?", "?", "…", ";", "\n\n")
_LETTERS = "etaoinshrdlucmfwypvbgk"


class Talk:
    """Makes texts of a bundle's own words, as often as words are used (Zipf). The same seed gives the same texts."""

    def __init__(self, bundle: Bundle, seed: int = 1) -> None:
        self._draw = random.Random(seed)
        lexicon = bundle.parts.lexicon
        listed = lexicon.forms
        known = [word for word in bundle.parts.vocabulary.words if word.isascii() and word.islower() and len(word) > 1]
        self._common = [word for word in known if word not in listed]
        self._listed = [word for word in known if word in listed]
        #: Names and words of English that are innocent in some company: a text with one is read a second time.
        self._telling = [word for word in self._listed if (term := lexicon.terms[listed[word]]).name or term.english]

    @cached_property
    def _weights(self) -> Sequence[float]:
        return list(accumulate((rank + 3) ** -RARITY for rank in range(len(self._common))))

    def text(self, length: int) -> str:
        """So many characters, sentences and all."""
        words = self._draw.choices(self._common, cum_weights=self._weights, k=length // 4 + 4)
        begins, text = True, ""
        for word in words:
            word = self._changed(word)
            text += word.capitalize() if begins else word
            sign = self._draw.choice(_SIGNS) if self._draw.random() < SIGN_SHARE else ""
            begins = sign in (".", "!", "?", "\n\n")
            text += f"{sign} "
            if len(text) >= length:
                break
        return text[:length]

    def texts(self, count: int, length: int = 400) -> list[str]:
        """No two alike."""
        return [self.text(length) for _ in range(count)]

    def articles(self, count: int) -> list[Article]:
        """Each with a title and twelve paragraphs of 200 characters."""
        return [Article(self.text(60), "\n\n".join(self.texts(12, 200))) for _ in range(count)]

    def comments(self, count: int, length: int = 400, article: Article | None = None) -> list[Comment]:
        """Under one article."""
        return [Comment(text, article or ARTICLE) for text in self.texts(count, length)]

    def _changed(self, word: str) -> str:
        chance = self._draw.random()
        if chance < UNKNOWN_SHARE:
            return "".join(self._draw.choice(_LETTERS) for _ in range(self._draw.randint(5, 10)))
        if chance < UNKNOWN_SHARE + LISTED_SHARE:
            return self._draw.choice(self._telling if self._draw.random() < 0.5 else self._listed)
        return word


ARTICLE = Article(
    "City council votes to close the old harbour bridge",
    "\n\n".join(
        f"Paragraph {number}. The city council voted to close the old harbour bridge to cars. Engineers had warned that"
        " rust in the main cables was spreading, and repairs would cost more than a new ferry line for ten years."
        for number in range(12)
    ),
)


def hostile(length: int = 20_000, seed: int = 1) -> dict[str, str]:
    """Texts of that many characters that make a careless reader slow, by what they do."""
    draw = random.Random(seed)

    def of(alphabet: str, size: int) -> str:
        return "".join(draw.choice(alphabet) for _ in range(size))

    words = length // 8
    return {
        "combining marks": "e" + "\u0301" * (length - 1),
        "letters apart": ("f u c k " * words)[:length],
        "unknown words": " ".join(of("abcdefghijklmnop", 7) for _ in range(words)),
        "signs for letters": " ".join(of("a1$@3!*(s", 7) for _ in range(words)),
        "no space at all": of("abcdefghijklmnopqrstuvwxyz$1", length),
        "ambiguous names": ("Dick Cheney ass " * words)[:length],
        "one-word sentences": ("No. " * (length // 4))[:length],
        "empty lines": ("a\n" * (length // 2))[:length],
    }
