"""Webhooks, the outbox, leases; and decisions in the order they were made on a site."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From keys and accounts."""
    op.create_index("decisions_by_site", "decisions", ["site", "number"])
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.Column("disabled_why", sa.String),
    )
    op.create_index("webhooks_by_site", "webhooks", ["site", "created_at", "id"])
    _outbox()
    op.create_table(
        "leases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", _NUMBER, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("site", "webhook_id", "message_id", "type")),
        sa.Column("comment_id", sa.String),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("settled_at", sa.BigInteger),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_webhook", "outbox", ["webhook_id", "number"])
    op.create_index("outbox_by_state", "outbox", ["webhook_id", "state", "number"])
    op.create_index("outbox_due", "outbox", ["webhook_id", "due_at", "number"], **_where("state = 'pending'"))
    of_comment = ["webhook_id", "comment_id", "number"]
    op.create_index("outbox_of_comment", "outbox", of_comment, **_where("state = 'pending'"))
    op.create_index("outbox_settled", "outbox", ["settled_at"], **_where("settled_at IS NOT NULL"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
