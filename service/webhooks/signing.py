"""Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

_PREFIX: Final = "whsec_"


def new_secret() -> str:
    """32 random bytes, as receivers are told them."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(secret: str, message_id: str, at: datetime, body: str) -> dict[str, str]:
    """The headers that let the receiver verify this attempt."""
    time = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.digest(key, f"{message_id}.{time}.{body}".encode(), hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": time, "webhook-signature": signature}
