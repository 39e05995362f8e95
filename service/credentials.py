"""Making and checking what proves who somebody is: keys, tokens, passwords. None is ever kept or logged as it is."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import unicodedata
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import Fault, InvalidInput

KEY: Final = re.compile(r"vk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
"""A key, for whoever looks for lost ones: the id in it is the one that ``keys list`` shows."""
PASSWORD_CHARACTERS: Final = (12, 200)
_AT_ONCE: Final = 2


def new_key() -> tuple[str, str]:
    """A key's id, and the key: 256 random bits behind a prefix that says what it is."""
    identity = secrets.token_hex(6)
    return identity, f"vk_{identity}_{secrets.token_urlsafe(32)}"


def new_token() -> str:
    """For a session or a link: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept in place of a key or token."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(token: str) -> str:
    """What a form of that session has to send along. It follows from the cookie, which no other site can read."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf_of(token: str, sent: str) -> bool:
    """Whether it was sent from a page of that session."""
    return hmac.compare_digest(csrf_of(token).encode(), sent.encode("utf-8", "surrogatepass"))


class Passwords:
    """Argon2id with 64 MiB, in threads, two at once: further ones wait, so that guessing cannot eat the memory."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        """What is kept in its place."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, _plain(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the one. With none kept, it takes as long, and it is not."""
        async with self._room:
            fits = await asyncio.to_thread(self._verify, kept, _plain(password))
        return fits and kept is not None

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(new_token())

    def _verify(self, kept: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(kept or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False


def check_password(password: str, name: str) -> None:
    """Long enough, and not the name. Raises ``InvalidInput``."""
    least, most = PASSWORD_CHARACTERS
    if not least <= len(password) <= most or "\0" in password:
        raise InvalidInput(Fault("#/password", f"a password has {least} to {most} characters"))
    if password.casefold() == name.casefold():
        raise InvalidInput(Fault("#/password", "a password is not one's name"))


def _plain(password: str) -> str:
    """However a keyboard puts its letters together, the same password."""
    return unicodedata.normalize("NFKC", password)
