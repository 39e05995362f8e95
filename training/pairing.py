"""Off-topic is a question about a pair: true pairs from the sets, and the same comments under other articles.

Of the other articles about half are drawn at random, a third are among the five most similar, the rest share a
capitalised word; never the same article, so never the same thread.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from models.comment import Article, Comment
from models.record import Record
from training.data import Corpus
from training.examples import Example
from training.sources import SOURCES

#: Sets of true pairs, with the weight of one example.
TRUE_PAIRS = {
    "ukp_roomfordebate": 1.0, "fox_news_comments": 1.0, "sfu_ctc": 1.5, "polis_opendata": 0.5,
    "newsgroups20_threads": 0.25, "wiki_talk_cat": 0.15,
}  # fmt: skip
#: Sets where people, or an uploader's moderation, said what is off topic.
JUDGED = {"semeval_cqa": 1.0, "youtube_spam": 1.0}
NEAREST = 5
PUBLIC = {source.name for source in SOURCES}
_CAPITALISED = re.compile(r"\b[A-Z][a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a comment could have been written: an article with, perhaps, a parent."""

    key: str
    article: Article | None
    parent: str | None


def pair_examples(corpus: Corpus, *, seed: int) -> list[Example]:
    """All examples of the off-topic head, in a fixed order."""
    examples: list[Example] = []
    own = {name: 1.0 for name in sorted(corpus.sets) if name not in PUBLIC}
    for name, weight in (JUDGED | own).items():
        examples += [
            _example(record, place_of(record), int(label), weight, name)
            for record in corpus.sets.get(name, [])
            if (label := record.labels.get("off_topic")) is not None and record.split != "final"
        ]
    for name, weight in TRUE_PAIRS.items():
        examples += made_pairs(name, corpus.sets.get(name, []), weight, random.Random(f"{seed}:{name}"))
    return examples


def made_pairs(name: str, records: Sequence[Record], weight: float, draw: random.Random) -> Iterator[Example]:
    """Each true pair, and its comment in another place of the same set and the same part."""
    pairs = [record for record in records if record.labels.get("off_topic") == 0]
    for held_out in (False, True):
        part = [record for record in pairs if (record.split != "train") == held_out]
        others = _Others(part, draw)
        for record in part:
            place = place_of(record)
            yield _example(record, place, 0, weight, name)
            other = others.draw(record)
            if other is not None:
                yield _example(record, other, 1, weight, name)


class _Others:
    """Draws a place of another article for a record."""

    def __init__(self, records: Sequence[Record], draw: random.Random) -> None:
        self._draw = draw
        self._places: dict[str, list[Place]] = defaultdict(list)
        for record in records:
            place = place_of(record)
            self._places[place.key].append(place)
        self._keys = sorted(self._places)
        self._near = _nearest([_words(self._places[key][0]) for key in self._keys])
        self._index = {key: i for i, key in enumerate(self._keys)}
        self._named: dict[str, list[str]] = defaultdict(list)
        for key in self._keys:
            for word in set(_CAPITALISED.findall(_words(self._places[key][0]))):
                self._named[word].append(key)

    def draw(self, record: Record) -> Place | None:
        own = place_of(record).key
        if len(self._keys) < 2:
            return None
        kind = self._draw.random()
        candidates: Sequence[str] = ()
        if kind < 0.33:
            candidates = [self._keys[j] for j in self._near[self._index[own]]]
        elif kind < 0.5:
            names = _CAPITALISED.findall(record.text)
            candidates = self._named.get(self._draw.choice(names), ()) if names else ()
        candidates = [key for key in candidates if key != own] or [key for key in self._sample() if key != own]
        return self._draw.choice(self._places[self._draw.choice(candidates)])

    def _sample(self) -> list[str]:
        return [self._draw.choice(self._keys) for _ in range(8)] + self._keys[:2]


def _nearest(texts: Sequence[str]) -> list[list[int]]:
    """For each text the indices of the most similar others by TF-IDF."""
    if len(texts) < 2:
        return [[] for _ in texts]
    matrix = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    near: list[list[int]] = []
    for start in range(0, len(texts), 500):
        similar = (matrix[start : start + 500] @ matrix.T).toarray()
        similar[np.arange(len(similar)), start + np.arange(len(similar))] = -1
        near += np.argsort(-similar, axis=1, kind="stable")[:, :NEAREST].tolist()
    return near


def nearest_places(places: Mapping[str, Place]) -> dict[str, list[str]]:
    """For each place the keys of the most similar others."""
    keys = sorted(places)
    near = _nearest([_words(places[key]) for key in keys])
    return {key: [keys[j] for j in row if j != i] for i, (key, row) in enumerate(zip(keys, near, strict=True))}


def _words(place: Place) -> str:
    article = place.article
    return f"{article.title or ''} {article.body or ''}" if article else place.parent or "none"


def place_of(record: Record) -> Place:
    """Where a record's comment was written."""
    key = record.article_id or record.parent or record.id
    return Place(key, record.article, record.parent)


def _example(record: Record, place: Place, label: int, weight: float, name: str) -> Example:
    return Example(
        Comment(record.text, place.article, place.parent),
        label,
        weight * record.weight,
        name,
        record.article_id or record.parent or record.text,
        held_out=record.split != "train",
    )
