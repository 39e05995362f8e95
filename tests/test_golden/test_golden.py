"""The shipped bundle puts some 200 comments of our own per head where a sensible person would: bands, not digits.

A new bundle that moves a case out of its band fails here, however good its averages are. What the bundle is known to
get wrong stands in ``known_failures/``; a case there that comes right has to move to ``cases/``, guarded from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import models
from models.bundle import Bundle
from models.heads import HEAD_NAMES
from models.records import read_records
from models.scores import HeadScore, OperatingPoint, Why
from models.text import fold
from tests.test_golden.cases import ALLOWED, EDGES, Case, band, read_cases
from training.heldout import SUITES

FOLDERS = ("cases", "known_failures")
#: Fewer than this would be guarding little.
ENOUGH = 180


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    """The bundle that ships."""
    return Bundle.load(Path(models.__file__).parent / "default")


def bands(bundle: Bundle, head: str, cases: Sequence[Case]) -> list[str]:
    """The band of each case's score."""
    answers = bundle.score([case.comment() for case in cases], heads=(head,))
    return [band(bundle.operating_points[head], head, answer.heads[head]) for answer in answers]


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_every_case_is_in_its_band(shipped: Bundle, head: str) -> None:
    """None has left the band that a person would expect."""
    cases = read_cases("cases", head)
    lost = [
        f"{found}, not {case.expect} ({case.kind}): {case.text}"
        for case, found in zip(cases, bands(shipped, head, cases), strict=True)
        if found not in ALLOWED[case.expect]
    ]
    assert not lost, "\n" + "\n".join(lost)


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_known_failures_still_fail(shipped: Bundle, head: str) -> None:
    """The list of what goes wrong holds nothing that comes right."""
    cases = read_cases("known_failures", head)
    mended = [
        f"{found}, as expected; move it to cases/{head}.jsonl ({case.kind}): {case.text}"
        for case, found in zip(cases, bands(shipped, head, cases), strict=True)
        if found in ALLOWED[case.expect]
    ]
    assert not mended, "\n" + "\n".join(mended)


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_there_are_enough(head: str) -> None:
    """Cases for every band, and no comment twice, not even with other capitals or spaces."""
    every = [case for folder in FOLDERS for case in read_cases(folder, head)]
    assert len(read_cases("cases", head)) >= ENOUGH
    assert {"low", "at_most_middle", "at_least_middle"} <= {case.expect for case in every} <= ALLOWED.keys()
    told_apart = {(" ".join(fold(case.text).split()), case.article, case.parent) for case in every}
    assert len(told_apart) == len(every)


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_they_are_no_suite_rows(head: str) -> None:
    """What guards against regressions is not what measures."""
    suites = {record.text for suite in SUITES.glob("*.jsonl") for record in read_records(suite).records}
    assert not [case.text for folder in FOLDERS for case in read_cases(folder, head) if case.text in suites]


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.0, "low"), (0.29, "low"), (0.3, "middle"), (0.59, "middle"), (0.6, "high"), (1.0, "high")],
)
@pytest.mark.parametrize("head", HEAD_NAMES)
def test_a_band_begins_at_its_point(head: str, score: float, expected: str) -> None:
    """A score at a point's threshold reaches the point, as in a policy."""
    points = {name: OperatingPoint(head, name, at, 0.1) for name, at in zip(EDGES[head], (0.3, 0.6), strict=True)}
    assert band(points, head, HeadScore(score)) == expected


def test_no_score_is_its_reason() -> None:
    """A case may expect that a head says nothing."""
    assert band({}, "off_topic", HeadScore(None, Why.NO_CONTEXT)) == "no_context"


def test_a_promise_not_kept_is_no_band() -> None:
    """A bundle without the threshold cannot pass by having nothing to compare with."""
    points = {name: OperatingPoint("spoiler", name, None, 0.1) for name in EDGES["spoiler"]}
    with pytest.raises(AssertionError, match="no threshold"):
        band(points, "spoiler", HeadScore(0.9))
