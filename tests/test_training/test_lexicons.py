"""The shipped word lists keep the form that training reads and the restraint that their README promises."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

import pytest

LEXICONS = Path(__file__).parents[2] / "training" / "lexicons"
LANGUAGES = ("en", "de", "pt")
LETTERS = {"en": "a-z", "de": "a-zäöüß", "pt": "a-záàâãçéêíóôõú"}
SEVERITIES = {"mild", "strong", "slur"}
KINDS = """
    sexual excrement anatomy insult blasphemy ethnic religious sexuality gender disability gesture
"""
FLAGS = {"ambiguous", "stem", "exact", "name", "english"}
AT_LEAST = {"en": 350, "de": 120, "pt": 120}
GROUP_NAMES = """
    gay gays lesbian lesbians bisexual homosexual transgender trans transsexual intersex asexual black blacks white
    asian african arab jew jews jewish muslim muslims islam christian hindu sikh mexican immigrant refugee roma sinti
    gypsy autistic deaf blind disabled schwul lesbe lesbisch jude juden jüdin türke araber schwarzer ausländer
    flüchtling behindert lésbica travesti transexual negra preto preta judeu judia muçulmano cigano índio nordestino
"""
PLAIN_INSULTS = """
    idiot stupid moron liar clown scum loser trash racist nazi pathetic dumb jerk fool ignorant sexist fascist coward
    depp trottel lügner dummkopf rassist otário idiota burro imbecil mentiroso racista babaca lixo
"""
MINCED_OATHS = "darn heck freaking frigging caramba caraca putz"


def rows(name: str) -> list[dict[str, str]]:
    """The lines of one list by column; a line with a column too many or too few fails here."""
    with (LEXICONS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [dict(zip(header, line, strict=True)) for line in lines]


def folded(text: str) -> str:
    """Without case and marks, as a matcher compares it."""
    return "".join(mark for mark in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(mark))


def flags_of(row: dict[str, str]) -> list[str]:
    """The flags of a line in their order; an empty column has none."""
    return row["flags"].split(",") if row["flags"] else []


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Every language that has a list."""
    return str(request.param)


def test_every_line_uses_the_known_words(language: str) -> None:
    """Severity, kind and flags come from closed sets, and no flag is given twice."""
    for row in rows(language):
        assert list(row) == ["term", "severity", "kind", "flags"]
        assert row["severity"] in SEVERITIES, row
        assert row["kind"] in KINDS.split(), row
        assert set(flags_of(row)) <= FLAGS, row
        assert len(set(flags_of(row))) == len(flags_of(row)), row


def test_terms_are_lower_case_words_of_their_language(language: str) -> None:
    """One to four words in the language's own letters, one space between them; or an emoji."""
    word = f"[{LETTERS[language]}]+"
    for row in rows(language):
        assert re.fullmatch(f"{word}(?: {word}){{0,3}}", row["term"]) or row["kind"] == "gesture", row
        assert row["term"] == row["term"].lower() == unicodedata.normalize("NFC", row["term"])


def test_terms_are_sorted_and_listed_once(language: str) -> None:
    """No term stands twice, not even with and without its accents: they would match the same text."""
    terms = [row["term"] for row in rows(language)]
    assert terms == sorted(terms)
    assert len({folded(term) for term in terms}) == len(terms)


def test_a_stem_is_long_and_never_ambiguous_or_exact(language: str) -> None:
    """Letters inside an unknown word are evidence only if they are four or more and profane wherever they stand."""
    stems = [row for row in rows(language) if "stem" in flags_of(row)]
    assert all(flags_of(row) == ["stem"] and len(row["term"]) >= 4 and " " not in row["term"] for row in stems), stems


def test_short_terms_are_matched_exactly(language: str) -> None:
    """Four letters have a real word next to them nearly always, so only stems of that length may be matched loosely."""
    short = [row for row in rows(language) if len(row["term"]) <= 4 and "stem" not in flags_of(row)]
    assert all("exact" in flags_of(row) for row in short), short


def test_groups_and_plain_insults_are_not_listed(language: str) -> None:
    """Naming a group or calling someone an idiot is not profanity."""
    unlisted = {folded(word) for word in (GROUP_NAMES + PLAIN_INSULTS + MINCED_OATHS).split()}
    assert not unlisted & {folded(row["term"]) for row in rows(language)}


def test_the_lists_are_long_enough_to_be_worth_shipping(language: str) -> None:
    """The counts that the lists started with at least."""
    assert len(rows(language)) >= AT_LEAST[language]


def test_exceptions_are_sorted_unique_lower_case_and_reasoned() -> None:
    """Every exception says why it is one."""
    exceptions = rows("exceptions")
    texts = [row["text"] for row in exceptions]
    assert texts == sorted(set(texts))
    assert len(texts) >= 220
    assert all(list(row) == ["text", "why"] and row["why"].strip() for row in exceptions)
    assert all(re.fullmatch(r"[^\W_]+(?:[ '-][^\W_]+)*\*?", text) and text == text.lower() for text in texts)


def test_no_exception_is_a_term() -> None:
    """An exception that equals a term would switch the term off in every language."""
    terms = {folded(row["term"]) for name in LANGUAGES for row in rows(name)}
    assert not terms & {folded(row["text"]) for row in rows("exceptions")}


def test_frequent_words_that_hold_a_stem_are_excepted() -> None:
    """The everyday words that a stem would take are shielded."""
    texts = {row["text"] for row in rows("exceptions")}
    assert {"scunthorpe", "matsushita", "harshit", "snigger", "mittagshitze", "whorepresents", "push it"} <= texts
