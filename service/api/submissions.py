"""What was sent → what the rest of the service sees. Checks what a schema cannot say."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from msgspec.json import Decoder
from starlette.requests import Request

from models.comment import Article, Comment
from models.heads import HEAD_NAMES
from service.api import limits
from service.api.body import JSON, Path, content_type, decode, pointer, read
from service.api.callers import site_for
from service.api.schemas import ArticleIn, BatchIn, CommentIn, ContextIn, MaskIn, NothingIn
from service.domain import Submission
from service.errors import Fault, InputTooLarge, InvalidInput, OtherSite, ServiceError
from service.principals import Principal

COMMENT: Final = Decoder(CommentIn)
BATCH: Final = Decoder(BatchIn)
MASK: Final = Decoder(MaskIn)
NOTHING: Final = Decoder(NothingIn)


class _Surroundings(NamedTuple):
    """What a comment was written under, as far as its sender says."""

    article: Article = Article()
    article_id: str | None = None
    parent: str | None = None


_NOWHERE: Final = _Surroundings()


def read_comment(raw: bytes, principal: Principal, shared: _Surroundings = _NOWHERE, within: Path = ()) -> Submission:
    """One comment; of what is ``shared`` it takes what its own context does not name.

    Raises:
        InvalidInput: something is wrong with it.
        OtherSite: it names a site that is not the caller's.
    """
    asked = decode(COMMENT, raw, within)
    check_text(asked.text, (*within, "text"))
    if asked.heads is not None:
        _check_heads(asked.heads, (*within, "heads"))
    around = shared if asked.context is None else _surroundings(asked.context, shared, (*within, "context"))
    return Submission(
        comment=Comment(asked.text, around.article, around.parent),
        article_id=around.article_id,
        heads=HEAD_NAMES if asked.heads is None else tuple(dict.fromkeys(asked.heads)),
        explain=asked.explain,
        lang=asked.lang,
        site=site_for(principal, asked.site),
    )


def read_batch(raw: bytes, principal: Principal) -> Sequence[Submission | ServiceError]:
    """Each comment or what is wrong with it, in order. Raises ``InvalidInput`` if it is the whole that is wrong."""
    batch = decode(BATCH, raw)
    # Made once: comments under the same article share it.
    shared = _NOWHERE if batch.context is None else _surroundings(batch.context, _NOWHERE, ("context",))
    return [_or_error(part, principal, shared, index) for index, part in enumerate(batch.comments)]


async def read_nothing(request: Request) -> None:
    """Only JSON, so that no web page's form gets this far; and nothing in it. Raises ``InvalidInput``."""
    content_type(request, JSON)
    if raw := await read(request, limits.BODY_BYTES):
        decode(NOTHING, raw)


def read_mask(raw: bytes) -> MaskIn:
    """Raises ``InvalidInput``."""
    asked = decode(MASK, raw)
    check_text(asked.text, ("text",))
    # Controls, marks that sit on the character before them, and separators cover nothing.
    if len(asked.mask) != 1 or unicodedata.category(asked.mask)[0] in "CMZ":
        raise fault_at(("with",), "not one visible character")
    return asked


def _or_error(raw: bytes, principal: Principal, shared: _Surroundings, index: int) -> Submission | ServiceError:
    try:
        return read_comment(raw, principal, shared, ("comments", index))
    except (InvalidInput, OtherSite) as error:
        return error


def _surroundings(own: ContextIn, shared: _Surroundings, within: Path) -> _Surroundings:
    """A context checked, and what it does not name taken from the shared one. Raises ``InvalidInput``."""
    if own.parent is not None:
        check_words(own.parent, (*within, "parent"))
        check_bytes(own.parent, (*within, "parent"))
    if own.kind is not None:
        check_words(own.kind, (*within, "kind"))
    kind, parent = own.kind or shared.article.kind, own.parent or shared.parent
    if own.article is not None:
        _check_article(own.article, (*within, "article"))
        return _Surroundings(Article(own.article.title, own.article.body, kind), own.article.id, parent)
    article = shared.article if kind == shared.article.kind else replace(shared.article, kind=kind)
    return _Surroundings(article, shared.article_id, parent)


def _check_article(article: ArticleIn, within: Path) -> None:
    check_words(article.title, (*within, "title"))
    check_words(article.body, (*within, "body"))
    if article.id is not None and (article.title is not None or article.body is not None):
        raise fault_at(within, "give either the article's id or its title and body")


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


def _check_heads(heads: Sequence[str], within: Path) -> None:
    for position, head in enumerate(heads):
        if head not in HEAD_NAMES:
            raise fault_at((*within, position), f"no such head; there are: {', '.join(HEAD_NAMES)}")


def fault_at(path: Path, detail: str) -> InvalidInput:
    """What to raise for something wrong there."""
    return InvalidInput(Fault(pointer(path), detail))
