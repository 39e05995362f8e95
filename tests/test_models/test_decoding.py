"""Obfuscated spellings are read as the term they stand for, and ordinary words as nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decoding import LONGEST_WORD, Decoder
from models.scores import Severity
from tests.factories import WORDS, small_lexicon
from tests.test_models.work import steps

LEXICON = small_lexicon()
DECODER = Decoder(LEXICON, frozenset(WORDS) | LEXICON.forms.keys())
#: Terms that any disguise must be seen through.
SEVERE = [t for t in LEXICON.terms if t.severity is not Severity.MILD and not t.ambiguous and " " not in t.text]


def text_of(term: int | None) -> str | None:
    """A term's own text."""
    return None if term is None else LEXICON.terms[term].text


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("fuuuuck", "fuck"),
        ("shiiiiitt", "shit"),
        ("fuuuckkking", "fuck"),
        ("phuck", "fuck"),
        ("phucking", "fuck"),
        ("bytch", "bitch"),
        ("shti", "shit"),
        ("bicth", "bitch"),
        ("ashole", "asshole"),
        ("asshoe", "asshole"),
        ("kcuf", "fuck"),
        ("hctib", "bitch"),
        ("shіt", "shit"),
        ("аsshоle", "asshole"),
        ("fυck", "fuck"),
        ("motherfucker", "fuck"),
        ("unfuckingbelievable", "fuck"),
        ("bigshitting", "shit"),
        ("stupidbitches", "bitch"),
        ("bigwhore", "whore"),
        ("youretard", "retard"),
        ("thecockgame", None),
        ("badspazgame", "spaz"),
    ],
)
def test_words(word: str, term: str | None) -> None:
    """Stretched, misspelt, sounded out, turned round, with foreign letters, inside longer words."""
    assert text_of(DECODER.word(word)) == term


@pytest.mark.parametrize(
    "word",
    [
        "bitchley", "shitake", "asss", "соск", "cocktail", "dickens", "matsushita", "mishit", "shiatsu", "hancock",
        "peacock", "dickinson", "assassin", "grasshopper", "passport", "essex", "bass", "buck", "duck", "ship",
        "shirt", "shift", "sheet", "switch", "beach", "batch", "botch", "witch", "where", "wore", "hoard", "spa",
        "spas", "space", "retailed", "hello", "gooood", "damned", "crab", "carp", "сука", "шит", "漢字", "caféx", "ß",
        "a", "",
    ],
)  # fmt: skip
def test_innocent_words(word: str) -> None:
    """What only holds the letters of a term, lies one letter away from one, or is another script's own word."""
    assert text_of(DECODER.word(word)) in (None, "damn")


def test_only_severe_terms_are_guessed() -> None:
    """A mild term is found plain, stretched or with a sign for a letter, never by sound, slip, mask or backwards."""
    assert text_of(DECODER.word("daaaamn")) == "damn"
    assert [word for word in ("dmna", "nmad", "damm", "parc", "krap") if DECODER.word(word) is not None] == []
    assert [chunk for chunk in ("d*mn", "d4mn", "cr*p") if DECODER.chunk(chunk) is not None] == []
    assert [hit and text_of(hit.term) for hit in map(DECODER.chunk, ("d@mn", "a$$"))] == ["damn", "ass"]


@pytest.mark.parametrize(
    ("chunk", "covered", "term"),
    [
        ("f.u.c.k", "f.u.c.k", "fuck"),
        ("f-u_c*k", "f-u_c*k", "fuck"),
        ("f------g", "f------g", "fuck"),
        ("f***ed", "f***ed", "fuck"),
        ("$**t", "$**t", "shit"),
        ("fvck$", "fvck$", "fuck"),
        ("(f.u.c.k),", "f.u.c.k", "fuck"),
        ("@$$hole", "@$$hole", "asshole"),
        ("a$$h0le!", "a$$h0le", "asshole"),
        ("b1tch", "b1tch", "bitch"),
        ("b!tches", "b!tches", "bitch"),
        ("5h1t", "5h1t", "shit"),
        ("f**k", "f**k", "fuck"),
        ("f***", "f***", "fuck"),
        ("f***!", "f***", "fuck"),
        ("sh*t", "sh*t", "shit"),
        ("sh*tter.", "sh*tter", "shit"),
        ("b*tch", "b*tch", "bitch"),
        ("wh@re?", "wh@re", "whore"),
        ('"fu-ck"', "fu-ck", "fuck"),
        ("shi-t", "shi-t", "shit"),
        ("bull$hit", "bull$hit", "bullshit"),
        ("ret@rd", "ret@rd", "retard"),
    ],
)
def test_chunks(chunk: str, covered: str, term: str) -> None:
    """Signs for letters, masks and separators; punctuation around is left outside."""
    hit = DECODER.chunk(chunk)
    assert hit is not None
    assert (chunk[hit.start : hit.end], text_of(hit.term)) == (covered, term)


@pytest.mark.parametrize(
    "chunk",
    [
        "sh-it", "(sh-it)", "b*****s", "s**********", "***", "****", "f*", "f", "covid-19", "mp3", "b2b", "7/11",
        "3:2", "$10", "a+b", "c++", "c#", "50/50", "i.e.", "e.g.", "u.s.a.", "p.s.", "f.a.q.", "cl@ss", "gr@ss",
        "p@ss", "pa$$word", "pass123", "h3llo", "w0rld", "1st", "ps5", "a4", "and/or", "he/she", "read-only",
        "well-known", "his-and-hers", "film's", "class*", "book*", "war-time", "10:45", "duck!", "f(x)", "x*y",
        "a.b.c.d", "s.o.s.", "-_-", ":-(", "^_^", "<3", "wh-what", "c-c-council", "..", "é*é",
    ],
)  # fmt: skip
def test_innocent_chunks(chunk: str) -> None:
    """Codes, faces, stammering, footnotes, ordinary words with a sign in them, and masks that say too little."""
    assert DECODER.chunk(chunk) is None


@pytest.mark.parametrize(
    ("run", "term"),
    [
        ("f u c k", "fuck"),
        ("s-h-i-t", "shit"),
        ("a  w h o r e", "whore"),
        ("f u u u u c k", "fuck"),
        ("s h 1 t", "shit"),
        ("$ h ! t", "shit"),
        ("f u c k i n g", "fuck"),
        ("c l a s s", None),
        ("a b c d", None),
        ("u s a", None),
        ("f u", None),
    ],
)
def test_letters_apart(run: str, term: str | None) -> None:
    """Single letters make a term only where all of them do, give or take one of the sentence around."""
    assert text_of(DECODER.letters(run)) == term


#: A letter → signs that are written for it.
SIGNS = {"a": "@4", "b": "8", "c": "(", "e": "3", "h": "#", "i": "1!|", "o": "0", "s": "$5", "t": "7+"}
CYRILLIC = dict(zip("aceioc", "асеіос", strict=True))


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """A severe term and a spelling that hides it."""
    term = draw(st.sampled_from(SEVERE)).text
    way = draw(st.sampled_from(("signs", "stretched", "apart", "foreign")))
    at = draw(st.integers(0, len(term) - 1))
    if way == "signs":
        places = draw(st.sets(st.sampled_from([i for i, c in enumerate(term) if c in SIGNS] or [0]), min_size=1))
        if all(term[i] in SIGNS for i in places) and len(places) < len(term):
            return term, "".join(draw(st.sampled_from(SIGNS[c])) if i in places else c for i, c in enumerate(term))
        at = next(iter(places))
    if way == "apart":
        return term, draw(st.sampled_from(".-_*~/|,")).join(term)
    if way == "foreign" and any(c in CYRILLIC for c in term):
        return term, "".join(CYRILLIC.get(c, c) for c in term)
    return term, term[:at] + term[at] * draw(st.integers(3, 9)) + term[at + 1 :]


@settings(max_examples=200)
@given(disguised())
def test_disguises(pair: tuple[str, str]) -> None:
    """Any severe term is seen through signs, stretching, separators and foreign letters."""
    term, spelling = pair
    hit = DECODER.chunk(spelling)
    found = DECODER.word(spelling) if hit is None else hit.term
    assert text_of(found) == term or (found is not None and term in LEXICON.terms[found].text)


@given(st.text("fuckshitbaore@$*!1.-_é漢і ", max_size=90))
def test_hits_lie_inside(chunk: str) -> None:
    """A hit is a stretch of the chunk, not empty, and names a term that is there."""
    hit = DECODER.chunk(chunk)
    if hit is not None:
        assert 0 <= hit.start < hit.end <= len(chunk)
        assert 0 <= hit.term < len(LEXICON.terms)
        assert chunk[hit.start : hit.end].strip()


HOSTILE = {
    "many readings": "1|!" * 2_000 + "a",
    "stretched": "f" + "u" * 4_000 + "ck",
    "words as one": "isitatmeof" * 600,
    "stems": "fuck" * 1_000,
    "masks": "f*c*" * 1_000,
    "separators": "f.u-" * 1_000,
    "pairs": "aabb" * 1_000,
}


@pytest.mark.parametrize("chunk", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_spellings_cost_what_long_ones_cost(chunk: str) -> None:
    """Twice the letters cost at most about twice the work, and a long stretch is not looked into at all."""

    def work(text: str) -> int:
        return steps(lambda: (DECODER.word(text), DECODER.chunk(text), DECODER.letters(text)))

    half, whole = work(chunk[: len(chunk) // 2]), work(chunk)
    assert whole <= 2.2 * half + 5_000
    assert steps(lambda: DECODER.chunk(chunk[: 4 * LONGEST_WORD])) < 1_000


@pytest.mark.parametrize("length", [20, LONGEST_WORD])
def test_the_costliest_word(length: int) -> None:
    """Taking a word apart into words costs at most a fixed number of look-ups a letter."""
    assert steps(lambda: DECODER.word(("isitatmeof" * 5)[:length])) < 1_000 * length


class Anything:
    """Holds whatever is asked for."""

    def __contains__(self, one: object) -> bool:
        return True

    def isdisjoint(self, others: object) -> bool:
        """Nothing is left out."""
        return False


UNFILTERED = Decoder(LEXICON, frozenset(WORDS) | LEXICON.forms.keys())
vars(UNFILTERED).update(_beginnings=Anything(), _blurred=Anything())
PIECES = st.sampled_from([*(term.text for term in SEVERE), *WORDS[::5], *"ilaeost1!|03@$*.-lli", "ck", "z", "1l!"])


@settings(max_examples=400)
@given(st.lists(PIECES, min_size=1, max_size=5).map("".join))
def test_shortcuts_change_nothing(text: str) -> None:
    """What is not looked for, because no term begins or sounds like it, would not have been found."""
    assert DECODER.word(text) == UNFILTERED.word(text)
    assert DECODER.chunk(text) == UNFILTERED.chunk(text)
    assert DECODER.letters(" ".join(text)) == UNFILTERED.letters(" ".join(text))
