"""SFU Constructiveness and Toxicity Corpus: Globe and Mail comments with the article's headline.

The pairs are true, so off-topic is 0 by construction. The parent is the comment whose counter the reply's continues,
where that comment is in the file. Weak spoiler 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.comment import Article
from models.record import Record
from training.sources.reading import labelled, squeezed, table
from training.sources.source import Source, file_in

FILES = "SFU_constructiveness_toxicity_corpus.csv|SFU_constructiveness_toxicity.csv"


def read(folder: Path) -> Iterator[Record]:
    rows = list(table(file_in(folder, FILES)))
    texts = {row["comment_counter"]: squeezed(row["comment_text"]) for row in rows}
    for number, row in enumerate(rows):
        yield labelled(
            "sfu_ctc",
            number,
            squeezed(row["comment_text"]),
            {"off_topic": 0},
            article_id=f"globeandmail:{row['article_id']}",
            article=Article(squeezed(row["title"]), None),
            parent=texts.get(row["comment_counter"].rpartition("_")[0]) or None,
            kind="news",
            weak_labels={"spoiler": 0},
            meta={"constructive": row["is_constructive"].split("\n")[0]},
        )


SOURCE = Source(
    name="sfu_ctc",
    url="https://github.com/sfu-discourse-lab/Constructiveness_Toxicity_Corpus (also in SOCC, researchdata.sfu.ca)",
    licence="CC BY-NC-SA 4.0",
    permissive=False,
    citation="V. Kolhatkar, M. Taboada. Constructive language in news comments. ALW1 2017.",
    files=(FILES,),
    notes="13 opinion articles.",
    read=read,
)
