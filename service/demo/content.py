"""What the demo's files say: articles with their comments, reports, and the work at the desk. Nothing happens here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from models.heads import HEAD_NAMES
from service.demo.written import Crowd, DeskWork, PutPolicy, WrittenArticle, WrittenComment, WrittenReport
from service.domain import DEFAULT_SITE, Author, RegisteredArticle, SentComment
from service.review_domain import ReviewAction

_Kind = TypeVar("_Kind")

FOLDER: Final = Path(__file__).resolve().parent / "content"


class _Reports(Struct, forbid_unknown_fields=True):
    reports: list[WrittenReport]
    crowds: list[Crowd]


class _Policies(Struct, forbid_unknown_fields=True):
    policies: list[PutPolicy]


@dataclass(frozen=True, slots=True)
class Content:
    """All of it. Ids of articles are their files' names; those of comments, ``ferry-7``."""

    articles: Mapping[str, WrittenArticle]
    reports: Sequence[WrittenReport]
    desk: DeskWork
    policies: Sequence[PutPolicy]

    @property
    def comments(self) -> dict[str, WrittenComment]:
        """By their whole ids."""
        return {f"{name}-{one.id}": one for name, article in self.articles.items() for one in article.comments}


def read_content(folder: Path = FOLDER) -> Content:
    """Raises ``msgspec.ValidationError``, ``tomllib.TOMLDecodeError``: a file is not as it should be."""
    reported = _read(folder / "reports.toml", _Reports)
    crowded = [report for crowd in reported.crowds for report in _reports_of(crowd)]
    files = sorted((folder / "articles").glob("*.toml"))
    return Content(
        articles={file.stem: _read(file, WrittenArticle) for file in files},
        reports=[*reported.reports, *crowded],
        desk=_read(folder / "desk.toml", DeskWork),
        policies=_read(folder / "policies.toml", _Policies).policies,
    )


def article_of(name: str, article: WrittenArticle, now: datetime) -> RegisteredArticle:
    """As it is registered."""
    return RegisteredArticle(
        site=DEFAULT_SITE,
        id=name,
        title=article.title,
        body=article.body.strip(),
        kind=article.kind,
        work=article.work,
        section=article.section,
        published_at=now - timedelta(days=article.published),
    )


def comments_of(name: str, article: WrittenArticle, now: datetime) -> list[SentComment]:
    """As they are sent, in the order in which they came."""
    began = now - timedelta(days=article.published)
    count = len(article.comments)
    return [
        SentComment(
            site=DEFAULT_SITE,
            id=f"{name}-{one.id}",
            text=one.text.strip(),
            article_id=name,
            parent_id=None if one.answers is None else f"{name}-{one.answers}",
            author=Author(author_id(one.by), one.by),
            created_at=began + timedelta(hours=article.lasts) * ((place / count) ** 2),
            lang=one.lang,
        )
        for place, one in enumerate(article.comments, 1)
    ]


def labels_of(marks: Sequence[str]) -> dict[str, int]:
    """Every head answered."""
    return {head: int(head in marks) for head in HEAD_NAMES}


def action_for(marks: Sequence[str]) -> ReviewAction:
    """What follows from marks alone."""
    if "profanity" in marks:
        return ReviewAction.REJECT
    return ReviewAction.LABEL if "spoiler" in marks else ReviewAction.APPROVE


def author_id(name: str) -> str:
    """Names change, ids do not: ``Cllr Jean Potts`` → ``cllr-jean-potts``."""
    return re.sub(r"\W+", "-", name.lower()).strip("-")


def _reports_of(crowd: Crowd) -> list[WrittenReport]:
    step = crowd.minutes / 60 / crowd.count
    return [
        WrittenReport(crowd.comment, f"{crowd.prefix}{number + 1:03}", crowd.reason, crowd.hours + number * step)
        for number in range(crowd.count)
    ]


def _read(file: Path, kind: type[_Kind]) -> _Kind:
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), kind)
