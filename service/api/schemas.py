"""What requests hold. One set of types: they check what came, and ``docs/openapi.json`` is made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from models.heads import HEAD_NAMES
from service.api import limits

SCHEMA_REF: Final = "#/components/schemas/{name}"

_COMMENT: Final = {"$ref": SCHEMA_REF.format(name="CommentIn")}

# Python's $ also matches before a last line feed; elsewhere the look-ahead after it says nothing new.
Id = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$(?!\n)")]
Site = Annotated[
    str,
    Meta(
        min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)", description="default if left out."
    ),
]
Text = Annotated[str, Meta(max_length=limits.TEXT_CHARACTERS)]
# That a text is not blank is checked in submissions.py, with a plainer reason than a pattern's.
CommentText = Annotated[Text, Meta(extra_json_schema={"minLength": 1, "pattern": r"\S"})]
Title = Annotated[str, Meta(max_length=limits.TITLE_CHARACTERS)]
ArticleText = Annotated[str, Meta(max_length=limits.ARTICLE_CHARACTERS)]
ShortText = Annotated[str, Meta(max_length=limits.SHORT_CHARACTERS)]
Time = Annotated[datetime, Meta(tz=True)]
Word = Annotated[str, Meta(min_length=1, max_length=40)]
Language = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$(?!\n)")]
HeadName = Annotated[str, Meta(extra_json_schema={"enum": list(HEAD_NAMES)})]


class ArticleIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Either the id of a registered article, or its words."""

    id: Annotated[Id | None, Meta(description="Of an article registered before.")] = None
    title: Title | None = None
    body: Annotated[ArticleText | None, Meta(description="Paragraphs stand apart by an empty line.")] = None


class ContextIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What the comment was written under. Without any, off-topic has no score."""

    article: ArticleIn | None = None
    parent: Annotated[Text | None, Meta(description="The text of the comment that this one answers.")] = None
    kind: Annotated[Word | None, Meta(description="Of the article: news, tv, film, book, video, forum, …")] = None


class CommentIn(Struct, frozen=True, forbid_unknown_fields=True):
    """One comment to score."""

    text: Annotated[CommentText, Meta(description="At most 64 KiB in UTF-8.", examples=["What a load of crap."])]
    context: ContextIn | None = None
    site: Annotated[Site | None, Meta(description="The site whose articles and policy count.")] = None
    heads: Annotated[list[HeadName], Meta(min_length=1, description="Which to score; all if left out.")] | None = None
    explain: Annotated[bool, Meta(description="Also answer which spans moved the scores.")] = False
    lang: Annotated[Language | None, Meta(description="The comment's language (BCP 47), if known.")] = None


class BatchIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 comments, and a context that all of them share. What a comment's own context names goes before it."""

    # Each is read on its own, so that each fails alone.
    comments: Annotated[
        list[Annotated[msgspec.Raw, Meta(extra_json_schema=_COMMENT)]],
        Meta(min_length=1, max_length=limits.BATCH_COMMENTS),
    ]
    context: ContextIn | None = None


class MaskIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A text whose profane words are to be covered."""

    text: CommentText
    mask: Annotated[
        str,
        Meta(description="The one visible character that covers.", extra_json_schema={"minLength": 1, "maxLength": 1}),
    ] = msgspec.field(name="with", default="*")
    keep_first: Annotated[bool, Meta(description="Leave each word's first character readable.")] = True


class AuthorIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wrote a comment: names change, ids do not."""

    id: Id
    name: ShortText | None = None


class StoredCommentIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A comment to score, decide and store. Whatever an edit leaves out stays as it is stored."""

    text: Annotated[CommentText, Meta(description="At most 64 KiB in UTF-8.", examples=["The ferry is late again."])]
    site: Site | None = None
    article_id: Annotated[Id | None, Meta(description="Of a registered article.")] = None
    parent_id: Annotated[Id | None, Meta(description="Of the comment that this one answers.")] = None
    author: AuthorIn | None = None
    created_at: Annotated[Time | None, Meta(description="When it was written.")] = None
    revised_at: Annotated[
        Time | None, Meta(description="When this text was written. An edit older than what is stored is refused.")
    ] = None
    lang: Annotated[Language | None, Meta(description="The comment's language (BCP 47), if known.")] = None


class WebhookIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a site's comment system wants to be told of decisions."""

    url: Annotated[
        str,
        Meta(
            max_length=limits.URL_CHARACTERS,
            description="https, a public address; others only where the operator listed them.",
            examples=["https://comments.example/hooks/verger"],
        ),
    ]
    events: (
        Annotated[
            list[Literal["comment.decided", "comment.erased"]],
            Meta(min_length=1, max_length=10, description="Which to be told of; all if left out."),
        ]
        | None
    ) = None
    site: Site | None = None


class NothingIn(Struct, frozen=True, forbid_unknown_fields=True):
    """``{}``: the call says all. An empty body will do, as long as it is said to be JSON."""


class RegisteredArticleIn(Struct, frozen=True, forbid_unknown_fields=True):
    """An article that comments stand under. What is left out is not known; nothing of an earlier one stays."""

    title: Title | None = None
    body: Annotated[ArticleText | None, Meta(description="Paragraphs stand apart by an empty line.")] = None
    url: Annotated[Text | None, Meta(description="Where readers find it.")] = None
    kind: Annotated[Word | None, Meta(description="news, tv, film, book, video, forum, …")] = None
    work: Annotated[ShortText | None, Meta(description="The film, series, book or game it is about.")] = None
    section: ShortText | None = None
    published_at: Time | None = None
