"""THE PATH of one comment, from what was sent to what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from models.comment import Article, Comment
from models.heads import HEADS
from models.scores import CommentScores
from service.domain import (
    CONTEXT_HEADS,
    STORE_UNAVAILABLE,
    Assessment,
    Decision,
    FoundTerm,
    OperatingPoints,
    Question,
    Scored,
    SentComment,
    StoredComment,
    Submission,
)
from service.errors import Fault, InvalidInput, ServiceError, StoreUnavailable
from service.policies import Policies, SitePolicy
from service.policy import NOTHING_KNOWN, Case
from service.revisions import merged, new_salt, refuse_stale, revised, was_rejected
from service.scoring.articles import Articles
from service.scoring.batcher import Batcher
from service.scoring.second_look import SecondLook
from service.scoring.terms import MOST_TOLD, without
from service.storage.store import Store

_ATTEMPTS: Final = 5
_WORD_HEADS: Final = tuple(head.name for head in HEADS if head.lexicon)
"""The heads that a site's allowed terms take words away from."""
_SEARCHED_AT_ONCE: Final = 32_000
"""Characters searched for a site's terms in one turn of the loop."""


class Moderation:
    """Scores and decides. ``assess`` leaves no trace, in no store and no log; ``take`` stores before it answers."""

    def __init__(
        self,
        scorer: Batcher[Question, Scored] | SecondLook,
        articles: Articles,
        policies: Policies,
        store: Store,
    ) -> None:
        self._scorer = scorer
        self._articles = articles
        self._policies = policies
        self._store = store

    async def assess(self, submission: Submission) -> Assessment:
        """One comment. Raises ``Overloaded`` or ``NotReady``."""
        asked, withheld = submission, dict[str, str]()
        if submission.article_id is not None:
            asked, withheld = (await self._in_context([submission]))[0]  # 2 check (I/O for an article by its id)
        scored = await self._scorer.submit(_question(asked, withheld))  # 3-5 batch, features, heads (heavy CPU)
        policy = await self._policies.of(submission.site)
        return await self._decide(policy, asked, withheld, scored)  # 6 decide (µs; more where a site has terms)

    async def assess_all(self, submissions: Sequence[Submission]) -> list[Assessment | BaseException]:
        """Many comments, in order, each as ``assess`` would, waiting for room; one that fails is its exception."""
        checked = await self._in_context(submissions)
        answers = await self._scorer.submit_all(_question(asked, withheld) for asked, withheld in checked)
        sites = {one.site for one in submissions}
        policies = dict(zip(sites, await asyncio.gather(*map(self._policies.of, sites)), strict=True))
        assessed: list[Assessment | BaseException] = []
        searched = 0
        for (asked, withheld), answer in zip(checked, answers, strict=True):
            if isinstance(answer, BaseException):
                assessed.append(answer)
                continue
            policy = policies[asked.site]
            searched += len(asked.comment.text) if policy.has_terms else 0
            if searched > _SEARCHED_AT_ONCE:
                searched = 0
                await asyncio.sleep(0)
            try:
                assessed.append(await self._decide(policy, asked, withheld, answer))
            except ServiceError as error:
                assessed.append(error)
        return assessed

    async def take(self, sent: SentComment) -> tuple[StoredComment, bool]:
        """Score, decide and store one comment; what is stored, and whether it is new. The same text changes nothing.

        Raises:
            InvalidInput: it stands under an article that is not registered, or answers a comment of another one.
            Conflict, StaleRevision, Erased: it does not go with what is stored under its id.
            Overloaded, NotReady, StoreUnavailable: nothing was stored.
        """
        for _ in range(_ATTEMPTS):
            stored = await self._store.comment((sent.site, sent.id))  # 2 check (I/O)
            if stored is not None:
                sent = merged(stored, sent)
                if stored.text == sent.text:
                    return stored, False
                refuse_stale(stored, sent)
            asked, withheld = await self._checked(sent, is_new=stored is None)
            scored = await self._scorer.submit(_question(asked, withheld))  # 3-5 as when nothing is stored
            policy = await self._policies.known(sent.site)
            case = replace(await self._case(sent, policy), rejected_before=stored is not None and was_rejected(stored))
            assessment = await self._decide(policy, asked, withheld, scored, case)  # 6 decide (µs, I/O for the author)
            salt = new_salt()
            comment = revised(stored, sent, assessment, salt, self._store.now())
            if await self._store.save_comment(comment, salt):  # 7 store (I/O): durable, or another was first
                return comment, stored is None
        raise StoreUnavailable("this comment is being changed by others; try again shortly")

    def refuse_if_full(self) -> None:
        """Raise ``Overloaded`` where ``assess`` would."""
        self._scorer.refuse_if_full()

    async def _in_context(self, submissions: Sequence[Submission]) -> list[tuple[Submission, dict[str, str]]]:
        """Each with the words of its article, or with the heads that cannot be asked and why."""
        keys = {(one.site, one.article_id) for one in submissions if one.article_id is not None}
        found = await self._articles.resolve(keys) if keys else {}
        return [
            (one, {}) if one.article_id is None else _placed(one, found[one.site, one.article_id])
            for one in submissions
        ]

    async def _checked(self, sent: SentComment, *, is_new: bool) -> tuple[Submission, dict[str, str]]:
        """With the words of its article and of its parent. A new comment's article has to be registered."""
        parent = None if sent.parent_id is None else await self._store.comment((sent.site, sent.parent_id))
        if parent is not None and parent.article_id != sent.article_id:
            raise InvalidInput(Fault("#/parent_id", "that comment stands under another article"))
        comment = Comment(sent.text, None, parent.text if parent else None)
        submission = Submission(comment, sent.article_id, explain=True, lang=sent.lang, site=sent.site)
        asked, withheld = (await self._in_context([submission]))[0]
        if STORE_UNAVAILABLE in withheld.values():
            raise StoreUnavailable
        if withheld and is_new:
            raise InvalidInput(Fault("#/article_id", "no article with this id is registered"))
        return asked, withheld

    async def _case(self, sent: SentComment, policy: SitePolicy) -> Case:
        """What the policy may ask about a comment that is stored. Who is not named is new each time."""
        author = sent.author.id if sent.author else None
        wanted = policy.policy.hold_new_authors
        standing = None
        if wanted:
            standing = 0 if author is None else await self._store.standing_of(sent.site, author, sent.id, wanted)
        return Case(sent.site, sent.id, author, standing)

    async def _decide(
        self,
        policy: SitePolicy,
        asked: Submission,
        withheld: dict[str, str],
        scored: Scored,
        case: Case = NOTHING_KNOWN,
    ) -> Assessment:
        """By the site's policy. What is answered are the bundle's own scores, allowed words and all."""
        if policy.has_terms:
            decision = await self.decide(policy, asked.comment.text, scored.scores, scored.operating_points, case)
        else:
            decision = policy.policy.decide(scored.scores, scored.operating_points, case)
        return Assessment(scored.scores, withheld, decision, scored.bundle)

    async def decide(
        self, policy: SitePolicy, text: str, scores: CommentScores, points: OperatingPoints, case: Case
    ) -> Decision:
        """What that policy makes of a text with those scores; what its terms ask for is found here."""
        if policy.has_terms:
            allowed = policy.allowed.plain(text)
            case = replace(case, blocked=tuple(policy.blocked.disguised(text)), allowed=_once(allowed))
            heads = tuple(head for head in _WORD_HEADS if head in scores.heads)
            if allowed and heads:
                again = await self._scorer.submit(Question(Comment(without(text, allowed)), heads))
                scores = scores._replace(heads={**scores.heads, **again.scores.heads})
        return policy.policy.decide(scores, points, case)


def _placed(submission: Submission, found: Article | str) -> tuple[Submission, dict[str, str]]:
    comment = submission.comment
    if isinstance(found, str):
        return submission, dict.fromkeys((head for head in submission.heads if head in CONTEXT_HEADS), found)
    # What its sender says it is about goes before what the article was registered as.
    kind = comment.article.kind if comment.article else None
    article = replace(found, kind=kind) if kind else found
    return submission._replace(comment=replace(comment, article=article)), {}


def _question(submission: Submission, withheld: dict[str, str]) -> Question:
    heads = tuple(head for head in submission.heads if head not in withheld) if withheld else submission.heads
    return Question(submission.comment, heads, submission.explain)


def _once(found: Sequence[FoundTerm]) -> tuple[FoundTerm, ...]:
    """Each term where it stands first; as many as are told."""
    first: dict[str, FoundTerm] = {}
    for one in found:
        first.setdefault(one.term, one)
    return tuple(first.values())[:MOST_TOLD]
