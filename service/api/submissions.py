"""What was sent → what the rest of the service sees. Checks what a schema cannot say."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from msgspec.json import Decoder

from models.comment import Article, Comment
from models.heads import HEAD_NAMES
from service.api import limits
from service.api.body import Path, decode, pointer
from service.api.schemas import ArticleIn, BatchIn, CommentIn, ContextIn, MaskIn
from service.domain import Submission
from service.errors import Fault, InputTooLarge, InvalidInput

COMMENT: Final = Decoder(CommentIn)
BATCH: Final = Decoder(BatchIn)
MASK: Final = Decoder(MaskIn)

_NO_ARTICLE: Final = ArticleIn()
_NO_CONTEXT: Final = ContextIn()


def read_comment(raw: bytes, shared: ContextIn | None = None, within: Path = ()) -> Submission:
    """One comment; of the ``shared`` context it takes what its own does not name. Raises ``InvalidInput``."""
    asked = decode(COMMENT, raw, within)
    check_text(asked.text, (*within, "text"))
    _check_heads(asked.heads, (*within, "heads"))
    _check_context(asked.context, (*within, "context"))
    own, shared = asked.context or _NO_CONTEXT, shared or _NO_CONTEXT
    article = own.article or shared.article or _NO_ARTICLE
    words = Article(article.title, article.body, own.kind or shared.kind)
    return Submission(
        comment=Comment(asked.text, words, own.parent or shared.parent),
        article_id=article.id,
        heads=tuple(dict.fromkeys(asked.heads)) if asked.heads else HEAD_NAMES,
        explain=asked.explain,
        lang=asked.lang,
        site=asked.site,
    )


def read_batch(raw: bytes) -> Sequence[Submission | InvalidInput]:
    """Each comment or what is wrong with it, in order. Raises ``InvalidInput`` if it is the whole that is wrong."""
    batch = decode(BATCH, raw)
    _check_context(batch.context, ("context",))
    return [_or_error(part, batch, index) for index, part in enumerate(batch.comments)]


def read_mask(raw: bytes) -> MaskIn:
    """Raises ``InvalidInput``."""
    asked = decode(MASK, raw)
    check_text(asked.text, ("text",))
    # Controls, marks that sit on the character before them, and separators cover nothing.
    if len(asked.mask) != 1 or unicodedata.category(asked.mask)[0] in "CMZ":
        raise fault_at(("with",), "not one visible character")
    return asked


def _or_error(raw: bytes, batch: BatchIn, index: int) -> Submission | InvalidInput:
    try:
        return read_comment(raw, batch.context, ("comments", index))
    except InvalidInput as error:
        return error


def _check_context(context: ContextIn | None, within: Path) -> None:
    if context is None:
        return
    check_words(context.parent, (*within, "parent"))
    check_bytes(context.parent, (*within, "parent"))
    check_words(context.kind, (*within, "kind"))
    if (article := context.article) is None:
        return
    check_words(article.title, (*within, "article", "title"))
    check_words(article.body, (*within, "article", "body"))
    if article.id is not None and (article.title is not None or article.body is not None):
        raise fault_at((*within, "article"), "give either the article's id or its title and body")


def check_text(text: str, within: Path) -> None:
    """A comment's text: something to read, and not too much. Raises ``InvalidInput``."""
    if not text or text.isspace():
        raise fault_at(within, "blank")
    check_words(text, within)
    check_bytes(text, within)


def check_words(words: str | None, within: Path) -> None:
    """Nothing in it that is no text. Raises ``InvalidInput``."""
    # Databases and C libraries stop reading at a NUL, so it would hide what follows. Decoding makes one of what is no
    # character at all.
    if words is not None and "\0" in words:
        raise fault_at(within, "NUL and lone surrogates are not text")


def check_bytes(text: str | None, within: Path) -> None:
    """Not too much in UTF-8. Raises ``InputTooLarge``."""
    # No character takes more than four bytes, so most texts need no counting.
    if text is not None and 4 * len(text) > limits.TEXT_BYTES < len(text.encode()):
        raise InputTooLarge(Fault(pointer(within), f"at most {limits.TEXT_BYTES} bytes in UTF-8"))


def _check_heads(heads: Sequence[str] | None, within: Path) -> None:
    for position, head in enumerate(heads or ()):
        if head not in HEAD_NAMES:
            raise fault_at((*within, position), f"no such head; there are: {', '.join(HEAD_NAMES)}")


def fault_at(path: Path, detail: str) -> InvalidInput:
    """What to raise for something wrong there."""
    return InvalidInput(Fault(pointer(path), detail))
