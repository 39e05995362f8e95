"""``python -m bench.wording --data …``: profanity scores of ours and of other engines on the same held-out rows.

The others are asked once a text, and what they said is kept under ``var/bench/``: one of them takes a tenth of a second
and more for a comment, so the first run takes long, and goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from bench.environments import HOME, NotInstalled, python_for
from bench.verdicts import ENGINES, GRADED
from models.bundle import Bundle
from training.data import load
from training.evaluate import compared
from training.heldout import HeldOut, held_out_sets

#: Sets in other languages than the engines' lists are in.
_FOREIGN = frozenset({"German tweets", "Portuguese tweets"})
#: Texts between two savings.
_SAVED_EVERY = 200


def main() -> int:
    """0 measured, whatever the figures are."""
    options = _parser().parse_args()
    sets = [one for one in held_out_sets(load(options.data)) if one.head == "profanity" and one.name not in _FOREIGN]
    bundle = Bundle.load(options.bundle)
    threshold = bundle.operating_points["profanity"]["balanced"].threshold
    columns = {"Verger": {one.name: _cell(one, _ours(bundle, one), threshold or 0.5, graded=True) for one in sets}}
    texts = sorted({comment.text for one in sets for comment in one.comments})
    for name in ENGINES:
        try:
            said = verdicts(name, texts)
        except NotInstalled as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        columns[name] = {
            one.name: _cell(one, [said[_key(c.text)] for c in one.comments], 0.5, graded=name in GRADED) for one in sets
        }
    print(table(sets, columns))
    return 0


def verdicts(name: str, texts: Sequence[str]) -> dict[str, float]:
    """What an engine says of each text, by the text's digest; from memory where it was asked before.

    Raises:
        NotInstalled: its environment can't be made here.
    """
    python, memory = python_for(name), HOME / name / "verdicts.json"
    known: dict[str, float] = json.loads(memory.read_text()) if memory.is_file() else {}
    unasked = [text for text in texts if _key(text) not in known]
    for start in tqdm(range(0, len(unasked), _SAVED_EVERY), desc=name, unit=f"×{_SAVED_EVERY}"):
        some = unasked[start : start + _SAVED_EVERY]
        known |= dict(zip(map(_key, some), _asked(python, name, some), strict=True))
        memory.write_text(json.dumps(known))
    return known


def table(sets: Sequence[HeldOut], columns: Mapping[str, Mapping[str, str]]) -> str:
    """One row a set, one column an engine, as Markdown."""
    lines = [f"| held-out set | labels counted | rows (positive) | {' | '.join(columns)} |"]
    lines.append("|---" * (3 + len(columns)) + "|")
    for one in sets:
        cells = [one.name, one.counted, f"{len(one.labels):,} ({sum(one.labels):,})"]
        lines.append(f"| {' | '.join([*cells, *(column[one.name] for column in columns.values())])} |")
    return "\n".join(lines)


def _asked(python: str, name: str, texts: Sequence[str]) -> list[float]:
    asked = "".join(f"{json.dumps(text)}\n" for text in texts)
    done = subprocess.run(
        [python, "-m", "bench.verdicts", name], input=asked, capture_output=True, text=True, check=True
    )
    return [float(line) for line in done.stdout.splitlines()]


def _ours(bundle: Bundle, one: HeldOut) -> list[float]:
    return [answer.heads["profanity"].score or 0.0 for answer in bundle.score(one.comments, heads=("profanity",))]


def _cell(one: HeldOut, scores: Sequence[float], threshold: float, *, graded: bool) -> str:
    return compared(scores, one.labels, threshold, graded=graded)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.wording", description=__doc__)
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="labelled-comment files, or folders of them"
    )
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
