"""The tables as the code sees them. ``migrations/`` makes them; a test holds the two together.

Every row carries its site. Times are microseconds since 1970 in UTC. A revision's text is referred to elsewhere by
``text_hash``, which is keyed with the revision's own ``salt``: once text and salt are erased, nothing can be tried
against the hash.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A time with a zone, kept as whole microseconds: exact, in order, and alike in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MICROSECOND


class Reasons(TypeDecorator[list[dict[str, Any]]]):
    """Why a decision is what it is. A rule that schema 0002's code knows nothing of is kept in the shape of its other
    kind of reason, so that it can read what this code decided.
    """

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: list[dict[str, Any]] | None, dialect: Dialect) -> list[dict[str, Any]] | None:
        return value and [_as_a_head(one) if one.get("rule") in _LATER_RULES else one for one in value]

    def process_result_value(self, value: list[dict[str, Any]] | None, dialect: Dialect) -> list[dict[str, Any]] | None:
        return value and [_as_a_rule(one) if one.get("operating_point") == _RULE else one for one in value]


_LATER_RULES: Final = ("review", "rejected_before")
_RULE: Final = "rule"


def _as_a_head(reason: dict[str, Any]) -> dict[str, Any]:
    return {"head": reason["rule"], "score": 1.0, "threshold": 1.0, "operating_point": _RULE}


def _as_a_rule(reason: dict[str, Any]) -> dict[str, Any]:
    return {"rule": reason["head"], "term": None, "start": None, "end": None}


#: SQLite counts up by itself only in a column of exactly this type.
Number: Final = BigInteger().with_variant(Integer, "sqlite")

metadata: Final = MetaData()

articles: Final = Table(
    "articles",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("title", Text),
    Column("body", Text),
    Column("url", Text),
    Column("kind", Text),
    Column("work", Text),
    Column("section", Text),
    Column("published_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

comments: Final = Table(
    "comments",
    metadata,
    Column("site", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("article_id", String),
    Column("parent_id", String),
    Column("author_id", String),
    Column("author_name", Text),
    Column("state", String, nullable=False),
    #: The newest; 1 is the first.
    Column("revision", Integer, nullable=False),
    #: When its author wrote it, as the site says.
    Column("created_at", Moment),
    #: The newest time that the site gave for its text; an edit from before it comes too late.
    Column("revised_at", Moment),
    Column("received_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("erased_at", Moment),
    Index("comments_by_parent", "site", "parent_id", "received_at", "id"),
    Index("comments_by_article", "site", "article_id", "received_at", "id"),
    Index("comments_by_author", "site", "author_id", "received_at"),
    Index(
        "comments_not_erased",
        "changed_at",
        sqlite_where=text("erased_at IS NULL"),
        postgresql_where=text("erased_at IS NULL"),
    ),
)

revisions: Final = Table(
    "revisions",
    metadata,
    Column("site", String, primary_key=True),
    Column("comment_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("text", Text),
    Column("salt", String),
    Column("text_hash", String, nullable=False),
    #: As the site said; null where it did not.
    Column("lang", String),
    Column("language", String, nullable=False),
    Column("language_confidence", Float, nullable=False),
    Column("revised_at", Moment),
    Column("received_at", Moment, nullable=False),
    ForeignKeyConstraint(["site", "comment_id"], ["comments.site", "comments.id"]),
)

scores: Final = Table(
    "scores",
    metadata,
    Column("site", String, primary_key=True),
    Column("comment_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("bundle", String, primary_key=True),
    Column("head", String, primary_key=True),
    Column("score", Float),
    Column("why", String),
    Column("severity", String),
    #: Spans and nearest paragraph; null once erased, since a span may spell out a word of the text.
    Column("detail", JSON(none_as_null=True)),
    Column("text_hash", String, nullable=False),
    Column("scored_at", Moment, nullable=False),
    ForeignKeyConstraint(
        ["site", "comment_id", "revision"], ["revisions.site", "revisions.comment_id", "revisions.revision"]
    ),
)

decisions: Final = Table(
    "decisions",
    metadata,
    Column("number", Number, primary_key=True),
    Column("site", String, nullable=False),
    Column("comment_id", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("action", String, nullable=False),
    Column("reasons", Reasons, nullable=False),
    Column("policy", String, nullable=False),
    Column("bundle", String, nullable=False),
    Column("decided_at", Moment, nullable=False),
    ForeignKeyConstraint(
        ["site", "comment_id", "revision"], ["revisions.site", "revisions.comment_id", "revisions.revision"]
    ),
    Index("decisions_by_comment", "site", "comment_id", "revision", "number"),
    Index("decisions_by_site", "site", "number"),
    #: With the action, so that volumes are counted without looking at the rows.
    Index("decisions_by_time", "site", "decided_at", "number", "action"),
)

audit: Final = Table(
    "audit",
    metadata,
    #: Without gaps: the chain's links are counted.
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("site", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("comment_id", String, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("digest", String, nullable=False),
    Index("audit_by_comment", "site", "comment_id", "number"),
    Index("audit_by_site", "site", "number"),
    Index("audit_by_actor", "site", "actor", "number"),
    Index("audit_by_action", "site", "action", "number"),
)

policies: Final = Table(
    "policies",
    metadata,
    Column("site", String, primary_key=True),
    #: From 2 on, without gaps: 1 is the built-in policy.
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content", JSON, nullable=False),
    Column("made_at", Moment, nullable=False),
    #: Covers the digest of the version before it.
    Column("digest", String, nullable=False),
)

secrets: Final = Table(
    "secrets",
    metadata,
    #: What the store keeps to itself: ``pseudonyms`` keys the names under which reviewers stand in exports.
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
