"""What answers hold of articles and comments that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from models.comment import Comment
from models.heads import HEAD_NAMES
from service.api.answers import DecisionOut, HeadOut, LanguageOut, score_answer
from service.domain import Action, RegisteredArticle, State, StoredComment, Submission
from service.storage.past_texts import PastRevision


class ArticleOut(TypedDict):
    """A registered article."""

    site: str
    id: str
    title: str | None
    body: str | None
    url: str | None
    kind: str | None
    work: str | None
    section: str | None
    published_at: datetime | None


class AuthorOut(TypedDict):
    """Who wrote it."""

    id: str
    name: str | None


class RevisionOut(TypedDict):
    """One text that the comment had, and what was decided about it."""

    revision: int
    received_at: datetime
    revised_at: datetime | None
    action: Action
    bundle: str
    text_hash: str


class StoredCommentOut(TypedDict):
    """A stored comment with its newest revision. Once it was erased, text, author and spans are gone."""

    site: str
    id: str
    state: State
    revision: int
    text: str | None
    article_id: str | None
    parent_id: str | None
    author: AuthorOut | None
    created_at: datetime | None
    revised_at: datetime | None
    received_at: datetime
    changed_at: datetime
    erased_at: datetime | None
    text_hash: Annotated[str, Meta(description="Keyed, and not to be found out again once the text is erased.")]
    scores: dict[str, HeadOut]
    decision: DecisionOut
    language: LanguageOut
    bundle: str
    revisions: NotRequired[list[RevisionOut]]


class RepliesOut(TypedDict):
    """The comments that answer one, oldest first; ``next`` is where to go on (``?after=``), null at the end."""

    replies: list[StoredCommentOut]
    next: str | None


def article_answer(article: RegisteredArticle) -> ArticleOut:
    """As it was registered."""
    return {
        "site": article.site,
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "url": article.url,
        "kind": article.kind,
        "work": article.work,
        "section": article.section,
        "published_at": article.published_at,
    }


def comment_answer(comment: StoredComment) -> StoredCommentOut:
    """The same whether it was stored just now or before."""
    scored = score_answer(Submission(Comment(""), heads=_heads(comment), lang=comment.lang), comment.assessment)
    return {
        "site": comment.site,
        "id": comment.id,
        "state": comment.state,
        "revision": comment.revision,
        "text": comment.text,
        "article_id": comment.article_id,
        "parent_id": comment.parent_id,
        "author": None if comment.author is None else {"id": comment.author.id, "name": comment.author.name},
        "created_at": comment.created_at,
        "revised_at": comment.revised_at,
        "received_at": comment.received_at,
        "changed_at": comment.changed_at,
        "erased_at": comment.erased_at,
        "text_hash": comment.text_hash,
        "scores": scored["scores"],
        "decision": scored["decision"],
        "language": scored["language"],
        "bundle": scored["bundle"],
    }


def revision_answers(past: Sequence[PastRevision]) -> list[RevisionOut]:
    """The first one first."""
    return [
        {
            "revision": one.revision,
            "received_at": one.received_at,
            "revised_at": one.revised_at,
            "action": one.action,
            "bundle": one.assessment.bundle,
            "text_hash": one.text_hash,
        }
        for one in past
    ]


def _heads(comment: StoredComment) -> tuple[str, ...]:
    """In the order of the list of heads; a head that is gone since is left out."""
    kept = comment.assessment.scores.heads.keys() | comment.assessment.withheld.keys()
    return tuple(head for head in HEAD_NAMES if head in kept)
