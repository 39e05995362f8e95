"""The tables of keys, accounts and sessions, as the code sees them; ``tables.py`` says what they share.

Nothing in them lets anybody in: keys, tokens and links are kept as SHA-256 of 256 random bits, passwords as argon2.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from service.storage.tables import Moment, metadata

keys: Final = Table(
    "keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("digest", String, nullable=False, unique=True),
    #: By name, with spaces between them.
    Column("scopes", String, nullable=False),
    Column("site", String),
    Column("per_minute", Integer),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("name", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("site", String),
    Column("made_at", Moment, nullable=False),
    Column("password", String),
    Column("disabled_at", Moment),
)

links: Final = Table(
    "links",
    metadata,
    Column("digest", String, primary_key=True),
    #: Whose password it sets; null makes the first account of all.
    Column("account", String, ForeignKey("accounts.name")),
    Column("expires_at", Moment, nullable=False),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("digest", String, primary_key=True),
    Column("account", String, ForeignKey("accounts.name"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("sessions_by_account", "account"),
)
