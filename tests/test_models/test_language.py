"""Which language a comment seems to be in: by its script, or by the small words of its sentences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bundle import Bundle
from models.comment import Comment
from models.language import LANGUAGES, UNDETERMINED, by_script, by_small_words, small_word_sets, small_words
from models.text import fold
from tests.test_models.hostile import LONG_TEXTS, TEXTS, with_short_texts
from tests.test_models.work import steps


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Мост закрыт на шесть недель, паром переполнен.", "ru"),
        ("Міст закрили, а пором їздить щогодини.", "uk"),
        ("Η γέφυρα έκλεισε για έξι εβδομάδες.", "el"),
        ("הגשר סגור לשישה שבועות", "he"),
        ("الجسر مغلق لستة أسابيع", "ar"),
        ("पुल छह हफ्ते बंद रहेगा", "hi"),
        ("สะพานปิดหกสัปดาห์", "th"),
        ("橋は六週間閉鎖されます", "ja"),
        ("다리는 육 주 동안 폐쇄됩니다", "ko"),
        ("这座桥关闭六个星期", "zh"),
        ("Мост снова closed", "ru"),
    ],
)
def test_scripts(text: str, language: str) -> None:
    """A script tells its language; kana among ideographs is Japanese, some letters are only Ukrainian."""
    found = by_script(text)
    assert found is not None
    assert found[0] == language
    assert 0.3 <= found[1] <= 1


@pytest.mark.parametrize(
    "text", ["", "plain English", "über den Fluß", "🎉 fine", "The word мост stands in this long English sentence"]
)
def test_no_script(text: str) -> None:
    """Latin letters, pictures, and one foreign word tell nothing."""
    assert by_script(text) is None


@with_short_texts
@given(TEXTS | st.text())
def test_any_text(text: str) -> None:
    """Whatever was written, a share is a share."""
    found = by_script(text)
    assert found is None or 0 < found[1] <= 1


@pytest.mark.parametrize("text", [*LONG_TEXTS.values(), "ж漢ก" * 7_000], ids=[*LONG_TEXTS, "scripts"])
def test_a_script_shows_in_a_few_letters(text: str) -> None:
    """A long text costs no more than its beginning."""
    assert steps(lambda: by_script(text)) < 60_000


@pytest.mark.parametrize(
    ("counts", "language", "least", "most"),
    [
        ({}, UNDETERMINED, 0, 0),
        ({"de": 1}, "de", 0.5, 1),
        ({"de": 6}, "de", 0.9, 1),
        ({"de": 6, "nl": 2}, "de", 0.5, 0.9),
        ({"pt": 3, "es": 3}, UNDETERMINED, 0, 0),
    ],
)
def test_small_words_by_count(counts: dict[str, int], language: str, least: float, most: float) -> None:
    """The language with the most small words, the surer the further the next one is behind; no telling on a tie."""
    (found,), (sure,) = by_small_words(np.array([[counts.get(one, 0) for one in LANGUAGES]]))
    assert found == language
    assert least <= sure <= most


def test_flags() -> None:
    """Each word has a flag for every language that it is a small word of."""
    words = ["the", "is", "nicht", "não", "nao", "bridge", "de"]
    flags = small_words(words, small_word_sets(fold))
    found = {word: {LANGUAGES[i] for i in row.nonzero()[0]} for word, row in zip(words, flags, strict=True)}
    assert found["the"] == {"en"}
    assert found["is"] >= {"en", "nl"}
    assert found["nicht"] == {"de"}
    assert found["não"] == set()
    assert "pt" in found["nao"]
    assert found["bridge"] == set()
    assert found["de"] >= {"nl", "es", "pt", "ro", "sv"}


def test_every_language_has_small_words() -> None:
    """A language without small words could never be found; folding leaves them words."""
    sets = small_word_sets(fold)
    assert list(sets) == list(LANGUAGES)
    assert all(len(words) >= 20 and all(word == fold(word) for word in words) for words in sets.values())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I don't know what they were thinking when they closed it", "en"),
        ("Das ist doch nicht wahr, wir haben immer noch keine Brücke", "de"),
        ("Eu não sei o que eles estão fazendo com a gente", "pt"),
        ("Pas une seule fois on ne nous a demandé ce que nous en pensons, et c'est bien dommage", "fr"),
        ("Мост закрыт, а паром переполнен", "ru"),
        ("橋は閉鎖されます", "ja"),
        ("👍🎉", UNDETERMINED),
        ("", UNDETERMINED),
        ("qwzrt plonk", UNDETERMINED),
    ],
)
def test_the_shipped_bundle_tells_languages(shipped: Bundle, text: str, language: str) -> None:
    """An answer names the comment's language, or says that there is no telling."""
    (found,) = shipped.score([Comment(text)])
    assert found.language == language
    assert (found.language_confidence == 0) == (language == UNDETERMINED)
