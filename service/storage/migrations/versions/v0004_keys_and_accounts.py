"""Keys, accounts, one-time links and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From reviews."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False, unique=True),
        sa.Column("scopes", sa.String, nullable=False),
        sa.Column("site", sa.String),
        sa.Column("per_minute", sa.Integer),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in ("used_at", "revoked_at")),
    )
    op.create_table(
        "accounts",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("site", sa.String),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("disabled_at", sa.BigInteger),
    )
    op.create_table(
        "links",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("account", sa.String, sa.ForeignKey("accounts.name")),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("account", sa.String, sa.ForeignKey("accounts.name"), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("made_at", "seen_at")),
    )
    op.create_index("sessions_by_account", "sessions", ["account"])
