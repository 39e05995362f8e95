"""Golden comments, whose right answer is known, come up among those that wait and look like any other. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from service.domain import Decision, Ground, SiteReason, StoredComment
from service.priority import Standing, chance_of, placed, scores_of
from service.review_domain import Entry, Placement

_DRAWN: Final = SiteReason(Ground.SAMPLE)


def is_due(made: int, every: int) -> bool:
    """Whether the next one is golden for a reviewer who has made so many reviews; ``every`` 0: never."""
    return every > 0 and made % every == every - 1


def coming(waiting: int, made: int, every: int, left: int) -> int:
    """How many golden comments a reviewer meets while working off what waits, where ``left`` are not judged yet.

    Counted with what waits, they make each review leave one less, whichever it was of.
    """
    if not every:
        return 0
    before_the_first = every - 1 - made % every
    if waiting < before_the_first:
        return 0
    return left if every == 1 else min(left, 1 + (waiting - before_the_first) // (every - 1))


def disguised(comment: StoredComment, by_machine: Decision, reviewer: str, until: datetime) -> tuple[Entry, Decision]:
    """An entry as the comment had when it came, held by the reviewer, and the decision to show with it.

    One that nobody would have been asked about looks as if it had been drawn by chance.
    """
    decision, place = by_machine, _placed(comment, by_machine)
    if place is None:
        decision = Decision(by_machine.action, (*by_machine.reasons, _DRAWN), by_machine.policy)
        place = _placed(comment, decision)
    assert place is not None
    entry = Entry(
        site=comment.site,
        comment_id=comment.id,
        revision=comment.revision,
        action=decision.action,
        placement=place,
        entered_at=comment.changed_at,
        claimed_by=reviewer,
        claimed_until=until,
    )
    return entry, decision


def _placed(comment: StoredComment, decision: Decision) -> Placement | None:
    chance = chance_of(comment.site, comment.id)
    return placed(Standing(decision, scores_of(comment.assessment.scores), chance=chance))
