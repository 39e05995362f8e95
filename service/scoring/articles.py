"""Articles named by their id: asked of whoever keeps them, and remembered for when those cannot be asked."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from models.comment import Article
from service.domain import ARTICLE_UNKNOWN, STORE_UNAVAILABLE, RegisteredArticle
from service.errors import StoreUnavailable

Key = tuple[str, str]
"""Site and id."""
Fetch = Callable[[Iterable[Key]], Awaitable[Mapping[Key, RegisteredArticle]]]

FRESH_SECONDS: Final = 2.0
"""For how long an answer is used without asking again, so that a change made elsewhere is seen that soon."""
REMEMBERED_CHARACTERS: Final = 16_000_000


@dataclass(frozen=True, slots=True)
class _Remembered:
    article: Article
    asked_at: float


class Articles:
    """Id → words. ``fetch`` gives those that there are, or raises ``StoreUnavailable``."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._remembered: OrderedDict[Key, _Remembered] = OrderedDict()
        self._characters = 0

    async def resolve(self, keys: Iterable[Key]) -> dict[Key, Article | str]:
        """Each one's words, or why there are none: ``article_unknown``, ``store_unavailable``."""
        wanted = set(keys)
        now = self._clock()
        answers: dict[Key, Article | str] = {}
        for key in wanted:
            one = self._remembered.get(key)
            if one is not None and now - one.asked_at < FRESH_SECONDS:
                self._remembered.move_to_end(key)
                answers[key] = one.article
        if missing := wanted - answers.keys():
            answers |= await self._asked(missing, now)
        return answers

    def forget(self, key: Key) -> None:
        """It was changed or deleted here: the next one asks again."""
        if (one := self._remembered.pop(key, None)) is not None:
            self._characters -= _size(one.article)

    async def _asked(self, keys: set[Key], now: float) -> dict[Key, Article | str]:
        try:
            found = await self._fetch(keys)
        except StoreUnavailable:
            last = {key: self._remembered.get(key) for key in keys}
            return {key: STORE_UNAVAILABLE if one is None else one.article for key, one in last.items()}
        return {key: self._remember(key, found.get(key), now) for key in keys}

    def _remember(self, key: Key, found: RegisteredArticle | None, now: float) -> Article | str:
        self.forget(key)
        if found is None:
            return ARTICLE_UNKNOWN
        article = Article(found.title, found.body, found.kind)
        self._remembered[key] = _Remembered(article, now)
        self._characters += _size(article)
        while self._characters > REMEMBERED_CHARACTERS:
            self.forget(next(iter(self._remembered)))
        return article


def _size(article: Article) -> int:
    # An article of no words takes its place too.
    return len(article.title or "") + len(article.body or "") + 200
