"""Texts that nobody sends in good faith, drawn and fixed, and comments made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import example
from hypothesis import strategies as st

from models.comment import Article, Comment
from tests.factories import WORDS

#: What drawn texts are put together from: words, terms, disguises, separators, and characters with a catch.
FRAGMENTS = (
    *WORDS[::9], "fuck", "shit", "assholes", "bitch", "whore", "damn", "ass", "dick", "qwzrt", "zzyx", "Ünïcode",
    "f.u.c.k", "f u c k", "s h 1 t", "s.h .i.t", "shi", "t", "fu", "ck", "f**k", "f***!", "sh*t", "@$$hole", "b1tch",
    "shіt", "kcuf", "fuuuuck", "bull shit", "a  w h o r e", "f*ck*ng", "f***", "****", "a**hole", "xfuckx", "phuck",
    " ", " ", " ", "  ", "\n", "\n\n", "\t", "\r", ". ", ".", ", ", "!", "?", "…", "...", "*", "-", "_", "'", "’", '"',
    "@", "$", "0", "1", "42", "1/2", "½", "⑴", "№", "ﬁ", "ﷺ", "ﬃ", "ſ", "İ", "ß", "Ǆ", "㏂", "𝐟𝐮𝐜𝐤", "Ⓕ", "🅰", "🇺🇸",
    "🎉", "👍🏽", "👨\u200d👩\u200d👧", "\ufe0f", "\u200b", "\u200d", "\u00ad", "\u0301", "\u0336", "\u3164", "\u202e",
    "ж", "сука", "漢字", "한국어", "नमस्ते", "ไทย", "العربية", "´", "`", "\x00", "\x1f", "\x7f", "\x85",
    "\u2028", "\u3000", "\ud800",
    "http://a.example/b?c=d", "www.example.org", "@somebody", "#tag", "don't", "it's", "i’m",
)  # fmt: skip

_SPACED = st.sampled_from(FRAGMENTS).map(lambda fragment: f"{fragment} ")
#: What hypothesis would be long in finding, and whatever else it likes.
TEXTS = st.lists(_SPACED | _SPACED | st.sampled_from(FRAGMENTS) | st.text(max_size=2), max_size=16).map("".join)

ARTICLES = (
    None,
    Article(),
    Article("Harbour bridge closes", None),
    Article(None, "The bridge is closed.\n\nTake the ferry, the council said. It is free!\n\n" + "Long words. " * 90),
    Article("The film of the book", "The killer dies in the end.\nThe actor plays his brother.", "film"),
    Article("🎉", "\u200b"),
)
_ANY_ARTICLE = st.sampled_from(ARTICLES) | st.builds(Article, st.none() | TEXTS, st.none() | TEXTS)
COMMENTS = st.builds(Comment, TEXTS, _ANY_ARTICLE, st.none() | TEXTS)

_SENTENCE = "The ferry under the old bridge was full again, so we went by train and talked about the film. "
_LONG = {
    "plain words": _SENTENCE * 210,
    "letters apart": "f u c k yes " * 1_600,
    "one chunk": "fuck" * 5_000,
    "pieces": "shi t " * 3_300,
    "single letters": "a " * 10_000,
    "unknown words": " ".join(f"zq{n:x}x".translate({48 + i: 103 + i for i in range(10)}) for n in range(2_500)),
    "combining marks": "fuck" + "\u0301" * 19_996,
    "ligatures": "ﷺ" * 20_000,
    "stars": "*" * 20_000,
    "masks": "f**k sh*t " * 2_000,
    "lines": "a\n" * 10_000,
    "signs": "! . ? … " * 2_500,
    "look-alikes": "ѕhіt аss " * 2_000,
}

#: Twenty thousand characters each, as much as a comment may have.
LONG_TEXTS = {name: text[:20_000] for name, text in _LONG.items()}

_LETTERS = [chr(0x4E00 + number) for number in range(220)]
#: More words that no vocabulary has than a reader has room for.
MANY_WORDS = " ".join(one + other for one in _LETTERS for other in _LETTERS)

#: Short texts with a catch each.
SHORT = (
    "", " ", "\n", "!", "...", "🎉", "\u200b", "a", "the", "fuck", "End", "Url", "Number",
    "s h 1 t and the bridge x", "y z we will see", "f.u .c.k off",
    "f***! no", "*fuck* it", "`fuck´", "don`t", "don`t é", "go to f", "u c k the ferry", "shi", "t",
    "Ukraine simply can’t wait, “said” he…", "What the f.u.c.k is the council doing?", "He dies. I loved it!",
    "qwzrt qwzrt plonk", "plonk qwzrt", "read https://example.org/x now", "@somebody is a b1tch", "x" * 1_500,
    "ﬁne ﷺ ½ fuck\u200b\u0336 ok 👍🏽", "nul \x00 and \x1f and \x7f é", "lone \ud800 half",
)  # fmt: skip


def with_short_texts(test: Callable[..., None]) -> Callable[..., None]:
    """A property of texts, tried on the short ones too, each time."""
    decorated: Any = test
    for text in SHORT:
        decorated = example(text)(decorated)
    checked: Callable[..., None] = decorated
    return checked


#: One batch with everything that could make neighbours matter: lengths from nothing to the longest, the same article
#: and others, parents, words that no vocabulary has, letters at the end of one text that go on in the next.
ADVERSARIAL = [
    *(Comment(text, ARTICLES[i % len(ARTICLES)], SHORT[-i] if i % 3 else None) for i, text in enumerate(SHORT)),
    *(Comment(text, ARTICLES[3]) for text in SHORT),
    *(Comment(text, Article("Long", text[:300])) for text in LONG_TEXTS.values()),
    Comment("short again", ARTICLES[3], _SENTENCE * 210),
    *(Comment(_SENTENCE * n, ARTICLES[4], _SENTENCE) for n in (1, 2, 3, 4, 5, 9)),
]
