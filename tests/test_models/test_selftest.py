"""A bundle's own texts, scored again where it is loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from models.artifact import BundleRejected
from models.bundle import Bundle
from models.comment import Comment
from models.heads import HEAD_NAMES
from models.scores import CommentScores, HeadScore, Why
from models.selftest import TEXTS, TOLERANCE, differences, dump_selftest
from tests.factories import drawn_manifest, drawn_tables

TABLES = drawn_tables()


def scored(value: float | None) -> Any:
    """A scorer whose first text's profanity has that score and all else 0.25."""

    def score(comments: Sequence[Comment]) -> list[CommentScores]:
        return [
            CommentScores(
                {
                    name: HeadScore(
                        value if (i, name) == (0, "profanity") else 0.25, Why.TOO_SHORT if value is None else None
                    )
                    for name in HEAD_NAMES
                }
            )
            for i in range(len(comments))
        ]

    return score


def test_the_texts_ask_everything() -> None:
    """With an article, with a parent, with neither, and with a disguised word; some question has no answer."""
    assert {(text.article is None, text.parent is None) for text in TEXTS} == {
        (False, True),
        (True, True),
        (True, False),
    }
    expected = json.loads(dump_selftest(Bundle(drawn_manifest(), TABLES).score))
    assert [set(one) for one in expected] == [set(HEAD_NAMES)] * len(TEXTS)
    assert [one["off_topic"] is None for one in expected] == [False, False, False, True, False]


def test_dumping_is_settled(drawn: Bundle) -> None:
    """The same bundle gives the same bytes, and they pass."""
    stored = dump_selftest(drawn.score)
    assert stored == dump_selftest(Bundle(drawn_manifest(), TABLES).score)
    assert differences(stored, drawn.score) == []


@pytest.mark.parametrize(
    ("now", "differs"),
    [
        (0.5, False),
        (0.5 + 0.9 * TOLERANCE, False),
        (0.5 - 0.9 * TOLERANCE, False),
        (0.5 + 1.1 * TOLERANCE, True),
        (0.5 - 1.1 * TOLERANCE, True),
        (None, True),
        (float("nan"), True),
    ],
)
def test_differences(now: float | None, differs: bool) -> None:
    """Another machine's rounding passes; another score, none, or what is no number does not."""
    found = differences(dump_selftest(scored(0.5)), scored(now))
    assert len(found) == differs
    assert all("text 0, profanity" in line for line in found)


def test_a_score_where_there_was_none() -> None:
    """An answer to a question that had none is a difference too."""
    assert len(differences(dump_selftest(scored(None)), scored(0.5))) == 1


@pytest.mark.parametrize("stored", [b"", b"{}", b"[]", b"[{}]", b"\xff", b"null", b'[{"profanity": 0.5}]'])
def test_another_file(stored: bytes) -> None:
    """What is no list of these texts' scores is refused."""
    with pytest.raises(ValueError, match=r"."):
        differences(stored, scored(0.5))


def _changed(change: Any) -> bytes:
    expected = json.loads(dump_selftest(Bundle(drawn_manifest(), TABLES).score))
    change(expected)
    return json.dumps(expected).encode()


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"[]",
        _changed(lambda expected: expected[2].update(spoiler=0.123)),
        _changed(lambda expected: expected[2].update(spoiler=float("nan"))),
        _changed(lambda expected: expected[2].update(spoiler="high")),
        _changed(lambda expected: expected[3].update(off_topic=0.5)),
        _changed(lambda expected: expected[0].pop("profanity")),
        _changed(lambda expected: expected.__setitem__(1, None)),
        _changed(lambda expected: expected.pop()),
    ],
    ids=range(9),
)
def test_a_bundle_that_scores_otherwise_is_rejected(stored: bytes) -> None:
    """A bundle refuses itself with what was checked before and what differs."""
    with pytest.raises(BundleRejected) as refusal:
        Bundle(drawn_manifest(), TABLES, stored).selftest()
    assert "tables" in refusal.value.checked
    assert refusal.value.reason.startswith("self-test: ")
