"""ConvAbuse: what people say to chat-bots, rated by experts for abuse; the bot's line is the parent.

Toxicity: at least half of the raters say abusive, or none. Identity attack: at least half tick a kind aimed at a group.
No rater was asked about wording, so no profanity label is given here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.record import Record
from training.sources.reading import Row, labelled, plain, table, vote
from training.sources.source import Source, file_in

RATINGS = (1, 0, -1, -2, -3)
KINDS = ("ableist", "homophobic", "intellectual", "racist", "sexist", "sex_harassment", "transphobic")
AIMED_AT_GROUPS = ("ableist", "homophobic", "racist", "sexist", "transphobic")
SPLITS = {"train": "train", "valid": "dev"}


def read(folder: Path) -> Iterator[Record]:
    for part, split in SPLITS.items():
        for row in table(file_in(folder, f"ConvAbuseEMNLP{part}.csv")):
            yield _record(row, split)


def _record(row: Row, split: str) -> Record:
    raters = sorted({heading.split("_")[0] for heading in row if heading.startswith("Annotator")})
    ratings = [rating for rater in raters for rating in RATINGS if _ticked(row, f"{rater}_is_abuse.{rating}")]
    kinds = {kind: sum(_ticked(row, f"{rater}_{kind}") for rater in raters) for kind in KINDS}
    to_group = sum(any(_ticked(row, f"{rater}_{kind}") for kind in AIMED_AT_GROUPS) for rater in raters)
    labels = {
        "toxicity": vote(sum(rating < 0 for rating in ratings), len(ratings)),
        "identity_attack": int(to_group * 2 >= len(ratings)) if ratings else None,
    }
    meta = {
        "annotators": len(ratings),
        "mean": round(sum(ratings) / max(len(ratings), 1), 2),
        "types": {kind: count for kind, count in kinds.items() if count},
    }
    parent = plain(row["agent"]) or None
    return labelled("convabuse", row["example_id"], plain(row["user"]), labels, parent=parent, split=split, meta=meta)


def _ticked(row: Row, heading: str) -> bool:
    return row.get(heading, "") in ("1", "1.0")


SOURCE = Source(
    name="convabuse",
    url="https://github.com/amandacurry/convabuse (2_splits)",
    licence="CC BY 4.0",
    permissive=True,
    citation="A. Cercas Curry, G. Abercrombie, V. Rieser. ConvAbuse. EMNLP 2021.",
    files=("ConvAbuseEMNLPtrain.csv", "ConvAbuseEMNLPvalid.csv"),
    notes="Talk with two chat-bots; short lines, often without context.",
    read=read,
)
