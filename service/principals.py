"""Who calls, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a key or a person may do."""

    SCORE = "score"
    SUBMIT = "submit"
    REVIEW = "review"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """A key, a person who is signed in, or in open mode whoever sits at this machine."""

    #: As the audit has it: ``key:ID``, ``reviewer:NAME`` or ``open``.
    name: str
    scopes: frozenset[Scope] = frozenset(Scope)
    #: The one site it belongs to; null for any.
    site: str | None = None
    is_person: bool = False
    #: How many calls a minute are answered; null for any number.
    per_minute: int | None = None


NOBODY: Final = Principal("nobody", frozenset())
"""Whoever uses what is for anybody."""
OPEN: Final = Principal("open")
#: In open mode while nobody can say whether there are keys by now: what needs no store, and no more.
OPEN_UNSURE: Final = Principal("open", frozenset({Scope.SCORE}))
COMMAND: Final = "command"
"""The audit's name for whoever runs ``python -m service …`` on the machine itself."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: everything but the key itself."""

    id: str
    name: str
    #: SHA-256 of the whole key. It has 256 random bits, so there is nothing to try.
    digest: str
    scopes: frozenset[Scope]
    site: str | None
    per_minute: int | None
    made_at: datetime
    #: To the hour.
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Role(StrEnum):
    """What a person does here."""

    REVIEWER = "reviewer"
    ADMIN = "admin"


SCOPES_OF: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.REVIEWER: frozenset({Scope.REVIEW, Scope.SCORE}),
    Role.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in, once there is a password."""

    name: str
    role: Role
    site: str | None
    made_at: datetime
    #: As argon2 writes it, with salt and costs; null until one is set by a link.
    password: str | None = None
    disabled_at: datetime | None = None

    @property
    def principal(self) -> Principal:
        """Who it is that is signed in."""
        return Principal(f"reviewer:{self.name}", SCOPES_OF[self.role], self.site, is_person=True)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in. Kept by the digest of the token in the browser's cookie."""

    digest: str
    account: str
    made_at: datetime
    #: To the minute.
    seen_at: datetime
