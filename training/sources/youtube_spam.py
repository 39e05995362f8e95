"""YouTube Spam Collection: comments under music videos, spam or not, marked by hand.

Spam is promotion that has nothing to do with the video: off-topic 1. The files name the videos by id only; their titles
stand here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from models.comment import Article
from models.record import Record
from training.sources.reading import labelled, squeezed, table, without_repeats
from training.sources.source import Source, matching

TITLES = {
    "9bZkp7q19f0": "PSY - GANGNAM STYLE (music video)",
    "CevxZvSJLk8": "Katy Perry - Roar (Official)",
    "KQ6zr6kCPj8": "LMFAO - Party Rock Anthem ft. Lauren Bennett, GoonRock",
    "uelHwf8o7_U": "Eminem - Love The Way You Lie ft. Rihanna",
    "pRpeEdMmmQ0": "Shakira - Waka Waka (This Time for Africa)",
}
FILES = "[0-9][0-9]-*.csv"
_TAG = re.compile(r"<[^<>]*>")


def read(folder: Path) -> Iterator[Record]:
    for path in matching(folder, FILES):
        yield from without_repeats(_comments(path))


def _comments(path: Path) -> Iterator[Record]:
    video = path.stem.split("-", 1)[1]
    for number, row in enumerate(table(path)):
        text = squeezed(_TAG.sub(" ", squeezed(row["CONTENT"])))
        yield labelled(
            "youtube_spam",
            f"{path.stem}-{number}",
            text,
            {"off_topic": int(row["CLASS"])},
            article_id=f"youtube:{video}",
            article=Article(TITLES.get(video), None),
            kind="video",
        )


SOURCE = Source(
    name="youtube_spam",
    url="https://archive.ics.uci.edu/dataset/380/youtube+spam+collection "
    "(files as in https://github.com/tuliocasagrande/youtube-spam-experiment, data_csv)",
    licence="CC BY 4.0",
    permissive=True,
    citation="T. C. Alberto, J. V. Lochter, T. A. Almeida. TubeSpam: Comment Spam Filtering on YouTube. ICMLA 2015.",
    files=(FILES,),
    notes="Advertising is one corner of off-topic; it is no topical drift.",
    read=read,
)
