"""An appeal against what a person decided, beside the one against the machine. What is about erased texts is closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_COLUMNS = "site, comment_id, revision, note, received_at, review"
_OF_ERASED = """
UPDATE reports SET state = 'erased', set_aside = NULL
WHERE state IN ('open', 'set_aside') AND EXISTS (
    SELECT 1 FROM comments c WHERE c.site = reports.site AND c.id = reports.comment_id AND c.erased_at IS NOT NULL
)
"""
#: What waits for a second opinion no longer tells the first.
_BLIND = """
UPDATE queue SET action = (
    SELECT r.machine_action FROM reviews r
    WHERE r.site = queue.site AND r.comment_id = queue.comment_id AND r.revision = queue.revision
        AND r.role = 'deciding' AND r.action <> 'escalate' AND r.undone_at IS NULL
    ORDER BY r.number DESC LIMIT 1
)
WHERE cause = 'second'
"""


def upgrade() -> None:
    """From numbers. Older code goes on with one appeal for each text."""
    op.rename_table("appeals", "appeals_before")
    op.create_table(
        "appeals",
        sa.Column("site", sa.String, primary_key=True),
        sa.Column("comment_id", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("against", sa.String, primary_key=True, server_default="machine"),
        sa.Column("note", sa.Text),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("review", sa.BigInteger().with_variant(sa.Integer, "sqlite")),
        sa.ForeignKeyConstraint(["site", "comment_id"], ["comments.site", "comments.id"]),
    )
    op.execute(f"INSERT INTO appeals ({_COLUMNS}) SELECT {_COLUMNS} FROM appeals_before")
    op.drop_table("appeals_before")
    op.execute(_OF_ERASED)
    op.execute(_BLIND)
