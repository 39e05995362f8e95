"""The tables of webhooks and of the outbox, as the code sees them; ``tables.py`` says what they share."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, Integer, String, Table, Text, text

from service.storage.tables import Moment, Number, metadata

_PENDING: Final[dict[str, Any]] = {
    "sqlite_where": text("state = 'pending'"),
    "postgresql_where": text("state = 'pending'"),
}
_SETTLED: Final[dict[str, Any]] = {
    "sqlite_where": text("settled_at IS NOT NULL"),
    "postgresql_where": text("settled_at IS NOT NULL"),
}

webhooks: Final = Table(
    "webhooks",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("url", Text, nullable=False),
    #: As its owner was told it: signing needs the secret itself, so no hash would do.
    Column("secret", String, nullable=False),
    Column("events", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    Column("disabled_why", String),
    Index("webhooks_by_site", "site", "created_at", "id"),
)

outbox: Final = Table(
    "outbox",
    metadata,
    #: Never given twice, also not after the newest row was taken away.
    Column("number", Number, primary_key=True),
    Column("site", String, nullable=False),
    Column("webhook_id", String, nullable=False),
    #: The header ``webhook-id``: the same for every webhook that is told of the event, and every time it is sent.
    Column("message_id", String, nullable=False),
    Column("type", String, nullable=False),
    #: What is told about one comment is sent in order; null where it is about none.
    Column("comment_id", String),
    #: The body, byte for byte as it is signed. It never holds a text, an author or a term.
    Column("payload", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    #: Not to be sent before.
    Column("due_at", Moment, nullable=False),
    #: What the last attempt was answered, or why it was not.
    Column("status", Integer),
    Column("error", String),
    Column("created_at", Moment, nullable=False),
    #: When it was delivered or given up.
    Column("settled_at", Moment),
    ForeignKeyConstraint(["webhook_id"], ["webhooks.id"]),
    Index("outbox_by_webhook", "webhook_id", "number"),
    Index("outbox_by_state", "webhook_id", "state", "number"),
    Index("outbox_due", "webhook_id", "due_at", "number", **_PENDING),
    Index("outbox_of_comment", "webhook_id", "comment_id", "number", **_PENDING),
    Index("outbox_settled", "settled_at", **_SETTLED),
    sqlite_autoincrement=True,
)

leases: Final = Table(
    "leases",
    metadata,
    #: What only one process may do at a time, who does it, and until when nobody else begins.
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", Moment, nullable=False),
)
