"""The demo's two weeks, told: all that its files say happens in its turn, through the doors of real use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

import msgspec

from service.api.policy_documents import read_policy
from service.app import Parts
from service.demo.content import Content, article_of, author_id, comments_of
from service.demo.sittings import Sittings
from service.demo.written import Edit, PutPolicy, WrittenAppeal, WrittenReport
from service.domain import DEFAULT_SITE, PolicyVersion, RegisteredArticle, SentComment
from service.errors import NothingToAppeal
from service.policy import content_of
from service.storage.policies import FIRST

Act: TypeAlias = Callable[[], Awaitable[None]]
_LEAD: Final = timedelta(minutes=5)
"""An article is registered so long before it comes out."""


class Calendar:
    """The clock of the story: the time that it is in it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Told:
    """How much of each there was."""

    articles: int = 0
    comments: int = 0
    edits: int = 0
    reports: int = 0
    appeals: int = 0
    policies: int = 0
    reviews: int = 0
    undone: int = 0


class Story:
    """Tells it once, into an empty store. Whatever the service refuses is an error here."""

    def __init__(self, parts: Parts, calendar: Calendar, content: Content) -> None:
        self._parts = parts
        self._calendar = calendar
        self._content = content
        self._now = calendar.at
        self._sittings = Sittings(parts, calendar, content)
        self._told = Told()

    async def tell(self) -> Told:
        """From the first day to now. What begins while a sitting lasts comes after it."""
        acts = sorted(self._acts(), key=lambda one: one[0])
        self._calendar.at = acts[0][0]
        for at, act in acts:
            self._calendar.at = max(at, self._calendar.at)
            await act()
        self._calendar.at = self._now
        return replace(self._told, reviews=self._sittings.reviews, undone=self._sittings.undone)

    def _acts(self) -> Iterator[tuple[datetime, Act]]:
        came: dict[str, datetime] = {}
        desk = self._content.desk
        for number, put in enumerate(self._content.policies):
            yield self._days_ago(put.days), partial(self._put_policy, FIRST + number, put)
        for name, written in self._content.articles.items():
            article = article_of(name, written, self._now)
            yield self._days_ago(written.published) - _LEAD, partial(self._register, article)
            for sent in comments_of(name, written, self._now):
                came[sent.id] = sent.created_at or self._now
                yield came[sent.id], partial(self._send, sent)
        for report in self._content.reports:
            yield came[report.comment] + timedelta(hours=report.hours), partial(self._report, report)
        for edit in desk.edits:
            yield came[edit.comment] + timedelta(hours=edit.hours), partial(self._edit, edit)
        for appeal in desk.appeals:
            yield came[appeal.comment] + timedelta(hours=appeal.hours), partial(self._appeal, appeal)
        for sitting in desk.sittings:
            yield self._days_ago(sitting.days), partial(self._sittings.sit, sitting)
        for golden in desk.golden:
            yield self._days_ago(golden.days), partial(self._sittings.make_golden, golden)

    def _days_ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)

    async def _put_policy(self, version: int, put: PutPolicy) -> None:
        parts = self._parts
        policy, _ = read_policy(msgspec.json.encode(put.policy), parts.engine.live.operating_points)
        following = PolicyVersion(DEFAULT_SITE, version, content_of(policy), self._calendar.at)
        await parts.store.save_policy(following, put.by)
        parts.policies.keep(following)
        self._told.policies += 1

    async def _register(self, article: RegisteredArticle) -> None:
        await self._parts.store.save_article(article)
        self._told.articles += 1

    async def _send(self, sent: SentComment) -> None:
        await self._parts.moderation.take(sent)
        self._told.comments += 1

    async def _edit(self, edit: Edit) -> None:
        revised = SentComment(DEFAULT_SITE, edit.comment, edit.text, revised_at=self._calendar.at)
        await self._parts.moderation.take(revised)
        self._told.edits += 1

    async def _report(self, report: WrittenReport) -> None:
        key = (DEFAULT_SITE, report.comment)
        await self._parts.desk.report(key, author_id(report.by), report.reason, report.note)
        self._told.reports += 1

    async def _appeal(self, appeal: WrittenAppeal) -> None:
        # Nobody appeals against being shown, and whether it is depends on the bundle.
        with suppress(NothingToAppeal):
            await self._parts.desk.appeal((DEFAULT_SITE, appeal.comment), appeal.note)
            self._told.appeals += 1
