"""The demo's reviewers at work: they take what waits and say what careful readers would, most of the time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

from service.app import Parts
from service.demo.content import Content, action_for, labels_of
from service.demo.written import Golden, Sitting, WrittenOpinion
from service.domain import DEFAULT_SITE, StoredComment
from service.review_domain import Opinion, ReviewAction
from service.storage.golden import MakeGolden
from service.storage.listing import Filters, Order

_EACH: Final = timedelta(seconds=20)
"""What a reviewer takes for a comment, and a second more for every few words."""
_WORDS_A_SECOND: Final = 5


class Clock(Protocol):
    """The time that it is, for whoever tells the story to move on."""

    at: datetime


class Sittings:
    """Reviews what waits. ``reviews`` counts what was said, ``undone`` what was taken back."""

    def __init__(self, parts: Parts, clock: Clock, content: Content) -> None:
        self._desk = parts.desk
        self._reviews = parts.reviews
        self._clock = clock
        self._written = content.comments
        self._opinions = {(one.by, one.comment): one for one in content.desk.opinions}
        self._slips = {(one.by, one.comment): one for one in content.desk.slips}
        self.reviews = 0
        self.undone = 0

    async def sit(self, sitting: Sitting) -> None:
        """Claim, read, say; until the count is done or nothing waits."""
        filters = Filters(cause=sitting.cause)
        for _ in range(sitting.count):
            waiting = await self._desk.claim(DEFAULT_SITE, sitting.by, filters=filters, order=Order.PRIORITY)
            if not waiting:
                return
            comment = waiting[0].comment
            self._clock.at += _EACH + timedelta(seconds=len((comment.text or "").split()) // _WORDS_A_SECOND)
            slip = self._slips.pop((sitting.by, comment.id), None)
            if slip is not None:
                await self._take_back(slip, comment)
            await self._say(self._opinion(sitting.by, comment))

    async def make_golden(self, golden: Golden) -> None:
        """What the comment is marked with is the right answer."""
        written = self._written[golden.comment]
        action, labels = written.then or action_for(written.marks), labels_of(written.marks)
        change = MakeGolden(DEFAULT_SITE, golden.comment, 1, action, labels, golden.by, self._clock.at)
        if not await self._reviews.make_golden(change):
            raise LookupError(golden.comment)

    async def _take_back(self, slip: WrittenOpinion, comment: StoredComment) -> None:
        said = await self._say(_opinion_of(slip, comment))
        self._clock.at += _EACH
        await self._desk.undo(DEFAULT_SITE, said, slip.by)
        self.undone += 1

    async def _say(self, opinion: Opinion) -> int:
        reviewed = await self._desk.review(opinion)
        self.reviews += 1
        return reviewed.review.number

    def _opinion(self, reviewer: str, comment: StoredComment) -> Opinion:
        own = self._opinions.get((reviewer, comment.id))
        if own is not None:
            return _opinion_of(own, comment)
        written = self._written[comment.id]
        is_edited = comment.revision > 1
        marks = [] if is_edited else written.marks
        action = ReviewAction.APPROVE if is_edited else written.then or action_for(marks)
        return Opinion(DEFAULT_SITE, comment.id, comment.revision, reviewer, action, labels_of(marks))


def _opinion_of(said: WrittenOpinion, comment: StoredComment) -> Opinion:
    labels = {} if said.action is ReviewAction.ESCALATE else labels_of(said.labels)
    return Opinion(DEFAULT_SITE, comment.id, comment.revision, said.by, said.action, labels, said.note)
