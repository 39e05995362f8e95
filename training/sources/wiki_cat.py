"""Context Annotated Toxicity (CAT): Wikipedia talk-page comments with the comment they answer.

Two sets of the same files. ``wiki_context_toxicity`` keeps the raters' verdict; ``wiki_talk_cat`` keeps the pairs, true
by construction (off-topic 0), without repeats and without parents under four words. No profanity labels; the second
set's texts are the first's, so de-duplicate across sets before splitting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, masked, plain, squeezed, table, without_repeats
from training.sources.source import Source, file_in

#: Comment and parent in words, below which a pair shows nothing.
FEWEST_WORDS = (3, 4)


def read_toxicity(folder: Path) -> Iterator[Record]:
    name = "wiki_context_toxicity"
    for part in ("gc", "gn"):  # rated with the parent in view, and without
        for row in table(file_in(folder, f"{part}.csv")):
            meta = {"set": part, "perspective": float(row["api"])}
            labels = {"toxicity": int(row["label"])}
            parent = plain(row["parent"]) or None
            yield labelled(name, part + row["id"], plain(row["text"]), labels, parent=parent, meta=meta)
    for number, row in enumerate(table(file_in(folder, "cat_small.csv"))):
        meta = {"set": "cat_small", "label_in_context": int(row["label_ic"])}
        labels = {"toxicity": int(row["label_oc"])}
        parent = plain(row["parent_text"]) or None
        yield labelled(name, f"small{number}", plain(row["text"]), labels, parent=parent, meta=meta)


def read_pairs(folder: Path) -> Iterator[Record]:
    return without_repeats(_pairs(folder))


def _pairs(folder: Path) -> Iterator[Record]:
    for part, file, heading in (("large", "gc.csv", "parent"), ("small", "cat_small.csv", "parent_text")):
        for number, row in enumerate(table(file_in(folder, file))):
            text, parent = masked(squeezed(row["text"])), masked(squeezed(row[heading]))
            if len(text.split()) < FEWEST_WORDS[0] or len(parent.split()) < FEWEST_WORDS[1]:
                continue
            thread = "wikitalk:" + hashlib.sha256(parent.encode()).hexdigest()[:10]
            yield labelled(
                "wiki_talk_cat",
                f"{part}-{number}",
                text,
                {"off_topic": 0},
                parent=parent,
                article_id=thread,
                kind="talk_page",
            )


_URL = "https://github.com/ipavlopoulos/context_toxicity (data/CAT_LARGE, data/CAT_SMALL)"
_LICENCE = "Labels Apache-2.0; text CC BY-SA 3.0 (Wikipedia)"
_CITATION = (
    "J. Pavlopoulos, J. Sorensen, L. Dixon, N. Thain, I. Androutsopoulos. Toxicity Detection: Does Context Really "
    "Matter? ACL 2020; A. Xenos et al. WOAH 2021."
)

TOXICITY = Source(
    name="wiki_context_toxicity",
    url=_URL,
    licence=_LICENCE,
    permissive=False,
    citation=_CITATION,
    files=("gc.csv", "gn.csv", "cat_small.csv"),
    notes="About 1 % toxic: clean negatives, false-positive rates.",
    read=read_toxicity,
)

PAIRS = Source(
    name="wiki_talk_cat",
    url=_URL,
    licence=_LICENCE,
    permissive=False,
    citation=_CITATION,
    files=("gc.csv", "cat_small.csv"),
    notes="True (parent, reply) pairs; the thread's id stands for the parent's text.",
    read=read_pairs,
    folder="wiki_context_toxicity",
)
