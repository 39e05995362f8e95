"""De Gibert et al.: single sentences of a white-supremacist forum, hateful or not; the balanced training sample.

Hateful: identity attack and toxic. Not hateful: no identity attack. Nobody was asked about profane wording.
"""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import labelled, plain
from training.sources.source import Source, file_in

ARCHIVE = "stormfront_sampled_train.tar.gz"


def read(folder: Path) -> Iterator[Record]:
    """From the archive, or from the publisher's own folders, in the order of the sentences' names in the archive."""
    files = _archived(file_in(folder, ARCHIVE)) if (folder / ARCHIVE).exists() else _plain(folder)
    annotations = csv.DictReader(files.pop("annotations_metadata.csv").splitlines())
    labels = {row["file_id"]: row["label"] for row in annotations}
    for name, text in files.items():
        hateful = labels[name] == "hate"
        given = {"toxicity": 1 if hateful else None, "identity_attack": int(hateful)}
        yield labelled("stormfront", name, plain(text), given, kind="forum")


def _archived(path: Path) -> dict[str, str]:
    """Texts by name; sentences without their folder and ending. Nothing is unpacked to disk."""
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None and not member.name.endswith(".md"):
                files[_short(member.name)] = stream.read().decode("utf-8")
    return files


def _plain(folder: Path) -> dict[str, str]:
    paths = [file_in(folder, "annotations_metadata.csv"), *sorted(folder.glob("sampled_train/*.txt"))]
    return {_short(path.name): path.read_text(encoding="utf-8") for path in paths}


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".txt")


SOURCE = Source(
    name="stormfront",
    url="https://github.com/Vicomtech/hate-speech-dataset (sampled_train, annotations_metadata.csv)",
    licence="CC BY-SA 3.0 ES",
    permissive=False,
    citation="O. de Gibert, N. Perez, A. García-Pablos, M. Cuadros. Hate Speech Dataset from a White Supremacy Forum. "
    "ALW2 2018.",
    files=(f"{ARCHIVE}|annotations_metadata.csv",),
    notes="Hate speech, not profanity; half hateful by construction.",
    read=read,
)
