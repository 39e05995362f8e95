"""Golden comments among those that wait: how many come up, and what they look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some

from service.domain import Action, Decision
from service.golden import coming, disguised, is_due
from service.review_domain import Cause
from service.revisions import revised
from tests.test_service.test_storage.written import NOW, assessment, sent


@given(waiting=some.integers(0, 40), made=some.integers(0, 40), every=some.integers(0, 7), left=some.integers(0, 9))
def test_each_review_leaves_one_less(waiting: int, made: int, every: int, left: int) -> None:
    """Counted as they come up; and from review to review the sum falls by one, whichever comment it was of."""
    counts = [waiting + coming(waiting, made, every, left)]
    while True:
        if left and is_due(made, every):
            left -= 1
        elif waiting:
            waiting -= 1
        else:
            break
        made += 1
        counts.append(waiting + coming(waiting, made, every, left))
    assert counts == list(range(len(counts) - 1, -1, -1))


def test_in_disguise() -> None:
    """Held, with the times of the comment; what nobody would have been asked about looks drawn."""
    until = NOW + timedelta(minutes=5)
    comment = revised(None, sent("c-1"), assessment(), "salt", NOW - timedelta(days=13))
    for action, cause in ((Action.HOLD, Cause.HOLD), (Action.ALLOW, Cause.SAMPLE)):
        decision = Decision(action, (), "default@1")
        entry, shown = disguised(replace(comment), decision, "ann", until)
        assert (entry.placement.cause, entry.action, shown.action) == (cause, action, action)
        assert (entry.claimed_by, entry.claimed_until, entry.entered_at) == ("ann", until, comment.changed_at)
        assert [reason.rule for reason in shown.reasons if hasattr(reason, "rule")] == (
            ["sample"] if cause is Cause.SAMPLE else []
        )
