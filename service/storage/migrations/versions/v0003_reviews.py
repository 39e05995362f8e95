"""The queue, readers' reports, appeals, reviews, and comments whose right answer is known."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_FILTERED = ("head", "cause", "action", "score")
_QUEUE_ORDERS = {
    "priority": ["site", "priority", "comment_id", *_FILTERED],
    "age": ["site", "entered_at", "comment_id", *_FILTERED],
    "uncertainty": ["site", "uncertainty", "comment_id", *_FILTERED],
    "cause": ["site", "cause", "priority", "comment_id"],
    "head": ["site", "head", "priority", "comment_id"],
    "action": ["site", "action", "priority", "comment_id"],
}


#: What was held or labelled before there was a queue waits now, by what scored highest; off-topic decided nothing.
_HELD_BEFORE = """
INSERT INTO queue
    (site, comment_id, revision, cause, action, head, score, priority, uncertainty, reports, entered_at)
SELECT site, id, revision, cause, action, head, score,
    COALESCE(score, 0) * urgency, 1 - ABS(2 * COALESCE(score, 0) - 1), 0, changed_at
FROM (
    SELECT c.site, c.id, c.revision, c.changed_at, s.head, s.score,
        CASE c.state WHEN 'held' THEN 'hold' ELSE 'label' END AS cause,
        CASE c.state WHEN 'held' THEN 'hold' ELSE 'label' END AS action,
        CASE c.state WHEN 'held' THEN 0.8 ELSE 0.5 END AS urgency,
        ROW_NUMBER() OVER (PARTITION BY c.site, c.id ORDER BY COALESCE(s.score, 0) DESC, s.head) AS place
    FROM comments c
    LEFT JOIN scores s
        ON s.site = c.site AND s.comment_id = c.id AND s.revision = c.revision AND s.head <> 'off_topic'
    WHERE c.state IN ('held', 'labelled')
) AS found
WHERE place = 1
"""


def upgrade() -> None:
    """From policies."""
    _queue()
    _reports()
    _reviews()
    op.execute(_HELD_BEFORE)


def _queue() -> None:
    op.create_table(
        "queue",
        *_key("site", "comment_id"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_words("cause", "action"),
        sa.Column("head", sa.String),
        sa.Column("score", sa.Float),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("priority", "uncertainty")),
        sa.Column("reports", sa.Integer, nullable=False),
        sa.Column("not_for", sa.String),
        sa.Column("entered_at", sa.BigInteger, nullable=False),
        sa.Column("claimed_by", sa.String),
        sa.Column("claimed_until", sa.BigInteger),
        _of_comment(),
    )
    for name, columns in _QUEUE_ORDERS.items():
        op.create_index(f"queue_by_{name}", "queue", columns)
    claimed = sa.text("claimed_by IS NOT NULL")
    op.create_index("queue_claimed", "queue", ["site", "claimed_by"], sqlite_where=claimed, postgresql_where=claimed)


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("number", _NUMBER, primary_key=True),
        *_words("site", "comment_id"),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("revision", "reported_revision")),
        *_words("reporter", "reason"),
        sa.Column("note", sa.Text),
        sa.Column("weight", sa.Float, nullable=False),
        *_words("state"),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("review", _NUMBER),
        sa.Column("set_aside", _NUMBER),
        _of_comment(),
    )
    once = ["site", "comment_id", "revision", "reporter", "reason"]
    op.create_index("reports_once", "reports", once, unique=True)
    op.create_index("reports_by_reporter", "reports", ["site", "reporter", "received_at"])
    op.create_table(
        "reporters",
        *_key("site", "reporter", "reason"),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("agreed", "disagreed")),
    )
    op.create_table(
        "set_asides",
        sa.Column("number", _NUMBER, primary_key=True),
        *_words("site", "reporter"),
        sa.Column("reports", sa.Integer, nullable=False),
        *_words("made_by"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("undone_by", sa.String),
        sa.Column("undone_at", sa.BigInteger),
    )


def _reviews() -> None:
    op.create_table(
        "appeals",
        *_key("site", "comment_id"),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("note", sa.Text),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("review", _NUMBER),
        _of_comment(),
    )
    op.create_table(
        "reviews",
        sa.Column("number", _NUMBER, primary_key=True),
        *_words("site", "comment_id"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_words("reviewer", "role", "action"),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("cause", sa.String),
        *_words("selected_by"),
        sa.Column("sampling_weight", sa.Float, nullable=False),
        sa.Column("shown_scores", sa.JSON, nullable=False),
        *_words("machine_action", "policy", "bundle", "text_hash"),
        sa.Column("replaced", _NUMBER),
        sa.Column("wants_second", sa.Boolean, nullable=False),
        sa.Column("reviewed_at", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger),
        sa.Column("undone_by", sa.String),
        *_words("digest"),
        _of_comment(),
    )
    op.create_index("reviews_by_comment", "reviews", ["site", "comment_id", "revision", "number"])
    op.create_index("reviews_by_reviewer", "reviews", ["site", "reviewer", "reviewed_at"])
    op.create_table(
        "golden",
        *_key("site", "comment_id"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_words("action"),
        sa.Column("labels", sa.JSON, nullable=False),
        *_words("made_by"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        _of_comment(),
    )


def _key(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String, primary_key=True) for name in names]


def _words(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _of_comment() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site", "comment_id"], ["comments.site", "comments.id"])
