"""Folding: what features see of a text, with the way back to what its author wrote."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models import text as folding
from models.text import LOOK_ALIKES, MAX_REMEMBERED, MAX_UNFOLDED, fold, fold_origins, paragraphs, stem
from tests.test_models.hostile import LONG_TEXTS, TEXTS, with_short_texts

#: Planes 0 and 1 hold every character that folds to anything but itself, planes 14 and beyond what is dropped or left.
CHARACTERS = [chr(code) for code in (*range(0x20000), *range(0xE0000, 0xE0200), 0x10FFFD)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Plain TEXT, it's 2 words", "plain text, it's 2 words"),
        ("ÜBER café Ångström", "uber cafe angstrom"),
        ("ﬁne ﬄuent", "fine ffluent"),
        ("Straße ſo Ǆ", "strasse so dz"),
        ("Øl, łódź, œuvre", "ol, lodz, oeuvre"),
        ("İstanbul", "istanbul"),
        ("𝐟𝐮𝐜𝐤 𝔹𝕠𝕝𝕕 ｆｕｌｌ", "fuck bold full"),
        ("Ⓐ🅐🅰🄰🇦", "aaaaa"),
        ("ꜰɪɴᴇ", "fine"),
        ("fu\u200bck\u200d s\u00adhy", "fuck shy"),
        ("u\u0308ber z\u0336a\u0336l\u0336", "uber zal"),
        ("“quoted” ‘it’s’ — dash… a․b", "\"quoted\" 'it's' - dash... a.b"),
        ("no\u00a0break\u3000wide", "no break wide"),
        ("line\u2028next\u2029para", "line\nnext\npara"),
        ("bell\x07 next\x85é", "bell\x07 next e"),
        ("\u3164\u115f\uffa0", ""),
        ("ШІТ ж 漢字", "шіт ж 漢字"),
        ("🎉", "🎉"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    """Case, marks, ligatures, styled letters and invisible characters are gone; other scripts stay what they are."""
    assert fold(text) == folded


@example("don`t\x07", "🎉")
@given(TEXTS, TEXTS)
def test_characters_fold_alone(left: str, right: str) -> None:
    """A character folds the same whatever stands around it: an emoji far away changes no word."""
    assert fold(left + right) == fold(left) + fold(right)


@with_short_texts
@given(TEXTS | st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """Folded text is folded."""
    assert fold(fold(text)) == fold(text)


def test_every_character() -> None:
    """Each character becomes at most a few, which fold to themselves; none becomes a capital that reading reserves."""
    folded = {character: folding.fold_character(character) for character in CHARACTERS}
    kept = set("".join(folded.values()))
    assert not [c for c in kept if folding.fold_character(c) != c]
    assert not [c for c in kept if "A" <= c <= "Z"]
    assert max(map(len, folded.values())) == MAX_UNFOLDED


def test_a_ligature_of_eighteen_letters() -> None:
    """One character that unfolds to a phrase counts as a few characters, all of which came from it."""
    assert len(unicodedata.normalize("NFKD", "\ufdfa")) == 18
    assert fold("\ufdfa") == "صلى "
    assert fold_origins("a\ufdfab") == [0, 1, 1, 1, 1, 2]


@with_short_texts
@given(TEXTS | st.text())
def test_the_way_back(text: str) -> None:
    """Every folded character knows the character it came from, and they stand in the author's order."""
    folded, origins = fold(text), fold_origins(text)
    assert len(origins) == len(folded)
    assert origins == sorted(origins)
    assert all(character in fold(text[origin]) for character, origin in zip(folded, origins, strict=True))


def test_forty_thousand_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than one character is ever normalised at a time: over a run of marks a whole string is quadratic."""
    normalised: list[int] = []
    normalize = unicodedata.normalize

    def spy(form: Any, text: str) -> str:
        normalised.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", spy)
    monkeypatch.setattr(folding, "_FOLDING", type(folding._FOLDING)())
    text = "fu" + "".join(chr(0x300 + i % 80) for i in range(40_000)) + "çk"
    assert fold(text) == "fuck"
    assert len(fold_origins(text)) == 4
    assert 0 < sum(normalised) <= 8 * len(set(text))
    assert max(normalised) <= 2


def test_the_table_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of every character there is does not make the table of folded characters grow without end."""
    monkeypatch.setattr(folding, "_FOLDING", type(folding._FOLDING)())
    text = "".join(CHARACTERS)
    assert fold(text) == fold(text)
    assert 0 < len(folding._FOLDING) <= MAX_REMEMBERED


def test_look_alikes_are_one_latin_letter() -> None:
    """A look-alike stands for one small Latin letter, and a Latin letter for no other."""
    for code, latin in LOOK_ALIKES.items():
        assert len(latin) == 1
        assert latin in "abcdefghijklmnopqrstuvwxyz"
        assert not chr(code).isascii() or chr(code) == latin


@given(TEXTS, st.integers(6, 60))
def test_paragraphs(text: str, longest: int) -> None:
    """Paragraphs stand in order, none is longer than asked or blank, and together they hold all that is not blank."""
    found = paragraphs(text, longest=longest)
    ends = [0, *(end for stretch in found for end in stretch)]
    assert ends == sorted(ends)
    assert all(0 < end - start <= longest and text[start:end].strip() for start, end in found)
    assert "".join("".join(text[start:end] for start, end in found).split()) == "".join(text.split())


def test_paragraphs_are_cut_between_sentences() -> None:
    """A long paragraph is cut where a sentence ends; one without an end is cut where it gets too long."""
    sentence = "This one has nine words and it ends here. "
    found = paragraphs(sentence * 30 + "\nShort one.\n\n" + "x" * 700)
    assert all((end - start) % len(sentence) == 0 for start, end in found[:-3])
    assert [end - start for start, end in found[-3:]] == [len("Short one."), 600, 100]


@pytest.mark.parametrize("text", [LONG_TEXTS["signs"], LONG_TEXTS["stars"], "." * 20_000, "a) " * 6_000])
def test_paragraphs_of_long_texts(text: str) -> None:
    """Twenty thousand characters on one line are cut into a few dozen stretches that cover it."""
    found = paragraphs(text)
    assert [start for start, _ in found[1:]] == [end for _, end in found[:-1]]
    assert len(text) // 600 <= len(found) <= len(text) // 200 + 1


@pytest.mark.parametrize(
    ("words", "stemmed"),
    [
        (("missile", "missiles"), "missil"),
        (("repair", "repairs", "repaired", "repairing"), "repair"),
        (("council", "council's"), "council"),
        (("close", "closed", "closing"), "clos"),
        (("is",), "is"),
        (("bed",), "bed"),
        (("ring",), "ring"),
        (("the",), "the"),
    ],
)
def test_stems(words: tuple[str, ...], stemmed: str) -> None:
    """Forms of a word meet in one stem; short words are left alone."""
    assert {stem(word) for word in words} == {stemmed}


@given(st.text("eingsd'", min_size=1, max_size=8) | st.text("es", min_size=1, max_size=8))
def test_a_stem_is_never_empty(word: str) -> None:
    """Every word keeps a stem of its own: without one, words that have nothing in common would meet."""
    assert stem(word)
