"""What numbers, exports of the audit and what-if look things up by, and what keeps reviewers' names out of exports."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_AUDIT_BY = {"site": ["site", "number"], "actor": ["site", "actor", "number"], "action": ["site", "action", "number"]}


def upgrade() -> None:
    """From webhooks."""
    op.create_index("decisions_by_time", "decisions", ["site", "decided_at", "number", "action"])
    for name, columns in _AUDIT_BY.items():
        op.create_index(f"audit_by_{name}", "audit", columns)
    made = op.create_table(
        "secrets",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
    op.bulk_insert(made, [{"name": "pseudonyms", "value": secrets.token_hex(32)}])
