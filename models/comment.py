"""What features may look at: the comment's text and the context it was written in. Nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """What the comment stands under. ``kind`` is an open word (news, tv, film, book, video, forum, …)."""

    title: str | None = None
    body: str | None = None
    kind: str | None = None

    @property
    def is_empty(self) -> bool:
        """No words to compare a comment with."""
        return not (self.title and self.title.strip()) and not (self.body and self.body.strip())


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment with its context; the parent is the comment it answers."""

    text: str
    article: Article | None = None
    parent: str | None = None
