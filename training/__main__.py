"""``python -m training``: prepare comments, fit a bundle, measure it, show its card, fill the teacher's cache."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from models.artifact import BundleRejected
from models.heads import HEAD_NAMES
from training import fit, prepare, quality
from training.both_tiers import both_tiers
from training.data import NoData, load
from training.evaluate import measure, side_by_side, table
from training.heldout import held_out_sets
from training.reference import on_mix
from training.reference import table as on_mix_table
from training.slices import slice_table, sliced


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 done, 1 nothing done, 2 unusable input."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (BundleRejected, NoData, OSError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module, purpose in (
        ("prepare", prepare, "public sets' own files → labelled-comment files"),
        ("fit", fit, "labelled comments → a bundle"),
        ("quality", quality, "a bundle's slices, targets and calibration → docs/quality.md"),
    ):
        command = commands.add_parser(name, help=purpose)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    evaluate = commands.add_parser("evaluate", help="print a bundle's quality table")
    evaluate.add_argument("--data", type=Path, nargs="+", required=True)
    evaluate.add_argument("--bundle", type=Path, nargs="+", default=[Path("models/default")])
    evaluate.add_argument("--split", choices=("dev", "final"), default="dev", help="half of the self-written suites")
    evaluate.add_argument("--second-tier", action="store_true", help="beside it, with the bundle's second tier on")
    evaluate.set_defaults(run=_evaluate)
    card = commands.add_parser("card", help="print a bundle's model card")
    card.add_argument("--bundle", type=Path, default=Path("models/default"))
    card.set_defaults(run=_card)
    teacher = commands.add_parser("teacher", help="encode the texts that the teacher's cache lacks")
    fit.add_arguments(teacher)
    teacher.set_defaults(run=_teacher)
    return parser


def _evaluate(options: argparse.Namespace) -> int:
    from models.bundle import Bundle

    corpus = load(options.data)
    sets = list(held_out_sets(corpus, split=options.split))
    bundles = [Bundle.load(directory) for directory in options.bundle]
    cut = sliced(sets)
    measured = [measure(bundle, sets) for bundle in bundles]
    for bundle, own in zip(bundles, measured, strict=True):
        print(f"Bundle {bundle.version}, {bundle.manifest.licences} licences\n\n{table(own)}\n")
        print(f"On held-out rows of the reference mix\n\n{on_mix_table(on_mix(bundle, corpus))}\n")
        parts = measure(bundle, cut)
        for head in HEAD_NAMES:
            print(f"Slices of {head}\n\n{slice_table(bundle, parts, head)}\n")
    for directory in options.bundle if options.second_tier else ():
        print(f"With and without the second tier of {directory}\n\n{both_tiers(directory, corpus, sets)}\n")
    if len(bundles) > 1:
        names = [f"{bundle.manifest.licences} licences" for bundle in bundles]
        print(f"Side by side\n\n{side_by_side(list(zip(names, measured, strict=True)))}")
    return 0


def _card(options: argparse.Namespace) -> int:
    print((options.bundle / "card.md").read_text("utf-8"))
    return 0


def _teacher(options: argparse.Namespace) -> int:
    from training.build import encode

    encode(load(options.data, own=options.labels, skip_bad=options.skip_bad), fit.recipe_of(options), options.cache)
    return 0


if __name__ == "__main__":
    sys.exit(main())
