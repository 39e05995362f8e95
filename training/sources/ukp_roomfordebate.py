"""Room for Debate (New York Times): reader comments that take a stance on the debate's question, as people found.

So they are on topic by human reading. The title and the question stand for the article. Weak spoiler 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from models.comment import Article
from models.record import Record
from training.sources.reading import labelled, squeezed, table
from training.sources.source import Source, file_in

FILE = "exported-3365-stance-taking-arguments.tsv"


def read(folder: Path) -> Iterator[Record]:
    for row in table(file_in(folder, FILE), delimiter="\t"):
        path = urlsplit(row["url"]).path
        yield labelled(
            "ukp_roomfordebate",
            row["id"],
            squeezed(row["text"]),
            {"off_topic": 0},
            article_id=f"nyt-rfd:{path}",
            article=Article(squeezed(row["title"]), squeezed(row["description"]) or None),
            kind="news",
            weak_labels={"spoiler": 0},
            meta={
                "timestamp": row["timestamp"],
                "section": path.removeprefix("/roomfordebate/").partition("/")[0],
                "stance": row["annotatedStance"],
                "sarcastic": row["annotatedSarcastic"],
            },
        )


SOURCE = Source(
    name="ukp_roomfordebate",
    url="https://github.com/UKPLab/argument-reasoning-comprehension-task (mturk/annotation-task/data)",
    licence="Data Apache-2.0; comments © their authors",
    permissive=False,
    citation="I. Habernal, H. Wachsmuth, I. Gurevych, B. Stein. The Argument Reasoning Comprehension Task. NAACL 2018.",
    files=(FILE,),
    notes="Long comments under close debates.",
    read=read,
)
