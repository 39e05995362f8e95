"""``python -m service score``: a file of comments in, the same with scores out, a few rows at a time."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, cast

from tqdm import tqdm

from models.bundle import Bundle
from service.api.answers import ScoreOut, score_answer
from service.domain import Assessment, Submission
from service.errors import InvalidInput
from service.policy import DEFAULT
from service.rows import Csv, Form, JsonLines, Row
from service.scoring.engine import open_bundle

ROWS_AT_ONCE: Final = 64


def score_file(name: str, *, form: str | None, explain: bool, directory: Path, second_tier: bool) -> int:
    """Score ``name`` (``-``: standard input; ``.gz`` is unpacked) onto standard output.

    0 when every row was scored; 1 when some were not, each told on standard error with its line.

    Raises:
        BundleRefused: there is nothing to score with.
        UnreadableFile: it is not in that form at all.
        OSError, EOFError, zlib.error: there is no such file, or it is damaged.
    """
    bundle = open_bundle(directory, second_tier=second_tier)
    with _opened(name) as file:
        bad = sum(_score(rows, form_, bundle, explain=explain) for form_, rows in _groups(name, form, file))
    sys.stdout.buffer.flush()
    if bad:
        print(f"{bad} row(s) could not be scored and were left out", file=sys.stderr)
    return 1 if bad else 0


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def _groups(name: str, form: str | None, file: BinaryIO) -> Iterator[tuple[Form, Sequence[Row]]]:
    """The file's rows, a few at a time; a progress bar follows where standard error is a terminal."""
    plain = name.lower().removesuffix(".gz")
    chosen: Form = Csv() if (form or plain.rpartition(".")[2]) == "csv" else JsonLines()
    source = file if plain == name.lower() else cast(BinaryIO, gzip.GzipFile(fileobj=file))
    rows = chosen.read(source)
    size = None if name == "-" else Path(name).stat().st_size
    with tqdm(total=size, unit="B", unit_scale=True, disable=None) as bar:
        while group := list(islice(rows, ROWS_AT_ONCE)):
            yield chosen, group
            if size is not None:
                bar.update(file.tell() - bar.n)


def _score(rows: Sequence[Row], form: Form, bundle: Bundle, *, explain: bool) -> int:
    """Write the rows that can be scored, tell of the others, and count these."""
    asked = [row.comment for row in rows if isinstance(row.comment, Submission)]
    answers = iter(_answers(asked, bundle, explain=explain))
    for row in rows:
        if isinstance(row.comment, InvalidInput):
            tqdm.write(f"line {row.line}: {row.comment}", file=sys.stderr)
        else:
            form.write(sys.stdout.buffer, row, next(answers))
    return len(rows) - len(asked)


def _answers(asked: Sequence[Submission], bundle: Bundle, *, explain: bool) -> Iterator[ScoreOut]:
    scored = bundle.score([submission.comment for submission in asked], explain=explain)
    for submission, scores in zip(asked, scored, strict=True):
        decision = DEFAULT.decide(scores, bundle.operating_points)
        yield score_answer(submission, Assessment(scores, {}, decision, bundle.version))
