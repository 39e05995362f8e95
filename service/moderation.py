"""THE PATH of one comment, from what was sent to what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from models.comment import Article, Comment
from service.domain import (
    CONTEXT_HEADS,
    STORE_UNAVAILABLE,
    Assessment,
    Question,
    Scored,
    SentComment,
    StoredComment,
    Submission,
)
from service.errors import Fault, InvalidInput, StoreUnavailable
from service.policy import Policy
from service.revisions import merged, new_salt, refuse_stale, revised
from service.scoring.articles import Articles
from service.scoring.batcher import Batcher
from service.storage.store import Store

_ATTEMPTS: Final = 5


class Moderation:
    """Scores and decides. ``assess`` leaves no trace, in no store and no log; ``take`` stores before it answers."""

    def __init__(self, batcher: Batcher[Question, Scored], articles: Articles, policy: Policy, store: Store) -> None:
        self._batcher = batcher
        self._articles = articles
        self._policy = policy
        self._store = store

    async def assess(self, submission: Submission) -> Assessment:
        """One comment. Raises ``Overloaded`` or ``NotReady``."""
        asked, withheld = (await self._in_context([submission]))[0]  # 2 check (µs; I/O for an article by id)
        scored = await self._batcher.submit(_question(asked, withheld))  # 3-5 batch, features, heads (heavy CPU)
        return self._decide(withheld, scored)  # 6 decide (µs)

    async def assess_all(self, submissions: Sequence[Submission]) -> list[Assessment | BaseException]:
        """Many comments, in order, each as ``assess`` would, waiting for room; one that fails is its exception."""
        checked = await self._in_context(submissions)
        answers = await self._batcher.submit_all(_question(asked, withheld) for asked, withheld in checked)
        return [
            answer if isinstance(answer, BaseException) else self._decide(withheld, answer)
            for (_, withheld), answer in zip(checked, answers, strict=True)
        ]

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
            scored = await self._batcher.submit(_question(asked, withheld))  # 3-5 as when nothing is stored
            assessment = self._decide(withheld, scored)  # 6 decide (µs)
            salt = new_salt()
            comment = revised(stored, sent, assessment, salt, datetime.now(UTC))
            if await self._store.save_comment(comment, salt):  # 7 store (I/O): durable, or another was first
                return comment, stored is None
        raise StoreUnavailable("this comment is being changed by others; try again shortly")

    def refuse_if_full(self) -> None:
        """Raise ``Overloaded`` where ``assess`` would."""
        self._batcher.refuse_if_full()

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

    def _decide(self, withheld: dict[str, str], scored: Scored) -> Assessment:
        decision = self._policy.decide(scored.scores, scored.operating_points)
        return Assessment(scored.scores, withheld, decision, scored.bundle)


def _placed(submission: Submission, found: Article | str) -> tuple[Submission, dict[str, str]]:
    comment = submission.comment
    if isinstance(found, str):
        return submission, dict.fromkeys((head for head in submission.heads if head in CONTEXT_HEADS), found)
    # What its sender says it is about goes before what the article was registered as.
    kind = comment.article.kind if comment.article else None
    article = replace(found, kind=kind) if kind else found
    return replace(submission, comment=replace(comment, article=article)), {}


def _question(submission: Submission, withheld: dict[str, str]) -> Question:
    heads = tuple(head for head in submission.heads if head not in withheld)
    return Question(submission.comment, heads, submission.explain)
