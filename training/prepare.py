"""Public sets → labelled-comment files, with a list of the licences they come under."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from models.record import Record
from models.records import write_records
from training.sources import SOURCES, Source, SourceFilesMissing

LICENCES = "LICENCES.md"


@dataclass(frozen=True, slots=True)
class PreparedSet:
    """One set's outcome: the file and its rows, or, where files of the publisher are missing, which."""

    source: Source
    path: Path | None
    rows: int
    missing: tuple[str, ...] = ()


def prepare(raw: Path, out: Path, sets: Iterable[str] | None = None) -> list[PreparedSet]:
    """Write ``<set>.jsonl.gz`` for each set whose files lie below ``raw``, and ``LICENCES.md`` beside them.

    A set without its files is left out and named, with the publisher's address, on standard error. Raises
    ``ValueError`` for a name that no set has, and ``RecordsRejected`` where a reader made a bad record.
    """
    chosen = chosen_sources(sets)
    out.mkdir(parents=True, exist_ok=True)
    prepared = [_prepare(source, raw, out) for source in chosen]
    (out / LICENCES).write_text(licences(prepared), encoding="utf-8")
    return prepared


def chosen_sources(names: Iterable[str] | None) -> tuple[Source, ...]:
    """The sets of those names, in the registry's order; all without names."""
    if names is None:
        return SOURCES
    wanted = set(names)
    unknown = wanted - {source.name for source in SOURCES}
    if unknown:
        raise ValueError(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in SOURCES)}")
    return tuple(source for source in SOURCES if source.name in wanted)


def licences(prepared: Iterable[PreparedSet]) -> str:
    """A Markdown section for each written set: licence, what it allows, rows, address, citation."""
    parts = ["# Licences of the prepared sets\n"]
    for entry in prepared:
        if entry.path is not None:
            source = entry.source
            use = "permissive" if source.permissive else "not permissive (copyleft, non-commercial or research only)"
            parts.append(
                f"## {source.name}\n\n- Rows: {entry.rows:,}\n- Licence: {source.licence}; {use}\n"
                f"- From: {source.url}\n- Cite: {source.citation}\n- {source.notes}\n"
            )
    return "\n".join(parts)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m training prepare``."""
    parser.add_argument("--raw", type=Path, required=True, help="folder with one folder of publisher's files a set")
    parser.add_argument("--out", type=Path, required=True, help="folder for <set>.jsonl.gz and LICENCES.md")
    parser.add_argument("--sets", help="names with commas between (default: every set whose files are there)")


def run(args: argparse.Namespace) -> int:
    """Prepare and print a table; 1 where nothing could be prepared, 2 for an unknown set or unreadable files."""
    names = [name.strip() for name in args.sets.split(",") if name.strip()] if args.sets else None
    try:
        prepared = prepare(args.raw, args.out, names)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for entry in prepared:
        if entry.path is not None:
            print(f"{entry.source.name:28} {entry.rows:>8,}  {entry.source.licence}")
    return 0 if any(entry.path is not None for entry in prepared) else 1


def _prepare(source: Source, raw: Path, out: Path) -> PreparedSet:
    missing = source.missing(raw)
    if missing:
        return _left_out(source, raw, missing)
    path = out / f"{source.name}.jsonl.gz"
    try:
        rows = write_records(path, _watched(source, raw))
    except SourceFilesMissing as error:
        return _left_out(source, raw, (str(error),))
    return PreparedSet(source, path, rows)


def _left_out(source: Source, raw: Path, missing: tuple[str, ...]) -> PreparedSet:
    files = ", ".join(pattern.replace("|", " or ") for pattern in missing)
    print(f"{source.name}: left out, {source.where(raw)} lacks {files}. Get it from {source.url}", file=sys.stderr)
    return PreparedSet(source, None, 0, missing)


def _watched(source: Source, raw: Path) -> Iterator[Record]:
    """A set's records with a progress bar; a row without text is no comment."""
    with tqdm(source.read(source.where(raw)), desc=source.name, unit=" rows", unit_scale=True, leave=False) as rows:
        yield from (record for record in rows if record.text.strip())
