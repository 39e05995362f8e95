"""What is kept of people's work: the queue, reports, appeals, reviews. Like the store that it is a part of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from service.domain import Decision, RegisteredArticle, StoredComment
from service.golden import coming, is_due
from service.review_domain import Appeal, Entry, Report, Review, ReviewAction
from service.storage.appeals import AddAppeal, Appealed, read_appeals
from service.storage.articles import Key, read_openings
from service.storage.audit import Entry as AuditEntry
from service.storage.audit import read_audit_of
from service.storage.claims import Claim, Release
from service.storage.deciding import Reviewed, SaveReview
from service.storage.golden import DropGolden, MakeGolden, count_golden, count_reviews_by, next_golden, read_golden
from service.storage.listing import Filters, Order, count_queue, read_queue
from service.storage.past_texts import PastRevision, read_first_decisions, read_past
from service.storage.queue import read_entries
from service.storage.ranking import Ranking, read_ranked
from service.storage.reading import read_comments, read_sites
from service.storage.records import Reporter, SetAside, UndoSetAside, open_reports_of, read_reporters
from service.storage.reports import AddReport, Reported, read_reports
from service.storage.reviews import read_reviews, read_standing
from service.storage.ruling import Refusal
from service.storage.store import Store
from service.storage.undoing import UndoReview


@dataclass(frozen=True, slots=True)
class History:
    """One comment with everything that happened to it, each part the first one first."""

    comment: StoredComment
    past: Sequence[PastRevision]
    entry: Entry | None
    reports: Sequence[Report]
    appeals: Sequence[Appeal]
    reviews: Sequence[Review]
    audit: Sequence[AuditEntry]


class ReviewStore:
    """Every method may raise ``StoreUnavailable``: nothing was changed. What a method returned is durable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def queue(
        self, site: str, filters: Filters, order: Order, after: tuple[Any, str] | None, limit: int
    ) -> tuple[list[Entry], int]:
        """A page of the queue, and how many entries match altogether (``COUNTED`` + 1 stands for more)."""
        now = self._store.now()
        async with self._store.reading() as connection:
            page = await read_queue(connection, site, filters, order, after, limit, now)
            return page, await count_queue(connection, site, filters, now)

    async def comments(self, keys: Sequence[Key]) -> dict[Key, StoredComment]:
        """Those that there are."""
        async with self._store.reading() as connection:
            return await read_comments(connection, keys)

    async def openings(self, keys: Iterable[Key], most: int) -> dict[Key, RegisteredArticle]:
        """The articles that are registered, each with the first ``most`` characters of its body."""
        async with self._store.reading() as connection:
            return await read_openings(connection, keys, most)

    async def first_decisions(self, comments: Sequence[StoredComment]) -> dict[Key, Decision]:
        """What the machine decided about their newest texts, whatever people made of it since."""
        async with self._store.reading() as connection:
            return await read_first_decisions(connection, comments)

    async def history(self, key: Key) -> History | None:
        """All that is known of one comment."""
        async with self._store.reading() as connection:
            comment = (await read_comments(connection, [key])).get(key)
            if comment is None:
                return None
            return History(
                comment=comment,
                past=await read_past(connection, key),
                entry=(await read_entries(connection, [key])).get(key),
                reports=await read_reports(connection, key),
                appeals=await read_appeals(connection, key),
                reviews=await read_reviews(connection, key),
                audit=await read_audit_of(connection, key),
            )

    async def heard(self, key: Key) -> tuple[list[Report], list[Appeal]]:
        """What readers and the author said of one comment, each the first one first."""
        async with self._store.reading() as connection:
            return await read_reports(connection, key), await read_appeals(connection, key)

    async def sites(self, limit: int) -> list[str]:
        """Sites that have comments, in order, as far as ``limit``."""
        async with self._store.reading() as connection:
            return await read_sites(connection, limit)

    async def claim(self, claim: Claim) -> list[Entry]:
        """What the reviewer holds now."""
        entries: list[Entry] = await self._store.change(claim)
        return entries

    async def release(self, site: str, reviewer: str, comment_id: str) -> bool:
        """Whether the reviewer held it."""
        return await self._store.changed(Release(site, reviewer, comment_id))

    async def due_golden(self, site: str, reviewer: str, every: int) -> Key | None:
        """A golden comment that the reviewer has not judged, where every so many reviews one is to be shown."""
        async with self._store.reading() as connection:
            made = await count_reviews_by(connection, site, reviewer)
            return await next_golden(connection, site, reviewer) if is_due(made, every) else None

    async def golden_coming(self, site: str, reviewer: str, every: int, waiting: int) -> int:
        """How many golden comments the reviewer meets while working off so many that wait."""
        async with self._store.reading() as connection:
            made = await count_reviews_by(connection, site, reviewer)
            return coming(waiting, made, every, await count_golden(connection, site, reviewer))

    async def report(self, report: AddReport) -> Reported | None:
        """What came of it; null where there is no such comment."""
        reported: Reported | None = await self._store.change(report)
        return reported

    async def appeal(self, appeal: AddAppeal) -> Appealed:
        """What came of it."""
        return Appealed(await self._store.change(appeal))

    async def review(self, review: SaveReview) -> Reviewed | Refusal:
        """What came of it."""
        outcome: Reviewed | Refusal = await self._store.change(review)
        return outcome

    async def undo(self, site: str, number: int, by: str) -> Reviewed | Refusal:
        """What came of it."""
        outcome: Reviewed | Refusal = await self._store.change(UndoReview(site, number, by, self._store.now()))
        return outcome

    async def standing_of(self, site: str, reviewer: str, first: int, last: int, most: int) -> list[int]:
        """The reviewer's reviews that were not taken back, by number, from the first to the last, up to ``most``."""
        async with self._store.reading() as connection:
            return await read_standing(connection, site, reviewer, first, last, most)

    async def reporters(self, site: str, after: str | None, limit: int) -> list[Reporter]:
        """In the order of their ids, from behind ``after`` on."""
        async with self._store.reading() as connection:
            return await read_reporters(connection, site, after, limit)

    async def ranked_reporters(self, site: str, ranking: Ranking, limit: int) -> list[Reporter]:
        """Those who come first by that, as far as ``limit``."""
        async with self._store.reading() as connection:
            names = await read_ranked(connection, site, ranking, limit)
            found = {one.id: one for one in await read_reporters(connection, site, None, limit, only=names)}
            return [found[name] for name in names if name in found]

    async def reporter(self, site: str, name: str) -> Reporter | None:
        """That one; null where they never reported anything here."""
        async with self._store.reading() as connection:
            return next(iter(await read_reporters(connection, site, None, 1, only=[name])), None)

    async def open_reports_of(self, site: str, reporter: str, limit: int) -> list[Key]:
        """Which comments the reporter's open reports are about, as far as ``limit``."""
        async with self._store.reading() as connection:
            return await open_reports_of(connection, site, reporter, limit)

    async def set_aside(self, site: str, reporter: str, by: str) -> tuple[int, int] | None:
        """The number to undo it by, and how many reports; null where none is open."""
        done: tuple[int, int] | None = await self._store.change(SetAside(site, reporter, by, self._store.now()))
        return done

    async def undo_set_aside(self, site: str, number: int, by: str) -> int | None:
        """How many reports count again; null for an unknown number."""
        done: int | None = await self._store.change(UndoSetAside(site, number, by, self._store.now()))
        return done

    async def make_golden(self, change: MakeGolden) -> bool:
        """Whether there is such a text."""
        return await self._store.changed(change)

    async def golden(self, key: Key) -> tuple[int, ReviewAction] | None:
        """The revision in which it is a golden comment, and the right action; null where it is not."""
        async with self._store.reading() as connection:
            return await read_golden(connection, *key)

    async def drop_golden(self, site: str, comment_id: str, by: str) -> bool:
        """Whether it was one."""
        return await self._store.changed(DropGolden(site, comment_id, by, self._store.now()))
