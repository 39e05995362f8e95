"""Labelled comments for one run: loaded, cleaned of what gives labels away, de-duplicated across sets, and split.

A text that stands in several sets is kept once, where it was judged best; a text of any held-out part is never
trained on, whichever set it came from.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from models.record import Record
from models.records import read_records
from models.text import fold

#: How much a label is trusted, by who gave it (``label_source``): also the training weight.
TRUST = {"gold": 1.0, "proxy": 0.5, "weak": 0.2}
#: Share of a set's works, articles or comments that only measures, where the set brings no split.
HELD_OUT_SHARE = 0.2

_PLACEHOLDERS = re.compile(r"@USER\b|\bURL\b|\bRT\b|<user>|\[url\]", re.IGNORECASE)
_RETWEET = re.compile(r"^\s*(?:\"?@\w+:?\s*|RT\s+@\w+:?\s*)+")
_SPACES = re.compile(r"[ \t]{2,}")
_SUFFIXES = (".jsonl", ".jsonl.gz", ".csv")


class NoData(ValueError):
    """The folder or file holds no labelled comments."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file as read, for the manifest."""

    name: str
    sha256: str
    rows: int
    skipped: int


@dataclass(frozen=True)
class Corpus:
    """All records of a run, by set."""

    sets: dict[str, list[Record]]
    files: tuple[DataFile, ...]

    def of(self, names: Iterable[str]) -> list[Record]:
        """The records of the named sets that are there."""
        return [record for name in names for record in self.sets.get(name, [])]


def load(paths: Sequence[Path], *, own: Sequence[Path] = (), skip_bad: bool = False) -> Corpus:
    """Read every labelled-comment file in the given folders and files, and in ``own``, a site's own labels.

    :raises RecordsRejected: a file has bad lines and ``skip_bad`` is off.
    :raises NoData: nothing to read, or a file of ``own`` would pass for another set.
    """
    found = sorted({file for path in paths for file in _files(path)})
    if not found:
        raise NoData(f"no {' or '.join(_SUFFIXES)} file in {', '.join(map(str, paths))}")
    found += _own_files(own, {_set_of(file) for file in found})
    sets: dict[str, list[Record]] = {}
    files: list[DataFile] = []
    for file in tqdm(found, desc="reading labelled comments", unit="file"):
        result = read_records(file, skip_bad=skip_bad)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        name = _set_of(file)
        files.append(DataFile(name, digest, len(result.records), len(result.skipped)))
        share = held_out_share(result.records)
        for record in result.records:
            cleaned = replace(record, text=clean(record.text), split=part(record, share))
            if cleaned.text:
                sets.setdefault(name, []).append(cleaned)
    return Corpus(deduplicate({name: _whole_articles(records) for name, records in sets.items()}), tuple(files))


def _whole_articles(records: list[Record]) -> list[Record]:
    """Where a publisher's split cuts through an article, all of its comments are held out."""
    held = {record.article_id for record in records if record.split == "held_out"} - {None}
    return [
        replace(record, split="held_out") if record.split == "train" and record.article_id in held else record
        for record in records
    ]


def clean(text: str) -> str:
    """Undo HTML entities; drop the placeholders that a publisher wrote over names and addresses."""
    unescaped = html.unescape(html.unescape(text)) if "&" in text else text
    return _SPACES.sub(" ", _PLACEHOLDERS.sub(" ", _RETWEET.sub("", unescaped))).strip()


def held_out_share(records: Sequence[Record]) -> float:
    """Usually ``HELD_OUT_SHARE``; in a set of few works as much as it takes to hold one of them out."""
    highest = max((_draw(_unit(record)) for record in records), default=1.0)
    several = len({_unit(record) for record in records}) > 1
    return max(HELD_OUT_SHARE, 1 - highest) if several else HELD_OUT_SHARE


def part(record: Record, share: float = HELD_OUT_SHARE) -> str:
    """``train``, ``held_out`` or ``final``: the set's own split first; sets without one by article or work."""
    if record.split in ("dev", "test"):
        return "held_out"
    if record.split == "final":
        return "final"
    if record.split is None or "off_topic" in {**record.labels, **record.weak_labels}:
        return "held_out" if _draw(_unit(record)) >= 1 - share else "train"
    return "train"


def _unit(record: Record) -> str:
    """What is held out as a whole."""
    return record.work or record.article_id or record.id


def deduplicate(sets: dict[str, list[Record]]) -> dict[str, list[Record]]:
    """One record a text: held-out parts keep theirs, then the most trusted label wins, then the first set's name."""
    held = {_letters(r.text) for records in sets.values() for r in records if r.split != "train"}
    best: dict[str, tuple[tuple[int, float], Record]] = {}
    for name in sorted(sets):
        for record in sets[name]:
            measures = record.split != "train"
            if not measures and _letters(record.text) in held:
                continue
            rank, key = (measures, TRUST.get(record.label_source or "", 0.0)), _text_key(record)
            if key not in best or rank > best[key][0]:
                best[key] = (rank, record)
    kept = {id(record) for _, record in best.values()}
    return {name: [record for record in records if id(record) in kept] for name, records in sets.items()}


def _text_key(record: Record) -> str:
    context = record.article_id or record.parent or "" if "off_topic" in record.labels else ""
    return f"{context}\n{_letters(record.text)}"


def _letters(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


def _draw(key: str) -> float:
    """A number in [0, 1) that depends on the key alone, so that splits survive added rows."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8]) / 2**64


def _set_of(file: Path) -> str:
    return file.name.split(".")[0]


def _own_files(paths: Sequence[Path], taken: set[str]) -> list[Path]:
    files = sorted({file for path in paths for file in _files(path)})
    for file in files:
        # What a set is called decides which heads learn from it, and how much it is trusted.
        if _set_of(file) in taken:
            raise NoData(f"{file}: a set of the data is called {_set_of(file)} too; give the file another name")
    return files


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        if not path.exists():
            raise NoData(f"{path}: no such file or folder")
        return [path]
    return [file for file in path.iterdir() if file.name.endswith(_SUFFIXES)]
