"""The round: what reviewers said in the service leaves as a file, and a fit takes it beside the public sets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from models.bundle import Bundle
from models.comment import Comment
from models.records import read_records
from service.review_domain import ReviewAction
from service.storage.store import Store
from tests.test_service.conftest import environment
from tests.test_service.reviewed import MINUTE, put, review
from tests.test_service.test_storage.written import NOW
from tests.test_training.test_fit_end_to_end import ROOT
from training.data import NoData, load

REVIEWED = 80


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose people call a word of its own profane; every tenth comment was judged twice."""
    folder = tmp_path_factory.mktemp("site")
    store = str(folder / "verger.db")
    asyncio.run(filled(store))
    command = [sys.executable, "-m", "service", "export-labels"]
    subprocess.run(command, cwd=ROOT, env=environment(store=store, labels=str(folder)), check=True)
    return folder / "site-default.jsonl"


async def filled(address: str) -> None:
    store = Store(address)
    await store.start(or_raise=True)
    await asyncio.gather(*(reviewed(store, number) for number in range(REVIEWED)))
    await store.close()


async def reviewed(store: Store, number: int) -> None:
    opening, label = ("You snorkwaddle", 1) if number % 2 else ("Dear neighbour", 0)
    action = ReviewAction.REJECT if label else ReviewAction.APPROVE
    await put(store, f"c-{number}", text=f"{opening}, stop it ({number}).")
    await review(store, f"c-{number}", action, {"profanity": label}, second=number % 10 == 0)
    if number % 10 == 0:
        await review(store, f"c-{number}", action, {"profanity": label}, by="reviewer:bob", at=NOW + 2 * MINUTE)


def test_what_leaves_is_what_training_reads(exported: Path) -> None:
    """Every line; second opinions are marked, so that whoever wants to leaves them out."""
    records = read_records(exported).records
    chosen = [record.provenance["selected_by"] for record in records]
    assert (len(records), chosen.count("policy"), chosen.count("audit")) == (88, 80, 8)
    assert all(record.label_source == "gold" for record in records)


def test_a_fit_takes_them(exported: Path, labelled: Path, fitted: Path, recipe_file: Path, tmp_path: Path) -> None:
    """``--labels`` beside the public sets: what the site's people call profane scores higher, and the manifest says
    where it comes from."""
    out = tmp_path / "bundle"
    command = [sys.executable, "-m", "training", "fit", "--data", str(labelled), "--labels", str(exported)]
    command += ["--base", str(fitted), "--recipe", str(recipe_file), "--out", str(out), "--version", "2026.11.9"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    before, after = (
        bundle.score([Comment("You snorkwaddle of a neighbour")])[0].heads["profanity"].score
        for bundle in (Bundle.load(fitted), Bundle.load(out))
    )
    assert before is not None
    assert after is not None
    assert after > before + 0.05
    (own,) = [one for one in Bundle.load(out).manifest.data if one.name == "site-default"]
    assert (own.rows, own.licence) == (88, "the site's own")


def test_labels_lie_beside_the_data(exported: Path, labelled: Path, tmp_path: Path) -> None:
    """A set of its own; a file that calls itself like a set of the data is refused, and one that is not there."""
    assert load([labelled], own=[exported]).sets.keys() - load([labelled]).sets.keys() == {"site-default"}
    passing = tmp_path / "civil_toxic_spans.jsonl"
    passing.write_bytes(exported.read_bytes())
    with pytest.raises(NoData, match="another name"):
        load([labelled], own=[passing])
    with pytest.raises(NoData, match="no such file"):
        load([labelled], own=[tmp_path / "none.jsonl"])
