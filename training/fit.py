"""One fit from beginning to end: read, fit, measure, describe, write a bundle."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import joblib
import numpy as np
import scipy
import sklearn
from threadpoolctl import threadpool_info, threadpool_limits

from models.artifact import FORMAT, MANIFEST, BundleRejected, write_bundle
from models.bundle import Bundle
from models.encoder import EncoderMissing, encoder_checksums
from models.manifest import DataSet, HeadManifest, Manifest, SecondTierManifest
from models.selftest import TEXTS, dump_selftest
from training.build import Built, build
from training.card import card
from training.data import Corpus, DataFile, NoData, load
from training.evaluate import Measured, measure
from training.heldout import HeldOut, held_out_sets
from training.layers import FittedHead
from training.recipe import RECIPES, Recipe, RecipeRejected, load_recipe
from training.reference import on_mix
from training.report import report
from training.sources import SOURCES

_BY_NAME = {source.name: source for source in SOURCES}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of ``python -m training fit``."""
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="labelled-comment files, or folders of them"
    )
    parser.add_argument(
        "--labels", type=Path, nargs="+", default=[], help="a site's own, as export-labels writes them; beside the data"
    )
    parser.add_argument("--out", type=Path, help="the bundle's directory (default: var/bundles/<version>)")
    parser.add_argument("--recipe", default="default", help="a recipe's name or a TOML file (default: %(default)s)")
    parser.add_argument("--licences", choices=("all", "permissive"), default="all", help="which sets to learn from")
    parser.add_argument(
        "--base", type=Path, help="bundle whose vocabulary and embedding are kept; no teacher is needed"
    )
    parser.add_argument("--version", help="YYYY.M.N (default: this month, the first that is free in var/bundles)")
    parser.add_argument("--cache", type=Path, default=Path("var/teacher"), help="the teacher's vectors (%(default)s)")
    parser.add_argument("--skip-bad", action="store_true", help="leave out bad lines instead of refusing their file")


def run(args: argparse.Namespace) -> int:
    """Fit, print the quality table, write the bundle. 2 for input that can't be used."""
    try:
        directory = fit(args)
    except (BundleRejected, NoData, RecipeRejected, EncoderMissing, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"wrote {directory}")
    return 0


def fit(args: argparse.Namespace) -> Path:
    """The directory of the finished bundle.

    :raises NoData, RecordsRejected, RecipeRejected, EncoderMissing, FileExistsError: nothing is written.
    """
    recipe = recipe_of(args)
    version = args.version or next_version(Path("var/bundles"), datetime.now(UTC))
    if not is_version(version):
        raise ValueError(f"version {version} is not YYYY.M.N")
    directory = args.out or Path("var/bundles") / version
    if directory.exists() and not (directory / MANIFEST).is_file():
        raise FileExistsError(f"{directory} is there and is no bundle")
    corpus = load(args.data, own=args.labels, skip_bad=args.skip_bad)
    corpus = permitted(corpus) if args.licences == "permissive" else corpus
    base = Bundle.load(args.base) if args.base else None
    if base is not None and args.licences == "permissive" and base.manifest.licences != "permissive":
        raise ValueError(f"{args.base}: its words and embedding come from sets that are not permissive")
    with threadpool_limits(recipe.threads):
        built = build(corpus, recipe, cache=args.cache, base=base)
        manifest = describe(built, corpus, recipe, version, args.licences, base)
        bundle, sets = Bundle(manifest, built.tables), list(held_out_sets(corpus))
        measured = measure(bundle, sets)
        mixes = on_mix(bundle, corpus)
        manifest = with_metrics(manifest, measured)
        manifest = with_second_tier(manifest, built, sets, threads=recipe.threads)
    directory.parent.mkdir(parents=True, exist_ok=True)
    write_bundle(
        directory, manifest, built.tables, built.estimators, dump_selftest(bundle.first_scores),
        card(manifest, measured, mixes), report(bundle, measured), overwrite=args.out is not None,
    )  # fmt: skip
    return Path(directory)


def recipe_of(args: argparse.Namespace) -> Recipe:
    """The recipe that ``--recipe`` names."""
    return load_recipe(Path(args.recipe) if args.recipe.endswith(".toml") else RECIPES / f"{args.recipe}.toml")


def permitted(corpus: Corpus) -> Corpus:
    """Only sets that may be used commercially without sharing alike; a site's own files stay."""
    allowed = {name for name in corpus.sets if name not in _BY_NAME or _BY_NAME[name].permissive}
    return Corpus(
        {name: records for name, records in corpus.sets.items() if name in allowed},
        tuple(file for file in corpus.files if file.name in allowed),
    )


def is_version(text: str) -> bool:
    """YYYY.M.N"""
    return re.fullmatch(r"\d{4}\.([1-9]|1[0-2])\.(0|[1-9]\d*)", text) is not None


def next_version(bundles: Path, now: datetime) -> str:
    """YYYY.M.N with the first N of the month that no directory there has."""
    pattern = re.compile(rf"{now.year}\.{now.month}\.(\d+)")
    taken = [int(found.group(1)) for path in bundles.glob("*") if (found := pattern.fullmatch(path.name))]
    return f"{now.year}.{now.month}.{max(taken, default=0) + 1}"


def describe(
    built: Built, corpus: Corpus, recipe: Recipe, version: str, licences: str, base: Bundle | None
) -> Manifest:
    """The manifest, without metrics and checksums."""
    return Manifest(
        format=FORMAT,
        version=version,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        base=base.version if base is not None else None,
        recipe=recipe.name,
        licences=licences,
        data=tuple(_data_set(file) for file in corpus.files),
        heads=tuple(_head(fitted, recipe) for fitted in built.heads),
        second_tier=None,
        libraries={module.__name__: module.__version__ for module in (np, joblib, scipy, sklearn)},
        cpu=_cpu(recipe.threads),
        parameters={"seed": recipe.seed, "dimensions": recipe.dimensions, "folds": recipe.folds},
        files={},
    )


def with_metrics(manifest: Manifest, measured: Sequence[Measured]) -> Manifest:
    """The manifest with each head's figures on its held-out sets."""
    return replace(
        manifest, heads=tuple(replace(head, metrics=_metrics(head.name, measured)) for head in manifest.heads)
    )


def with_second_tier(manifest: Manifest, built: Built, sets: Sequence[HeldOut], *, threads: int) -> Manifest:
    """The manifest with what looks again, if anything does: its figures on the held-out sets, its own self-test."""
    if not built.second:
        return manifest
    tier = SecondTierManifest(encoder_checksums(), tuple(one.described for one in built.second), ())
    bundle = Bundle(replace(manifest, second_tier=tier), built.tables)
    bundle.turn_on(threads=threads)
    asked = {one.head.name for one in tier.heads}
    measured = measure(bundle, [one for one in sets if one.head in asked])
    heads = tuple(replace(one, head=replace(one.head, metrics=_metrics(one.head.name, measured))) for one in tier.heads)
    selftest = tuple(bundle.second_scores(text) for text in TEXTS)
    return replace(manifest, second_tier=replace(tier, heads=heads, selftest=selftest))


def _metrics(head: str, measured: Sequence[Measured]) -> dict[str, Mapping[str, float]]:
    return {one.name: one.metrics for one in measured if one.head == head}


def _head(fitted: FittedHead, recipe: Recipe) -> HeadManifest:
    name = fitted.head.name
    return HeadManifest(
        name=name,
        mix=fitted.mix,
        base_rate=recipe.base_rate[name],
        calibration=fitted.calibration,
        operating_points=fitted.points,
        curve=fitted.curve,
        metrics={},
        parameters={"intercept": fitted.layer.intercept},
    )


def _data_set(file: DataFile) -> DataSet:
    source = _BY_NAME.get(file.name)
    licence = source.licence if source else "the site's own"
    return DataSet(
        file.name, file.sha256, file.rows, licence, source.permissive if source else True, source.url if source else ""
    )


def _cpu(threads: int) -> dict[str, str | int]:
    kernels = sorted({str(info.get("architecture")) for info in threadpool_info() if info.get("user_api") == "blas"})
    return {"blas": ", ".join(kernels), "threads": threads}
