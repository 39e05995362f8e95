"""Articles; comments with their revisions, scores and decisions; the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_NOT_ERASED = sa.text("erased_at IS NULL")
_REVISION_KEY = ["site", "comment_id", "revision"]
_REVISION = [f"revisions.{name}" for name in _REVISION_KEY]


def upgrade() -> None:
    """From nothing."""
    _articles()
    _comments()
    _revisions()
    _scores()
    _decisions()
    _audit()


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.Text) for name in ("title", "body", "url", "kind", "work", "section")),
        sa.Column("published_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("article_id", sa.String),
        sa.Column("parent_id", sa.String),
        sa.Column("author_id", sa.String),
        sa.Column("author_name", sa.Text),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("revised_at", sa.BigInteger),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("erased_at", sa.BigInteger),
    )
    op.create_index("comments_by_parent", "comments", ["site", "parent_id", "received_at", "id"])
    op.create_index("comments_by_article", "comments", ["site", "article_id", "received_at", "id"])
    op.create_index("comments_by_author", "comments", ["site", "author_id", "received_at"])
    op.create_index(
        "comments_not_erased", "comments", ["changed_at"], sqlite_where=_NOT_ERASED, postgresql_where=_NOT_ERASED
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("comment_id", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text),
        sa.Column("salt", sa.String),
        sa.Column("text_hash", sa.String, nullable=False),
        sa.Column("lang", sa.String),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("language_confidence", sa.Float, nullable=False),
        sa.Column("revised_at", sa.BigInteger),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["site", "comment_id"], ["comments.site", "comments.id"]),
    )


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("comment_id", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("bundle", sa.String, primary_key=True),
        sa.Column("head", sa.String, primary_key=True),
        sa.Column("score", sa.Float),
        sa.Column("why", sa.String),
        sa.Column("severity", sa.String),
        sa.Column("detail", sa.JSON),
        sa.Column("text_hash", sa.String, nullable=False),
        sa.Column("scored_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(_REVISION_KEY, _REVISION),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("comment_id", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("bundle", sa.String, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(_REVISION_KEY, _REVISION),
    )
    op.create_index("decisions_by_comment", "decisions", ["site", "comment_id", "revision", "number"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("actor", "action", "comment_id")),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
    )
    op.create_index("audit_by_comment", "audit", ["site", "comment_id", "number"])
