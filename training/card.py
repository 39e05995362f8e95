"""The model card: what a bundle learnt from, how well it does on what it never saw, and what it is not good for."""

from __future__ import annotations

from collections.abc import Sequence

from models.heads import HEADS
from models.manifest import DataSet, HeadManifest, Manifest, SecondHead, SecondTierManifest
from models.operating import SHOWN_RATES
from training.evaluate import Measured, table
from training.reference import OnMix
from training.reference import table as on_mix_table

_LIMITS = """\
- **Languages.** English is measured; German and Portuguese profanity is learnt from tweets and much weaker (see the
  table). Every other language is scored, never refused, by its spelling alone: treat those scores as a hint.
- **Profanity is wording, not intent.** Cruel comments in clean words score low; a fond "you lovely bastard" scores
  high. Dialects and reclaimed slurs are flagged more often than they should be: the tweets were sampled by keyword.
- **Off-topic** compares words and subjects. Irony, shared history and "Agreed." look unrelated; a comment of one word
  gets no score. It sorts a queue; it should hide nothing.
- **Spoilers** are learnt from sentences about series and from plain patterns. It knows no plot: a calm sentence that
  gives away everything may pass, a dramatic one that gives away nothing may not.
- **Probabilities** hold at the base rate of the stated mix. On a site with another share of such comments, use the
  operating points' precision at other base rates below, or the site's own reviews."""


def card(manifest: Manifest, measured: Sequence[Measured], mixes: Sequence[OnMix]) -> str:
    """The card as Markdown."""
    permissive = sum(data.permissive for data in manifest.data)
    parts = [
        f"# Verger bundle {manifest.version}",
        f"Recipe `{manifest.recipe}`, licences: **{manifest.licences}**. {len(manifest.data)} sets, {permissive} "
        "of them under permissive licences (neither non-commercial nor copyleft).",
        "## Questions",
        "\n".join(f"- **{head.name}**: {head.question}" for head in HEADS),
        "## Measured on comments never trained on",
        table(measured),
        "## Operating points",
        *(_points(head) for head in manifest.heads),
        "## Calibration and promises, on held-out rows of the reference mix",
        "\n".join(_mix(head) for head in manifest.heads),
        on_mix_table(mixes),
        *_second_tier(manifest.second_tier),
        "## Data",
        _data(manifest.data),
        "## Limits",
        _LIMITS,
        "## Made with",
        ", ".join(f"{name} {version}" for name, version in sorted(manifest.libraries.items()))
        + f"; BLAS {manifest.cpu.get('blas', 'unknown')}, {manifest.cpu.get('threads')} threads; {manifest.created}.",
    ]
    return "\n\n".join(parts) + "\n"


def _second_tier(tier: SecondTierManifest | None) -> list[str]:
    if tier is None:
        return ["## Second tier", "None: the fit had no encoder, or nothing was gained."]
    bands = [
        f"- **{one.head.name}**: scores {band_in_words(one)}, {one.share:.0%} of the reference mix."
        for one in tier.heads
    ]
    intro = "Looks again, where it is turned on, at these; the points are then those of both tiers together."
    return ["## Second tier", intro, "\n".join(bands), *(_points(one.head) for one in tier.heads)]


def band_in_words(one: SecondHead) -> str:
    """Between which of the first tier's scores a head looks again."""
    low, high = one.band
    return f"from {low:.2f} up" if high > 1 else f"from {low:.2f} to below {high:.2f}"


def _points(head: HeadManifest) -> str:
    rates = " | ".join(f"precision at {float(rate):.1%}" for rate in SHOWN_RATES)
    lines = [f"**{head.name}**, base rate {head.base_rate:.0%}", "", f"| point | threshold | recall | {rates} |"]
    lines.append("|---" * (3 + len(SHOWN_RATES)) + "|")
    for point in head.operating_points:
        if point.threshold is None:
            lines.append(f"| {point.name} | too little data to promise it |" + " |" * (1 + len(SHOWN_RATES)))
            continue
        shown = " | ".join(f"{point.precision_at[rate]:.2f}" for rate in SHOWN_RATES)
        lines.append(f"| {point.name} | {point.threshold:.4f} | {point.recall or 0:.2f} | {shown} |")
    return "\n".join(lines)


def _mix(head: HeadManifest) -> str:
    mix = ", ".join(f"{name} {share:.0%}" for name, share in head.mix.items())
    return f"- **{head.name}**: {mix}; base rate {head.base_rate:.0%}."


def _data(sets: Sequence[DataSet]) -> str:
    lines = ["| set | rows | licence | permissive | from |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.rows:,} | {one.licence} | {'yes' if one.permissive else 'no'} | {one.url} |"
        for one in sets
    ]
    return "\n".join(lines)
