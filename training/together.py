"""Texts that belong together: a comment and its article or parent, and two parts of one text."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.record import Record
from training.data import Corpus
from training.examples import fold_of
from training.pairing import place_of

#: How often pairs of a set are asked for, beside each other.
PAIR_SHARES = {
    "ukp_roomfordebate": 3.0, "newsgroups20_threads": 2.0, "wiki_talk_cat": 2.0, "semeval_cqa": 2.0,
    "fox_news_comments": 1.0, "sfu_ctc": 1.0, "polis_opendata": 1.0,
}  # fmt: skip
#: Sets whose longer texts are cut in two.
PART_SETS = (
    "civil_toxic_spans", "c3_toxicity", "ucc_val", "jigsaw_test_balanced_12k", "wiki_talk_cat", "newsgroups20_threads",
    "ukp_roomfordebate", "semeval_cqa", "fox_news_comments", "sfu_ctc", "tvtropes_spoilers", "wiki_film_plots_weak",
)  # fmt: skip
#: Texts with fewer words say too little of what they are about.
_FEWEST_WORDS = 4
_SHORTEST_CUT = 150
_LONGEST = 1500
_SENTENCES = re.compile(r"(?<=[.!?])\s+")


class Pair(NamedTuple):
    """Two texts."""

    left: str
    right: str
    #: Pairs of one group share an article or a parent, so they are no strangers to each other.
    group: str
    #: What is drawn together: a set's pairs, or the parts of a set's texts.
    source: str
    #: The group of the off-topic head's example that the pair's record makes.
    example: str


@dataclass(frozen=True)
class Together:
    """Pairs, as indices into ``texts``; the other arrays have the shape (pairs,) too."""

    texts: list[str]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    group: NDArray[np.int64]
    source: NDArray[np.str_]


def together(corpus: Corpus, *, seed: int) -> list[Pair]:
    """All pairs of the records that teach, in a fixed order."""
    found: list[Pair] = []
    for name in PAIR_SHARES:
        records = [r for r in corpus.sets.get(name, []) if r.split == "train" and r.labels.get("off_topic") == 0]
        found += (pair for record in records for pair in _pairs(name, record))
    draw = random.Random(f"{seed}:together")
    for name in PART_SETS:
        found += _parts(name, corpus.sets.get(name, []), draw)
    return found


def without_fold(pairs: Sequence[Pair], fold: int, folds: int) -> list[Pair]:
    """Those whose examples lie in other folds."""
    lies_in = {example: fold_of(example, folds) for example in {pair.example for pair in pairs}}
    return [pair for pair in pairs if lies_in[pair.example] != fold]


def indexed(pairs: Sequence[Pair]) -> Together:
    """Every text and every group once."""
    places = {text: i for i, text in enumerate(dict.fromkeys(text for pair in pairs for text in pair[:2]))}
    groups = {group: i for i, group in enumerate(dict.fromkeys(pair.group for pair in pairs))}
    return Together(
        list(places),
        np.array([places[pair.left] for pair in pairs]),
        np.array([places[pair.right] for pair in pairs]),
        np.array([groups[pair.group] for pair in pairs]),
        np.array([pair.source for pair in pairs]),
    )


def shares(source: NDArray[np.str_]) -> dict[str, float]:
    """How often each source is drawn from: half of the time one of pairs, half one of parts (by the root of their
    number). Parts take the share of pairs that are not at hand: sets of a few articles each would be learnt by heart.
    """
    sizes = dict(zip(*(found.tolist() for found in np.unique(source, return_counts=True)), strict=True))
    every = 2 * sum(PAIR_SHARES.values())
    of_pairs = {name: share / every for name, share in PAIR_SHARES.items() if name in sizes}
    of_parts = {name: size**0.5 for name, size in sizes.items() if name not in PAIR_SHARES}
    left = (1 - sum(of_pairs.values())) / sum(of_parts.values()) if of_parts else 0.0
    return of_pairs | {name: share * left for name, share in of_parts.items()}


def _pairs(name: str, record: Record) -> Iterator[Pair]:
    text, article, parent = record.text[:_LONGEST], record.article, record.parent or ""
    if len(text.split()) < _FEWEST_WORDS:
        return
    example = place_of(record).key
    if article is not None and not article.is_empty:
        whole = f"{article.title or ''}\n{article.body or ''}"[:_LONGEST]
        yield Pair(text, whole, f"article {whole}", name, example)
        if article.title and article.body:
            yield Pair(text, article.title, f"article {whole}", name, example)
    if len(parent.split()) >= _FEWEST_WORDS:
        yield Pair(text, parent[:_LONGEST], f"parent {parent}", name, example)


def _parts(name: str, records: Sequence[Record], draw: random.Random) -> Iterator[Pair]:
    texts = {
        text: place_of(record).key
        for record in records
        if record.split == "train"
        for text in (record.text, record.parent, record.article and record.article.body)
        if text and len(text) >= _SHORTEST_CUT
    }
    for text, example in texts.items():
        sentences = [one for one in _SENTENCES.split(text[: 2 * _LONGEST]) if len(one.split()) >= _FEWEST_WORDS]
        if len(sentences) >= 2:
            cut = draw.randrange(1, len(sentences))
            left, right = " ".join(sentences[:cut])[:_LONGEST], " ".join(sentences[cut:])[:_LONGEST]
            yield Pair(left, right, f"text {text}", f"parts of {name}", example)
