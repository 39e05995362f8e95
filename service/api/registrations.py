"""What was sent to be stored → what the rest of the service sees. Checks what a schema cannot say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from msgspec.json import Decoder

from service.api.body import Path, decode, decode_value
from service.api.schemas import RegisteredArticleIn, StoredCommentIn
from service.api.submissions import check_bytes, check_text, check_words, fault_at
from service.domain import Author, RegisteredArticle, SentComment

_COMMENT: Final = Decoder(StoredCommentIn)
_ARTICLE: Final = Decoder(RegisteredArticleIn)
_ARTICLE_WORDS: Final = ("title", "body", "url", "kind", "work", "section")


def read_stored_comment(raw: bytes) -> StoredCommentIn:
    """Raises ``InvalidInput``."""
    asked = decode(_COMMENT, raw)
    check_text(asked.text, ("text",))
    if asked.author is not None:
        check_words(asked.author.name, ("author", "name"))
    return asked


def sent_comment(asked: StoredCommentIn, site: str, identity: str) -> SentComment:
    """Raises ``InvalidInput``."""
    if asked.parent_id == identity:
        raise fault_at(("parent_id",), "a comment does not answer itself")
    return SentComment(
        site=site,
        id=identity,
        text=asked.text,
        article_id=asked.article_id,
        parent_id=asked.parent_id,
        author=None if asked.author is None else Author(asked.author.id, asked.author.name),
        created_at=_utc(asked.created_at, ("created_at",)),
        revised_at=_utc(asked.revised_at, ("revised_at",)),
        lang=asked.lang,
    )


def read_article(raw: bytes, site: str, identity: str) -> RegisteredArticle:
    """Raises ``InvalidInput``."""
    return article(decode(_ARTICLE, raw), site, identity)


def article_from(fields: object, site: str, identity: str) -> RegisteredArticle:
    """From a row of a file. Raises ``InvalidInput``."""
    return article(decode_value(fields, RegisteredArticleIn, ()), site, identity)


def article(asked: RegisteredArticleIn, site: str, identity: str) -> RegisteredArticle:
    """Raises ``InvalidInput``."""
    for name in _ARTICLE_WORDS:
        check_words(getattr(asked, name), (name,))
    check_bytes(asked.url, ("url",))
    if not (asked.title and asked.title.strip()) and not (asked.body and asked.body.strip()):
        raise fault_at((), "an article needs a title or a body")
    words = {name: getattr(asked, name) for name in _ARTICLE_WORDS}
    return RegisteredArticle(site, identity, **words, published_at=_utc(asked.published_at, ("published_at",)))


def _utc(time: datetime | None, within: Path) -> datetime | None:
    try:
        return time and time.astimezone(UTC)
    except OverflowError:
        raise fault_at(within, "before the year 1 or after 9999 in UTC") from None
