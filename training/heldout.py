"""The named held-out sets that every head is measured on: comments of works, threads and articles not trained on."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.comment import Comment
from models.record import Record
from models.records import read_records
from training.data import Corpus
from training.pairing import Place, nearest_places, place_of

SUITES = Path(__file__).parent / "suites"


@dataclass(frozen=True)
class HeldOut:
    """One named set for one head."""

    head: str
    name: str
    #: Whose labels are counted: gold, gold and proxy, weak, self-written.
    counted: str
    comments: list[Comment] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    #: A slice's name for each comment (language, class of a suite, …), or "".
    slices: list[str] = field(default_factory=list)

    def add(self, comment: Comment, label: int, part: str = "") -> None:
        """One more row."""
        self.comments.append(comment)
        self.labels.append(label)
        self.slices.append(part)


#: Head, name, set, whose labels, and which records.
_TEXT_SETS: tuple[tuple[str, str, str, str, Callable[[Record], bool]], ...] = (
    ("profanity", "news, gold", "civil_toxic_spans", "gold", lambda r: r.label_source == "gold"),
    ("profanity", "news, gold and proxy", "civil_toxic_spans", "gold and proxy", lambda r: True),
    ("profanity", "Wikipedia talk", "jigsaw_multilabel_3k", "gold", lambda r: True),
    ("profanity", "Wikipedia talk, larger", "jigsaw_test_balanced_12k", "proxy", lambda r: True),
    ("profanity", "clean news (c3)", "c3_toxicity", "proxy", lambda r: r.labels.get("profanity") == 0),
    ("profanity", "clean news (ucc)", "ucc_val", "weak", lambda r: r.labels.get("profanity") == 0),
    ("profanity", "German tweets", "germeval2018_train", "gold", lambda r: True),
    ("profanity", "Portuguese tweets", "told_br", "gold", lambda r: True),
    ("spoiler", "series (tvtropes)", "tvtropes_spoilers", "gold", lambda r: True),
)
_PAIR_SETS = (
    ("debates", "ukp_roomfordebate", True), ("news (Fox)", "fox_news_comments", False),
    ("news (Globe and Mail)", "sfu_ctc", False), ("deliberation (Polis)", "polis_opendata", True),
)  # fmt: skip
_SUITES = (
    ("profanity", "obfuscation"), ("profanity", "innocent_words"), ("profanity", "identity_terms"),
    ("spoiler", "plain_spoilers"), ("off_topic", "everyday_off_topic"),
)  # fmt: skip


def held_out_sets(corpus: Corpus, *, split: str = "dev", seed: int = 1) -> Iterator[HeldOut]:
    """All of them that the corpus and the repository's suites allow.

    :param split: half of the self-written suites: ``dev``, or ``final``, which is looked at only once.
    """
    for head, name, source, counted, chosen in _TEXT_SETS:
        yield _text_set(corpus, head, name, source, counted, chosen)
    yield _news_for_spoilers(corpus)
    for name, source, hard in _PAIR_SETS:
        records = [r for r in corpus.sets.get(source, []) if r.labels.get("off_topic") == 0]
        yield _pairs(f"{name}, random", records, random.Random(f"{seed}:{source}"), hard=False)
        if hard:
            yield _pairs(f"{name}, hard", records, random.Random(f"{seed}:{source}:hard"), hard=True)
    yield from _judged(corpus)
    for head, suite in _SUITES:
        yield _suite(head, suite, split)


def _text_set(
    corpus: Corpus, head: str, name: str, source: str, counted: str, chosen: Callable[[Record], bool]
) -> HeldOut:
    found = HeldOut(head, name, counted)
    for record in corpus.sets.get(source, []):
        label = record.labels.get(head)
        if record.split == "held_out" and label is not None and chosen(record):
            found.add(Comment(record.text), int(label), record.lang or "")
    return found


def _news_for_spoilers(corpus: Corpus) -> HeldOut:
    found = HeldOut("spoiler", "clean news", "by genre")
    for record in corpus.of(("c3_toxicity", "ucc_val", "fox_news_comments", "ukp_roomfordebate")):
        if record.split == "held_out":
            found.add(record.comment(), 0, record.source)
    return found


def _pairs(name: str, records: Sequence[Record], draw: random.Random, *, hard: bool) -> HeldOut:
    """Each held-out comment in its own place, and once in a place under another article of the set."""
    found = HeldOut("off_topic", name, "true pairs against made ones")
    places: dict[str, list[Place]] = {}
    for record in records:
        places.setdefault(place_of(record).key, []).append(place_of(record))
    near = nearest_places({key: members[0] for key, members in places.items()}) if hard else {}
    for record in records:
        if record.split != "held_out":
            continue
        own = place_of(record)
        others = near[own.key] if hard else [key for key in places if key != own.key]
        found.add(Comment(record.text, own.article, own.parent), 0)
        if others:
            other = draw.choice(places[draw.choice(others)])
            found.add(Comment(record.text, other.article, other.parent), 1)
    return found


def _judged(corpus: Corpus) -> Iterator[HeldOut]:
    for chosen in ("2015", "2016-cross-thread"):
        found = HeldOut("off_topic", f"questions, semeval {chosen.replace('-', ' ', 1)}", "gold")
        for record in corpus.sets.get("semeval_cqa", []):
            label = record.labels.get("off_topic")
            if record.split == "held_out" and label is not None and record.meta.get("set") == chosen:
                found.add(record.comment(), int(label))
        yield found
    spam = HeldOut("off_topic", "promotion (YouTube)", "gold")
    for record in corpus.sets.get("youtube_spam", []):
        if record.split == "held_out":
            spam.add(record.comment(), int(record.labels["off_topic"] or 0))
    yield spam


def _suite(head: str, suite: str, split: str) -> HeldOut:
    found = HeldOut(head, f"suite {suite}", "self-written")
    for record in read_records(SUITES / f"{suite}.jsonl").records:
        label = record.labels.get(head)
        if record.split == split and label is not None:
            found.add(record.comment(), int(label), str(record.meta.get("class", "")))
    return found
