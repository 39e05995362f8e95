"""Labels that people gave, as labelled comments: what training learns from."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from models.comment import Article
from models.heads import HEAD_NAMES
from models.record import Record, to_row
from service.storage.history_store import HistoryStore
from service.storage.labelling import Labelled

_AT_ONCE: Final = 200


class Labels:
    """Reads them out."""

    def __init__(self, history: HistoryStore) -> None:
        self._history = history

    async def rows(self, site: str, since: datetime | None = None) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """A row for every review that stands and holds labels, some at a time, the first one first; none that was made
        before ``since``. Raises ``StoreUnavailable``."""
        key = await self._history.pseudonym_key()
        after: int | None = 0
        while after is not None:
            page, after = await self._history.labelled(site, since, after, _AT_ONCE)
            yield [to_row(_record(one, key)) for one in page]


def file_of(folder: Path, site: str) -> Path:
    """Where a site's labels are put, unless told otherwise."""
    return folder / f"site-{site}.jsonl"


def _record(one: Labelled, key: bytes) -> Record:
    review, opinion = one.review, one.review.opinion
    article = one.article
    words = None if article is None else Article(article.title, article.body, article.kind)
    return Record(
        id=f"{opinion.site}:{opinion.comment_id}@{opinion.revision}#{review.number}",
        text=one.text,
        labels={head: opinion.labels.get(head) for head in HEAD_NAMES},
        lang=one.lang,
        article_id=None if one.article_id is None else f"{opinion.site}:{one.article_id}",
        work=None if article is None else article.work,
        kind=None if article is None else article.kind,
        article=words,
        parent=one.parent,
        label_source="gold",
        provenance=_provenance(one, key),
        meta={"site": opinion.site, "comment": opinion.comment_id}
        | ({"parent": one.parent_id} if one.parent_id else {}),
    )


def _provenance(one: Labelled, key: bytes) -> dict[str, Any]:
    """How it came before a person, and what stood there when they judged it."""
    review, opinion = one.review, one.review.opinion
    shown = [review.shown_scores[head] for head in opinion.labels if head in review.shown_scores]
    return {
        "source": "review",
        "by": _pseudonym(key, opinion.site, opinion.reviewer),
        "at": review.reviewed_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "shown_score": max(shown, default=None),
        "shown_scores": dict(review.shown_scores),
        "action": opinion.action.value,
        "selected_by": review.selected_by.value,
        "sampling_weight": review.sampling_weight,
    }


def _pseudonym(key: bytes, site: str, reviewer: str) -> str:
    """The same for the same person in every export of this store, and no way back without the store."""
    return hmac.new(key, f"{site}\0{reviewer}".encode(), hashlib.sha256).hexdigest()[:16]
