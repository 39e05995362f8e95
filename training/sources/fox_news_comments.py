"""Fox News user comments: the headline, the article's description and the comment before.

The pairs are true, so off-topic is 0 by construction; threads drift, and nobody marked where. Weak spoiler 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.comment import Article
from models.record import Record
from training.sources.reading import labelled, squeezed
from training.sources.source import Source, file_in


def read(folder: Path) -> Iterator[Record]:
    for number, item in enumerate(_items(file_in(folder, "fox-news-comments.json"))):
        title = squeezed(item["title"]).removesuffix("| Fox News").strip()
        yield labelled(
            "fox_news_comments",
            number,
            squeezed(item["text"]),
            {"off_topic": 0},
            article_id=f"foxnews:{title}",
            article=Article(title, squeezed(item.get("meta") or "") or None),
            parent=squeezed(item.get("prev") or "") or None,
            kind="news",
            weak_labels={"spoiler": 0},
            meta={"hate": int(item["label"])},
        )


def _items(path: Path) -> list[dict[str, Any]]:
    """One object a line, or one list of them."""
    text = path.read_text("utf-8")
    if text.lstrip().startswith("["):
        items: list[dict[str, Any]] = json.loads(text)
        return items
    return [json.loads(line) for line in text.split("\n") if line.strip()]


SOURCE = Source(
    name="fox_news_comments",
    url="https://github.com/sjtuprog/fox-news-comments (fox-news-comments.json)",
    licence="MIT",
    permissive=True,
    citation="L. Gao, R. Huang. Detecting Online Hate Speech Using Context Aware Models. RANLP 2017.",
    files=("fox-news-comments.json",),
    notes="1,528 comments under 10 articles; about a third cannot be tied to the article by reading.",
    read=read,
)
