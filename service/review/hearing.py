"""What is to be known of comments beside their scores: who reported them, who wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.desk import Waiting
from service.domain import StoredComment
from service.review.contexts import CommentView, Heard, waiting_view
from service.storage.review_store import ReviewStore
from service.storage.store import Store

COUNTED_STANDING: Final = 10


class Hearing:
    """Asks the store."""

    def __init__(self, store: Store, reviews: ReviewStore) -> None:
        self._store = store
        self._reviews = reviews

    async def heard(self, comment: StoredComment) -> Heard:
        """Reports, appeals, and how many comments of its author stand beside it."""
        reports, appeals = await self._reviews.heard((comment.site, comment.id))
        author = comment.author
        if author is None:
            return Heard(reports, appeals)
        standing = await self._store.standing_of(comment.site, author.id, comment.id, COUNTED_STANDING)
        return Heard(reports, appeals, standing)

    async def views(self, waiting: Sequence[Waiting]) -> list[CommentView]:
        """Each as a person reads it."""
        return [waiting_view(one, await self.heard(one.comment)) for one in waiting]
