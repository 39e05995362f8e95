"""THE DESK, where people decide: what readers report, what waits, who holds it, what is said about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from service.alike import Alike, in_turns
from service.domain import STATE_AFTER, Decision, RegisteredArticle, StoredComment
from service.errors import (
    AppealAnswered,
    Claimed,
    CountChanged,
    Decided,
    Erased,
    Fault,
    NotFound,
    NothingToAppeal,
    StaleRevision,
)
from service.golden import disguised
from service.policies import Policies
from service.policy import Policy
from service.review_domain import Cause, Entry, Opinion, Report
from service.storage.appeals import AddAppeal, Appealed
from service.storage.articles import Key
from service.storage.claims import Claim
from service.storage.deciding import Reviewed, SaveReview
from service.storage.listing import COUNTED, Filters, Order
from service.storage.reports import AddReport
from service.storage.review_store import ReviewStore
from service.storage.ruling import Refusal
from service.storage.store import Store

LEASE: Final = timedelta(minutes=5)
"""For how long a claimed comment is held for its reviewer, unless told otherwise."""
EXCERPT: Final = 500
"""So many characters of an article's body, and of the parent, stand beside what waits in a list."""
_NO_COMMENT: Final = "no comment with this id is stored on this site"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry of the queue with all that a person needs to judge it."""

    entry: Entry
    comment: StoredComment
    article: RegisteredArticle | None
    parent: StoredComment | None
    #: Whether of the article's body, of the parent's text, there is the beginning only.
    is_body_cut: bool = False
    is_parent_cut: bool = False


class Desk:
    """Every method may raise ``StoreUnavailable``: nothing was changed."""

    def __init__(self, store: Store, reviews: ReviewStore, policies: Policies) -> None:
        self._store = store
        self._reviews = reviews
        self._policies = policies

    async def report(self, key: Key, reporter: str, reason: str, note: str | None) -> tuple[Report, bool]:
        """A reader's report, and whether it is new. It hides nothing. Raises ``NotFound``."""
        reported = await self._reviews.report(AddReport(*key, reporter, reason, note, self._store.now()))
        if reported is None:
            raise NotFound(_NO_COMMENT)
        return reported.report, reported.is_new

    async def appeal(self, key: Key, note: str | None) -> bool:
        """An author's appeal; whether it is new. Raises ``NotFound``, ``NothingToAppeal``, ``AppealAnswered``."""
        outcome = await self._reviews.appeal(AddAppeal(*key, note, self._store.now()))
        if outcome is Appealed.UNKNOWN:
            raise NotFound(_NO_COMMENT)
        if outcome is Appealed.NOTHING_TO_APPEAL:
            raise NothingToAppeal
        if outcome is Appealed.ANSWERED:
            raise AppealAnswered
        return outcome is Appealed.NEW

    async def queue(
        self, site: str, filters: Filters, order: Order, after: tuple[object, str] | None, limit: int
    ) -> tuple[list[Waiting], int]:
        """A page of what waits, and how much of it there is (``COUNTED`` + 1 stands for more than that).

        Articles and parents are cut to ``EXCERPT`` characters: many wait under the same, and a body has 200,000.
        """
        entries, count = await self._reviews.queue(site, filters, order, after, limit)
        return list(map(_excerpted, await self._in_context(entries, EXCERPT + 1))), count

    async def claim(
        self,
        site: str,
        reviewer: str,
        *,
        count: int = 1,
        lease: timedelta = LEASE,
        filters: Filters,
        order: Order,
        but: frozenset[str] = frozenset(),
    ) -> list[Waiting]:
        """The next that wait, held for the reviewer; now and then one whose right answer is known is among them.

        Those whose ids are in ``but`` are passed over.
        """
        now = self._store.now()
        golden: list[Waiting] = []
        if filters == Filters():
            key = await self._due_golden(site, reviewer)
            golden = [] if key is None or key[1] in but else [await self._golden(key, reviewer, now + lease)]
        if len(golden) == count:
            return golden
        claim = Claim(site, reviewer, now, now + lease, count - len(golden), None, filters, order, but)
        return golden + await self._in_context(await self._reviews.claim(claim))

    async def count(self, site: str, reviewer: str, filters: Filters) -> int:
        """How much waits (``COUNTED`` + 1 stands for more), with what is golden and comes up meanwhile."""
        _, count = await self._reviews.queue(site, filters, Order.PRIORITY, None, 0)
        every = (await self._policy(site)).golden_every
        if not every or filters != Filters():
            return count
        return count + await self._reviews.golden_coming(site, reviewer, every, count)

    async def claim_one(self, key: Key, reviewer: str, lease: timedelta = LEASE) -> Waiting:
        """That one, held for the reviewer. Raises ``NotFound`` (it does not wait), ``Claimed``."""
        now = self._store.now()
        entries = await self._reviews.claim(Claim(key[0], reviewer, now, now + lease, comment_id=key[1]))
        if entries:
            return (await self._in_context(entries))[0]
        if key == await self._due_golden(key[0], reviewer):
            return await self._golden(key, reviewer, now + lease)
        found = await self._reviews.history(key)
        if found is None:
            raise NotFound(_NO_COMMENT)
        if found.entry is None:
            raise NotFound("this comment does not wait for anybody")
        raise Claimed

    async def release(self, key: Key, reviewer: str) -> bool:
        """Let it go; whether the reviewer held it."""
        held = await self._reviews.release(key[0], reviewer, key[1])
        return held or key == await self._due_golden(key[0], reviewer)

    async def review(self, opinion: Opinion) -> Reviewed:
        """Take in what a person says, with all that follows from it; not new where the same was said before.

        Raises:
            NotFound, Erased: there is no such comment, or no more.
            StaleRevision: its text changed meanwhile.
            Claimed, Decided: somebody else holds it, or decided first.
        """
        return _taken(await self._reviews.review(await self._change(opinion)), opinion)

    async def review_all(self, opinion: Opinion, filters: Filters, count: int) -> list[Reviewed | Refusal]:
        """Say the same of every entry that matches; ``opinion`` names none. What somebody holds is left out.

        Raises:
            CountChanged: there are not exactly ``count`` of them.
        """
        if count > COUNTED:
            raise CountChanged(Fault("#/count", f"at most {COUNTED} are decided at once"))
        entries, there = await self._reviews.queue(opinion.site, filters, Order.OLDEST, None, COUNTED)
        if there != count:
            number = f"more than {COUNTED}" if there > COUNTED else str(there)
            raise CountChanged(Fault("#/count", f"there are {number}"))
        each = [replace(opinion, comment_id=one.comment_id, revision=one.revision) for one in entries]
        changes = [await self._change(one) for one in each]
        return await in_turns(self._reviews.review, changes)

    async def undo(self, site: str, number: int, by: str) -> Reviewed:
        """Take a review back. Raises as ``review`` does."""
        return _taken(await self._reviews.undo(site, number, by))

    async def undo_all(self, site: str, alike: Alike, by: str) -> list[Reviewed | Refusal]:
        """Take back what the same reviewer said alike. What changed since is left as it is.

        Raises:
            CountChanged: it is not just those that are left: some were taken back, or said one by one meanwhile.
        """
        numbers = await self._reviews.standing_of(site, by, alike.first, alike.last, alike.size + 1)
        if len(numbers) != alike.size:
            raise CountChanged(Fault("#/count", "other reviews than these are left"))
        return await in_turns(lambda number: self._reviews.undo(site, number, by), numbers)

    async def _change(self, opinion: Opinion) -> SaveReview:
        policy = await self._policy(opinion.site)
        return SaveReview(opinion, self._store.now(), policy.wants_second(opinion.site, opinion.comment_id))

    async def _policy(self, site: str) -> Policy:
        return (await self._policies.known(site)).policy

    async def _in_context(self, entries: Sequence[Entry], most: int | None = None) -> list[Waiting]:
        """Each with its comment, article and parent; of the article's body ``most`` characters.

        A second opinion is asked for without telling of the first.
        """
        comments = await self._reviews.comments([(one.site, one.comment_id) for one in entries])
        found = [(one, comments[one.site, one.comment_id]) for one in entries if (one.site, one.comment_id) in comments]
        parents = {(one.site, one.parent_id) for _, one in found if one.parent_id is not None}
        articles = {(one.site, one.article_id) for _, one in found if one.article_id is not None}
        of_id = await self._articles(articles, most) if articles else {}
        parent_of = await self._reviews.comments(sorted(parents)) if parents else {}
        blind = [comment for entry, comment in found if entry.placement.cause is Cause.SECOND]
        first = await self._reviews.first_decisions(blind) if blind else {}
        return [
            Waiting(
                entry=entry,
                comment=as_decided(comment, first),
                article=of_id.get((comment.site, comment.article_id or "")),
                parent=parent_of.get((comment.site, comment.parent_id or "")),
            )
            for entry, comment in found
        ]

    async def _articles(self, keys: Iterable[Key], most: int | None) -> dict[Key, RegisteredArticle]:
        return await (self._store.articles(keys) if most is None else self._reviews.openings(keys, most))

    async def _due_golden(self, site: str, reviewer: str) -> Key | None:
        every = (await self._policy(site)).golden_every
        return await self._reviews.due_golden(site, reviewer, every) if every else None

    async def _golden(self, key: Key, reviewer: str, until: datetime) -> Waiting:
        """Like any other that the reviewer holds."""
        comment = (await self._reviews.comments([key]))[key]
        decisions = await self._reviews.first_decisions([comment])
        entry, decision = disguised(comment, decisions[key], reviewer, until)
        (waiting,) = await self._in_context([entry])
        return replace(waiting, comment=as_decided(comment, {key: decision}))


def _excerpted(waiting: Waiting) -> Waiting:
    body, parent = waiting.article and waiting.article.body, waiting.parent and waiting.parent.text
    article_cut, parent_cut = len(body or "") > EXCERPT, len(parent or "") > EXCERPT
    return replace(
        waiting,
        article=replace(waiting.article, body=body[:EXCERPT]) if waiting.article and body else waiting.article,
        parent=replace(waiting.parent, text=parent[:EXCERPT]) if waiting.parent and parent else waiting.parent,
        is_body_cut=article_cut,
        is_parent_cut=parent_cut,
    )


def as_decided(comment: StoredComment, decisions: Mapping[Key, Decision]) -> StoredComment:
    """As it stood before any person decided; ``decisions`` is what ``first_decisions`` found."""
    decision = decisions.get((comment.site, comment.id))
    if decision is None:
        return comment
    assessment = replace(comment.assessment, decision=decision)
    return replace(comment, state=STATE_AFTER[decision.action], assessment=assessment)


def _taken(outcome: Reviewed | Refusal, opinion: Opinion | None = None) -> Reviewed:
    match outcome:
        case Reviewed():
            return outcome
        case Refusal.UNKNOWN:
            raise NotFound(_NO_COMMENT if opinion else "no review with this number was made on this site")
        case Refusal.ERASED:
            raise Erased("this comment was erased")
        case Refusal.STALE:
            raise StaleRevision(Fault("#/revision", "its text changed since"))
        case Refusal.CLAIMED:
            raise Claimed
        case Refusal.OWN:
            raise Decided(Fault("#/action", "you said something else about this text: undo that first"))
        case Refusal.DECIDED:
            raise Decided(Fault("#/comment_id", "somebody decided first" if opinion else "it was decided anew since"))
