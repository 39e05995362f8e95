"""The whole command in its own process: labelled comments in, a bundle out that loads, checks itself and scores."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.artifact import MANIFEST
from models.bundle import Bundle
from models.comment import Comment
from models.heads import HEAD_NAMES
from models.manifest import Manifest
from models.scores import Why
from tests.test_training.written import article, record, write_sets

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "models" / "default"
BRIDGE = article("harbour bridge")
#: What may differ between two runs of the same: when it was made, said in the manifest and in the card.
DATED = ("card.md", MANIFEST)


@dataclass(frozen=True)
class Runs:
    """Two fits over the shipped bundle that are the same, and one over the small one with a site's labels beside."""

    first: Path
    again: Path
    with_site: Path
    printed: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site's own labels for all heads: a swear word of its own, a spoiler phrase, and what it calls off topic."""
    rows = [
        record("site", n, f"{'You snorkwaddle' if n % 2 else 'Dear neighbour'}, stop it ({n}).", {"profanity": n % 2})
        for n in range(80)
    ]
    rows += [
        record("site", 100 + n, f"The lighthouse {'was hers' if n % 2 else 'is pretty'} ({n}).", {"spoiler": n % 2})
        for n in range(80)
    ]
    where = {"article": BRIDGE, "article_id": "site:bridge"}
    rows += [
        record("site", 200 + n, f"The ferries and the toll again ({n}).", {"off_topic": 1}, **where) for n in range(80)
    ]
    return write_sets(tmp_path_factory.mktemp("site"), {"site": rows}) / "site.jsonl.gz"


@pytest.fixture(scope="module")
def runs(labelled: Path, site: Path, recipe_file: Path, fitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """All of them at once, each in a process of its own."""
    folder = tmp_path_factory.mktemp("runs")
    fits = {name: start_fit([labelled], BASE, recipe_file, folder / name) for name in ("first", "again")}
    fits["with_site"] = start_fit([labelled, site], fitted, recipe_file, folder / "with_site")
    ended = {name: (*fit.communicate(), fit.returncode) for name, fit in fits.items()}
    assert {name: code for name, (_, _, code) in ended.items()} == dict.fromkeys(fits, 0), ended
    return Runs(folder / "first", folder / "again", folder / "with_site", ended["first"][0])


def start_fit(data: list[Path], base: Path, recipe: Path, out: Path) -> subprocess.Popen[str]:
    """``python -m training fit``, begun."""
    command = [sys.executable, "-m", "training", "fit", "--base", str(base), "--recipe", str(recipe), "--out", str(out)]
    command += ["--version", "2026.11.3", "--data", *map(str, data)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def score(bundle: Path | Bundle, head: str, text: str, *, on_bridge: bool = False) -> float:
    """One head's answer, which there must be."""
    loaded = bundle if isinstance(bundle, Bundle) else Bundle.load(bundle)
    (answer,) = loaded.score([Comment(text, BRIDGE if on_bridge else None)])
    value = answer.heads[head].score
    assert value is not None
    return value


def test_a_bundle_comes_out(runs: Runs) -> None:
    """It says where it lies, loads, and scores its own texts as it did when it was made."""
    assert f"wrote {runs.first}" in runs.printed
    bundle = Bundle.load(runs.first)
    bundle.selftest()
    assert bundle.version == "2026.11.3"
    assert {path.name for path in runs.first.iterdir()} == {*bundle.manifest.files, MANIFEST}


def test_it_scores(runs: Runs) -> None:
    """All three heads tell what they were shown apart; without context off-topic has no score, with the reason."""
    bundle = Bundle.load(runs.first)
    assert score(bundle, "profanity", "fucking ferries") > score(bundle, "profanity", "the ferries again") + 0.3
    ending, opening = "Mira turns out to be the killer of Basil.", "The jokes between Mira and Basil are good."
    assert score(bundle, "spoiler", ending) > score(bundle, "spoiler", opening)
    own, other = "The cables and the girders were repainted.", "The soprano knows the libretto by heart."
    assert score(bundle, "off_topic", other, on_bridge=True) > score(bundle, "off_topic", own, on_bridge=True) + 0.3
    (answer,) = bundle.score([Comment(own)])
    assert (answer.heads["off_topic"].score, answer.heads["off_topic"].why) == (None, Why.NO_CONTEXT)


def test_it_says_what_it_was_made_from(runs: Runs, labelled: Path) -> None:
    """Base, recipe and files; it reads words as its base does."""
    made, base = Bundle.load(runs.first), Bundle.load(BASE)
    assert (made.manifest.base, made.manifest.recipe) == (base.version, "small")
    assert {one.name for one in made.manifest.data} == {path.name.split(".")[0] for path in labelled.iterdir()}
    assert made.parts.vocabulary.words == base.parts.vocabulary.words
    assert made.parts.words.idf.tobytes() == base.parts.words.idf.tobytes()
    assert made.parts.embedding.rows.tobytes() == base.parts.embedding.rows.tobytes()


def test_a_second_run_gives_the_same_bytes(runs: Runs) -> None:
    """Every file is the same, but for the time in the manifest and in the card."""
    for path in sorted(runs.first.iterdir()):
        if path.name not in DATED:
            assert path.read_bytes() == (runs.again / path.name).read_bytes(), path.name
    first, again = (Manifest.from_json((run / MANIFEST).read_bytes()) for run in (runs.first, runs.again))
    assert first.files.keys() == again.files.keys()
    assert dataclasses.replace(first, created=again.created, files=again.files) == again
    cards = [
        (run / "card.md").read_text("utf-8").replace(made.created, "")
        for run, made in ((runs.first, first), (runs.again, again))
    ]
    assert cards[0] == cards[1]


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("profanity", "You snorkwaddle of a neighbour"),
        ("spoiler", "The lighthouse was hers."),
        ("off_topic", "The ferries and the toll once more."),
    ],
)
def test_a_sites_own_labels_raise_scores(runs: Runs, fitted: Path, head: str, text: str) -> None:
    """What a site's people called it, it is there: for every head, from a file of any name."""
    before, after = (score(run, head, text, on_bridge=True) for run in (fitted, runs.with_site))
    assert after > before + 0.05


def test_a_sites_own_labels_are_named(runs: Runs) -> None:
    """The manifest has the file, under no public licence, and the other scores still make sense."""
    bundle = Bundle.load(runs.with_site)
    bundle.selftest()
    (own,) = [one for one in bundle.manifest.data if one.name == "site"]
    assert (own.rows, own.licence) == (240, "the site's own")
    assert score(bundle, "profanity", "fucking ferries") > score(bundle, "profanity", "the ferries again")


def test_without_a_base_everything_is_learnt(fitted: Path) -> None:
    """Vocabulary and embedding too, from the teacher's cached vectors; the word lists are in any case known."""
    bundle = Bundle.load(fitted)
    bundle.selftest()
    assert {"gritting", "harbourmaster"} <= set(bundle.parts.vocabulary.words)
    assert bundle.manifest.base is None
    assert all(0 <= score(bundle, head, "The ferries left the pier", on_bridge=True) <= 1 for head in HEAD_NAMES)


def test_the_teacher_is_named_where_it_is_missing(labelled: Path, recipe_file: Path, tmp_path: Path) -> None:
    """With an empty cache and without its packages a fit says what to do, and writes nothing."""
    block = "import sys; sys.modules['onnxruntime'] = None; from training.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", block, "fit", "--data", str(labelled), "--recipe", str(recipe_file)]
    command += ["--cache", str(tmp_path / "cache"), "--out", str(tmp_path / "out")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert re.search(r"onnxruntime is not installed; run `make transformer`", run.stderr)
    assert not (tmp_path / "out").exists()
