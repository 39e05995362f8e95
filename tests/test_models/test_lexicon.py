"""Word lists: read strictly, merged in order, and inflected with restraint."""

from __future__ import annotations

import pytest

from models.lexicon import HEADER, Flag, LexiconRejected, Term, merge, parse_lexicon, parse_terms
from models.scores import Severity
from tests.factories import small_lexicon

HEAD = "\t".join(HEADER)


def terms(*lines: str) -> list[Term]:
    """A list's terms, from lines with ``|`` for a tab."""
    return list(parse_terms("\n".join([HEAD, *(line.replace("|", "\t") for line in lines)])))


def forms(line: str, *innocent: str) -> set[str]:
    """Every form of a list's only term."""
    return set(merge([terms(line)], innocent).forms)


def test_reading_a_list() -> None:
    """Each line is a term with its severity, kind and flags; the term is folded."""
    first, second, third = terms(
        "Bölsch|strong|insult|stem", "zorp|slur|ethnic|ambiguous,exact", "damn it|mild|blasphemy|"
    )
    assert first == Term("bolsch", Severity.STRONG, "insult", frozenset({Flag.STEM}))
    assert (second.ambiguous, second.exact, second.stem) == (True, True, False)
    assert (third.text, third.severity, third.flags) == ("damn it", Severity.MILD, frozenset())


def test_the_first_mention_wins() -> None:
    """A term that stands twice, even if spelt with other marks, keeps what its first line says."""
    assert terms("zorp|mild|insult|", "ZÖRP|slur|ethnic|exact") == [Term("zorp", Severity.MILD, "insult")]


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ("", "line 1: the header"),
        ("zorp\tmild\tinsult\t", "line 1: the header"),
        (f"{HEAD}\textra\nzorp\tmild\tinsult\t", "line 1: the header"),
        (f"{HEAD}\nzorp\tmild\tinsult\t\nzarp\tharsh\tinsult\t", "line 3: 'harsh' is not a valid Severity"),
        (f"{HEAD}\nzorp\tmild\tinsult\tloud", "line 2: 'loud' is not a valid Flag"),
        (f"{HEAD}\nzorp\tmild\tinsult", "line 2: not enough values"),
        (f"{HEAD}\nzorp\tmild\tinsult\t\tmore", "line 2: too many values"),
        (f"{HEAD}\n\nzorp\tmild\tinsult\t", "line 2: not enough values"),
    ],
)
def test_refused_lines(listed: str, reason: str) -> None:
    """A list with a bad line is refused, with the line's number and why."""
    with pytest.raises(LexiconRejected, match=reason):
        list(parse_terms(listed))


def test_round_trip() -> None:
    """A lexicon that is dumped is read back whole: terms in order, flags, and the innocent."""
    lexicon = small_lexicon()
    back = parse_lexicon(lexicon.dump())
    assert (back.terms, back.innocent, back.forms) == (lexicon.terms, lexicon.innocent, lexicon.forms)
    assert back.dump() == lexicon.dump()


def test_round_trip_of_nothing() -> None:
    """No terms and no innocents are read back as such."""
    assert parse_lexicon(merge([], []).dump()) == merge([], [])


def test_the_first_list_decides() -> None:
    """Of several languages' lists the first that has a term says what it is; the innocent are folded."""
    lexicon = merge([terms("zorp|mild|insult|"), terms("zorp|slur|ethnic|", "blarg|strong|insult|")], ["Zörpe"])
    assert [(term.text, term.severity) for term in lexicon.terms] == [("zorp", "mild"), ("blarg", "strong")]
    assert lexicon.innocent == {"zorpe"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("zorp|mild|insult|exact", {"zorp"}),
        ("zorp|mild|insult|", {"zorp", "zorps", "zorp's"}),
        ("blarg nog|mild|insult|", set()),
    ],
)
def test_forms(line: str, found: set[str]) -> None:
    """An exact term has no other forms, an ordinary one its plural, a phrase is no word."""
    assert forms(line) == found


def test_forms_of_a_stem() -> None:
    """A stem takes every ending, with its last consonant doubled or its e dropped."""
    assert forms("zop|strong|insult|stem") >= {"zop", "zops", "zoped", "zopped", "zopping", "zoppin", "zoppers", "zopy"}
    assert forms("zope|strong|insult|stem") >= {"zope", "zopes", "zoped", "zoper", "zoping"}
    assert "zopeing" in forms("zope|strong|insult|stem")
    assert "zoee" not in forms("zoe|strong|insult|stem")


def test_an_innocent_form_is_none() -> None:
    """An inflection that is another word is left out; the term itself stays."""
    assert forms("zorp|mild|insult|", "zorps", "zorp") == {"zorp", "zorp's"}


def test_a_term_owns_its_own_spelling() -> None:
    """A term of its own is never taken for another's inflection, whichever is listed first."""
    for lines in (("zorp|mild|insult|", "zorps|slur|ethnic|"), ("zorps|slur|ethnic|", "zorp|mild|insult|")):
        lexicon = merge([terms(*lines)], [])
        assert {form: lexicon.terms[index].text for form, index in lexicon.forms.items()} == {
            "zorp": "zorp",
            "zorp's": "zorp",
            "zorps": "zorps",
            "zorpss": "zorps",
            "zorps's": "zorps",
        }


def test_phrases() -> None:
    """A term of several words is found by its words."""
    lexicon = small_lexicon()
    assert lexicon.terms[lexicon.phrases["son", "of", "a", "bitch"]].text == "son of a bitch"
