"""The card says what a person must know before trusting a bundle, with this bundle's own figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.bundle import Bundle
from models.heads import HEADS
from models.operating import SHOWN_RATES
from tests.test_training.written import written_sets
from training.card import card
from training.data import Corpus
from training.evaluate import Measured, measure, table
from training.heldout import held_out_sets
from training.reference import on_mix
from training.sources import SOURCES


@pytest.fixture(scope="module")
def measured(bundle: Bundle, corpus: Corpus) -> list[Measured]:
    """The small bundle's figures."""
    return measure(bundle, held_out_sets(corpus))


@pytest.fixture(scope="module")
def text(bundle: Bundle, corpus: Corpus, measured: list[Measured]) -> str:
    """The small bundle's card."""
    return card(bundle.manifest, measured, on_mix(bundle, corpus))


def test_the_shipped_card_is_this_one(fitted: Path, text: str) -> None:
    """What a fit writes beside the bundle says the same, word by word; only a mix's sets may come in another order."""
    shipped = (fitted / "card.md").read_text("utf-8")
    assert [words_of(line) for line in shipped.splitlines()] == [words_of(line) for line in text.splitlines()]


def words_of(line: str) -> list[str]:
    """A line's words without commas, sorted."""
    return sorted(line.replace(",", " ").replace(";", " ").split())


def test_what_it_is(bundle: Bundle, text: str) -> None:
    """Version, recipe, licences behind it, and each head's question."""
    assert text.startswith(f"# Verger bundle {bundle.version}\n")
    assert "licences: **all**" in text
    assert all(f"- **{head.name}**: {head.question}" in text for head in HEADS)


def test_every_set_has_its_licence(text: str) -> None:
    """Rows, licence, whether it is permissive, and where it is from: for each set that was read."""
    sources = {source.name: source for source in SOURCES}
    sets = written_sets()
    assert f"{len(sets)} sets, {sum(sources[name].permissive for name in sets)} of them" in text
    for name, records in sets.items():
        source = sources[name]
        allowed = "yes" if source.permissive else "no"
        assert f"| {name} | {len(records)} | {source.licence} | {allowed} | {source.url} |" in text


def test_the_figures(text: str, measured: list[Measured]) -> None:
    """The table that evaluation prints."""
    assert table(measured) in text


def test_operating_points(bundle: Bundle, text: str) -> None:
    """Threshold, recall and precision at other base rates; where there is too little data, that."""
    for head in bundle.manifest.heads:
        for point in head.operating_points:
            if point.threshold is None:
                assert f"| {point.name} | too little data to promise it |" in text
            else:
                shown = " | ".join(f"{point.precision_at[rate]:.2f}" for rate in SHOWN_RATES)
                assert f"| {point.name} | {point.threshold:.4f} | {point.recall:.2f} | {shown} |" in text
    assert any(p.threshold is None for head in bundle.manifest.heads for p in head.operating_points)


def test_tables_are_whole(text: str) -> None:
    """Every line of a table has as many cells as its heading, so that it shows as a table."""
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1, lines


def test_limits_and_origin(bundle: Bundle, text: str) -> None:
    """What it can't do, what it is calibrated to, and with what it was made."""
    for said in ("**Languages.**", "**Off-topic**", "**Spoilers**", "base rate 3%", "## Calibration", "## Made with"):
        assert said in text
    assert f"numpy {bundle.manifest.libraries['numpy']}" in text
    assert "1 threads" in text
    assert bundle.manifest.created in text


def test_a_permissive_bundle_says_so(bundle: Bundle, measured: list[Measured]) -> None:
    """The first lines state the licences behind it."""
    data = tuple(one for one in bundle.manifest.data if one.permissive)
    said = card(replace(bundle.manifest, licences="permissive", data=data), measured, ())
    assert f"licences: **permissive**. {len(data)} sets, {len(data)} of them" in said
