"""The tables of the queue, of reports and of reviews, as the code sees them; ``tables.py`` says what they share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKeyConstraint, Index, Integer, String, Table, Text, text

from service.review_domain import Against
from service.storage.tables import Moment, Number, metadata

_OF_COMMENT: Final = (["site", "comment_id"], ["comments.site", "comments.id"])
_FILTERED: Final = ("head", "cause", "action", "score")
_IS_CLAIMED: Final = text("claimed_by IS NOT NULL")

queue: Final = Table(
    "queue",
    metadata,
    #: A comment waits at most once. What it waits for follows from reports, appeals and reviews (``storage/queue.py``).
    Column("site", String, primary_key=True),
    Column("comment_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("cause", String, nullable=False),
    #: How it stands; while a second opinion is wanted, as the machine left it.
    Column("action", String, nullable=False),
    #: What weighs most, and the model's score of it.
    Column("head", String),
    Column("score", Float),
    Column("priority", Float, nullable=False),
    Column("uncertainty", Float, nullable=False),
    Column("reports", Integer, nullable=False),
    #: Who is not asked: whoever gave the first opinion or passed it on.
    Column("not_for", String),
    #: Since when it waits, by what is known of it: undone, a review leaves it as it was.
    Column("entered_at", Moment, nullable=False),
    Column("claimed_by", String),
    Column("claimed_until", Moment),
    ForeignKeyConstraint(*_OF_COMMENT),
    # What is filtered by stands in them too, so that what does not match is passed over without looking at its row.
    Index("queue_by_priority", "site", "priority", "comment_id", *_FILTERED),
    Index("queue_by_age", "site", "entered_at", "comment_id", *_FILTERED),
    Index("queue_by_uncertainty", "site", "uncertainty", "comment_id", *_FILTERED),
    Index("queue_by_cause", "site", "cause", "priority", "comment_id"),
    Index("queue_by_head", "site", "head", "priority", "comment_id"),
    Index("queue_by_action", "site", "action", "priority", "comment_id"),
    Index("queue_claimed", "site", "claimed_by", sqlite_where=_IS_CLAIMED, postgresql_where=_IS_CLAIMED),
)

reports: Final = Table(
    "reports",
    metadata,
    Column("number", Number, primary_key=True),
    Column("site", String, nullable=False),
    Column("comment_id", String, nullable=False),
    #: That it counts for; an edit carries it on to the next.
    Column("revision", Integer, nullable=False),
    Column("reported_revision", Integer, nullable=False),
    Column("reporter", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("note", Text),
    #: What it counts, 0 to 1, as its reporter's record was when it came.
    Column("weight", Float, nullable=False),
    Column("state", String, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("closed_at", Moment),
    #: The review that closed it, or the setting aside.
    Column("review", Number),
    Column("set_aside", Number),
    ForeignKeyConstraint(*_OF_COMMENT),
    Index("reports_once", "site", "comment_id", "revision", "reporter", "reason", unique=True),
    Index("reports_by_reporter", "site", "reporter", "received_at"),
)

reporters: Final = Table(
    "reporters",
    metadata,
    #: How often reviewers agreed with a reporter about a reason. The reporter "" stands for all of the site's.
    Column("site", String, primary_key=True),
    Column("reporter", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("agreed", Integer, nullable=False),
    Column("disagreed", Integer, nullable=False),
)

set_asides: Final = Table(
    "set_asides",
    metadata,
    Column("number", Number, primary_key=True),
    Column("site", String, nullable=False),
    Column("reporter", String, nullable=False),
    Column("reports", Integer, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("undone_by", String),
    Column("undone_at", Moment),
)

appeals: Final = Table(
    "appeals",
    metadata,
    Column("site", String, primary_key=True),
    Column("comment_id", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    #: Whose decision, the machine's or a person's: one of each.
    Column("against", String, primary_key=True, server_default=Against.MACHINE.value),
    Column("note", Text),
    Column("received_at", Moment, nullable=False),
    #: The review that answered it.
    Column("review", Number),
    ForeignKeyConstraint(*_OF_COMMENT),
)

reviews: Final = Table(
    "reviews",
    metadata,
    Column("number", Number, primary_key=True),
    Column("site", String, nullable=False),
    Column("comment_id", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reviewer", String, nullable=False),
    #: A deciding one changes how the comment stands; a checking one is a further opinion, or one on a golden comment.
    Column("role", String, nullable=False),
    Column("action", String, nullable=False),
    #: Head → 1 or 0; a head that was not answered is left out.
    Column("labels", JSON, nullable=False),
    Column("note", Text),
    Column("cause", String),
    #: policy, report, sample or audit: how the comment came before a person; and 1 / the chance that it did.
    Column("selected_by", String, nullable=False),
    Column("sampling_weight", Float, nullable=False),
    #: Head → the score that stood there; and the decision that the machine had made.
    Column("shown_scores", JSON, nullable=False),
    Column("machine_action", String, nullable=False),
    Column("policy", String, nullable=False),
    Column("bundle", String, nullable=False),
    Column("text_hash", String, nullable=False),
    #: The decision that stood before; it stands again once the review is undone.
    Column("replaced", Number),
    #: A further opinion of somebody else is wanted.
    Column("wants_second", Boolean, nullable=False),
    Column("reviewed_at", Moment, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", String),
    #: Over all that does not change.
    Column("digest", String, nullable=False),
    ForeignKeyConstraint(*_OF_COMMENT),
    Index("reviews_by_comment", "site", "comment_id", "revision", "number"),
    Index("reviews_by_reviewer", "site", "reviewer", "reviewed_at"),
)

golden: Final = Table(
    "golden",
    metadata,
    #: Comments whose right answer is known, shown among others now and then.
    Column("site", String, primary_key=True),
    Column("comment_id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("action", String, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("made_by", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    ForeignKeyConstraint(*_OF_COMMENT),
)
