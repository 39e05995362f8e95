"""What the second tier buys: the same held-out rows by the first tier alone and by both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.bundle import Bundle
from models.manifest import SecondTierManifest
from training.card import band_in_words
from training.data import Corpus
from training.evaluate import Measured, measure
from training.heldout import HeldOut
from training.reference import on_mix
from training.reference import table as on_mix_table


def both_tiers(directory: Path, corpus: Corpus, sets: Sequence[HeldOut]) -> str:
    """Tables of a bundle's held-out sets and reference mixes, with its second tier off and on, as Markdown.

    :raises EncoderMissing: the encoder is not installed, or not the one that the bundle was fitted with.
    """
    bundle = Bundle.load(directory)
    tier = bundle.manifest.second_tier
    if tier is None:
        return f"Bundle {bundle.version} has no second tier."
    names = {one.head.name for one in tier.heads}
    own = [one for one in sets if one.head in names]
    first = measure(bundle, own)
    bundle.turn_on()
    both, mixes = measure(bundle, own), [one for one in on_mix(bundle, corpus) if one.head in names]
    return f"{second_table(tier, first, both)}\n\n{on_mix_table(mixes)}"


def second_table(tier: SecondTierManifest, first: Sequence[Measured], both: Sequence[Measured]) -> str:
    """Each set by one tier and by both, and the share of its comments that the second one looks at."""
    bands = {one.head.name: one.band for one in tier.heads}
    lines = [
        "| head | held-out set | rows (positive) | looked at again | AUC | with both | flagged at the acting point: "
        "positives / negatives | with both |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one, other in zip(first, both, strict=True):
        low, high = bands[one.head]
        share = float(np.mean((one.scores >= low) & (one.scores < high))) if one.rows else 0.0
        cells = [one.head, one.name, f"{one.rows:,} ({one.positives:,})", f"{share:.0%}"]
        cells += [_auc(one), _auc(other), _flagged(one), _flagged(other)]
        lines.append(f"| {' | '.join(cells)} |")
    mixed = "; ".join(
        f"{one.head.name} {band_in_words(one)}, {one.share:.0%} of its reference mix" for one in tier.heads
    )
    return "\n".join(lines) + f"\n\nScores that are looked at again: {mixed}."


def _auc(one: Measured) -> str:
    return f"{one.metrics['auc']:.3f}" if "auc" in one.metrics else "–"


def _flagged(one: Measured) -> str:
    keys = ("recall_acting", "false_positives_acting")
    return " / ".join(f"{one.metrics[key]:.1%}" if key in one.metrics else "–" for key in keys)
