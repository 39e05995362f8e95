"""What a page shows of a text: all of it, in its order, with what nobody would see made visible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scores import Severity, Span
from service.review.marking import Run, pieces, runs

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)).map(lambda ends: Span(min(ends), max(ends), 1.0)))


def whole(shown: tuple[Run, ...]) -> str:
    return "".join(piece.text for run in shown for part in run.parts for piece in part.pieces)


@given(TEXT, SPANS, SPANS)
def test_nothing_is_lost(text: str, words: list[Span], covers: list[Span]) -> None:
    """However spans overlap or reach beyond the text, every character is shown once and in its place."""
    assert whole(runs(text, words, covers)) == text
    assert "".join(piece.text for piece in pieces(text)) == text


@given(TEXT, SPANS)
def test_a_cover_holds_no_letter(text: str, covers: list[Span]) -> None:
    """What stands in for covered text says how long its words are and nothing else."""
    for run in runs(text, (), covers):
        if run.is_covered:
            assert set(run.shape) <= {"n", " ", "\n"}


def test_covered_is_what_is_spanned() -> None:
    """And a profane word in it stays marked, in as many parts as it has."""
    word = Span(4, 12, 0.9, "fuck", Severity.STRONG)
    open_run, covered = runs("The f\u200bu\u200bck ends.", [word], [Span(8, 20, 1.0)])
    assert (open_run.is_covered, covered.is_covered) == (False, True)
    assert [part.word for part in open_run.parts] == [None, word]
    assert covered.parts[0].word == word


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a\u202eb", ["U+202E"]),
        ("\u2066a\u2069", ["U+2066", "U+2069"]),
        ("f\u200bu\u200ck\u200d!", ["U+200B", "U+200C", "U+200D"]),
        ("soft\u00adhyphen \ufeff\u2060", ["U+00AD", "U+FEFF", "U+2060"]),
        ("\u3164 \u2800 \u115f", ["U+3164", "U+2800", "U+115F"]),
        ("bell\x07 nul\x00 back\x08", ["U+0007", "U+0000", "U+0008"]),
        ("tag \U000e0041", ["U+E0041"]),
        ("line\nbreak\tand tab", []),
        ("family 👨\u200d👩\u200d👧 and heart ❤\ufe0f", []),
        ("می\u200cخواهم क\u094d\u200dष", []),
    ],
)
def test_what_nobody_would_see(text: str, codes: list[str]) -> None:
    """It stands there by its number; joiners that do their work in an emoji or a script are left alone."""
    assert [piece.code for piece in pieces(text) if piece.code] == codes
