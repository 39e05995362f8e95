"""How much of anything is read. Over any of these: 413."""

from __future__ import annotations

from typing import Final

TEXT_CHARACTERS: Final = 20_000
TEXT_BYTES: Final = 64 * 1024
TITLE_CHARACTERS: Final = 2_000
SHORT_CHARACTERS: Final = 500
ARTICLE_CHARACTERS: Final = 200_000
BODY_BYTES: Final = 256 * 1024
ARTICLE_BYTES: Final = 1024 * 1024
POLICY_BYTES: Final = 1024 * 1024
RULES: Final = 50
TERMS: Final = 1_000
TERM_CHARACTERS: Final = 100
EXEMPT_AUTHORS: Final = 1_000
NEW_AUTHOR_COMMENTS: Final = 100
GOLDEN_EVERY: Final = 1_000
NOTE_CHARACTERS: Final = 2_000
LABELS: Final = 20
LEASE_SECONDS: Final = 3_600
CLAIMED_AT_ONCE: Final = 20
VERSIONS: Final = 999_999_999
FORM_BYTES: Final = 1024 * 1024
ENTRANCE_BYTES: Final = 16 * 1024
PAGE_ROWS: Final = 200
NUMBER: Final = 999_999_999_999_999_999
URL_CHARACTERS: Final = 2_000
WAIT_SECONDS: Final = 30
NUMBER_DAYS: Final = 400
TRIED_COMMENTS: Final = 200_000
BATCH_BYTES: Final = 16 * 1024 * 1024
BATCH_COMMENTS: Final = 1_000
"""A line of an NDJSON stream is limited like a body of its own; the stream as a whole is not."""
