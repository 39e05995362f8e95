"""manifest.json as frozen dataclasses: what a bundle says about itself. Validation and JSON, nothing else."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from models.scores import OperatingPoint
from models.typed_json import decode, parse_json

#: A number or word that features or a head are rebuilt from; our own classes are never pickled.
Parameter = float | int | str | bool

#: Points kept of a head's curve: enough to choose a threshold from, few enough to read.
CURVE_POINTS = 200

LICENCES = ("all", "permissive")

_VERSION = re.compile(r"\d{4}\.([1-9]|1[0-2])\.(0|[1-9]\d*)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise ValueError(reason)


def _is_share(values: Iterable[float]) -> bool:
    return all(0.0 <= value <= 1.0 for value in values)


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of labelled comments that the fit read: the file's sha256, its rows, and what its licence allows."""

    name: str
    sha256: str
    rows: int
    licence: str
    #: Neither non-commercial nor copyleft.
    permissive: bool
    url: str

    def __post_init__(self) -> None:
        _require(_SHA256.fullmatch(self.sha256) is not None, "sha256: must be 64 hexadecimal digits")
        _require(self.rows >= 0, "rows: must not be negative")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Knots of margin → probability: margins rise strictly, probabilities from 0 to 1, never fall."""

    margins: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        _require(len(self.margins) > 0, "margins: must not be empty")
        _require(len(self.margins) == len(self.probabilities), "probabilities: must be as many as margins")
        _require(all(a < b for a, b in pairwise(self.margins)), "margins: must rise strictly")
        _require(all(a <= b for a, b in pairwise(self.probabilities)), "probabilities: must not fall")
        _require(_is_share(self.probabilities), "probabilities: must lie between 0 and 1")


@dataclass(frozen=True, slots=True)
class HeadManifest:
    """One head: the reference mix it is calibrated to, the table that does it, and what was measured."""

    name: str
    #: Reference mix: named set → weight.
    mix: Mapping[str, float]
    base_rate: float
    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    #: (threshold, recall, false-positive rate), at most ``CURVE_POINTS``.
    curve: tuple[tuple[float, float, float], ...]
    #: Named held-out set → metric → value.
    metrics: Mapping[str, Mapping[str, float]]
    #: The head's own served numbers.
    parameters: Mapping[str, Parameter]

    def __post_init__(self) -> None:
        _require(all(weight >= 0.0 for weight in self.mix.values()), "mix: weights must not be negative")
        _require(0.0 < self.base_rate < 1.0, "base_rate: must lie between 0 and 1")
        _require(all(point.head == self.name for point in self.operating_points), "operating_points: of another head")
        _require(len(self.curve) <= CURVE_POINTS, f"curve: more than {CURVE_POINTS} points")
        _require(all(_is_share(point[1:]) for point in self.curve), "curve: rates must lie between 0 and 1")


@dataclass(frozen=True, slots=True)
class SecondHead:
    """One head of the second tier."""

    #: The first tier's scores from which on, and below which, it is asked.
    band: tuple[float, float]
    #: Share of the reference mix whose scores lie there.
    share: float
    #: As of the first tier; calibrated where the second one is asked. Points, curve and metrics are of both together.
    head: HeadManifest

    def __post_init__(self) -> None:
        _require(0.0 <= self.band[0] < self.band[1], "band: must rise from 0 or more")
        _require(_is_share([self.share]), "share: must lie between 0 and 1")


@dataclass(frozen=True, slots=True)
class SecondTierManifest:
    """The heads that look again, and at which files' vectors."""

    #: File of the encoder → sha256.
    encoder: Mapping[str, str]
    heads: tuple[SecondHead, ...]
    #: What it says of each of the self-test's texts, by head.
    selftest: tuple[Mapping[str, float], ...]

    def __post_init__(self) -> None:
        right = all(_SHA256.fullmatch(s) for s in self.encoder.values())
        _require(right, "encoder: must be 64 hexadecimal digits each")
        names = [one.head.name for one in self.heads]
        _require(len(names) == len(set(names)), "second_tier: one name twice")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a bundle says about itself. ``files`` is filled in when the bundle is written."""

    #: The layout of the directory, see ``models.artifact.FORMAT``.
    format: int
    #: YYYY.M.N
    version: str
    #: RFC 3339 with an offset, given by the caller: models has no clock.
    created: str
    #: The bundle that this one was fitted from, or null.
    base: str | None
    recipe: str
    #: "all", or "permissive" when fitted without non-commercial and copyleft sets.
    licences: str
    data: tuple[DataSet, ...]
    heads: tuple[HeadManifest, ...]
    #: Null where the fit had no encoder, or nothing was gained.
    second_tier: SecondTierManifest | None
    #: Library → version at the fit; at least numpy and joblib.
    libraries: Mapping[str, str]
    #: BLAS kernel and thread count at the fit.
    cpu: Mapping[str, str | int]
    #: What features are rebuilt from: hash bits, n-gram orders, …
    parameters: Mapping[str, Parameter | tuple[Parameter, ...]]
    #: File name → sha256, for every file but the manifest itself.
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        _require(_VERSION.fullmatch(self.version) is not None, "version: must be YYYY.M.N")
        _require(self.base is None or _VERSION.fullmatch(self.base) is not None, "base: must be YYYY.M.N or null")
        _require(_RFC_3339.fullmatch(self.created) is not None, "created: must be RFC 3339 with an offset")
        datetime.fromisoformat(self.created)
        _require(self.licences in LICENCES, f"licences: must be one of {', '.join(LICENCES)}")
        permissive = all(data_set.permissive for data_set in self.data)
        _require(permissive or self.licences == "all", "data: holds a set that is not permissive")
        names = [head.name for head in self.heads]
        _require(len(names) == len(set(names)), "heads: one name twice")
        _require(all(_SHA256.fullmatch(s) for s in self.files.values()), "files: must be 64 hexadecimal digits each")

    def head(self, name: str) -> HeadManifest:
        """The named head's part; KeyError when the bundle has none."""
        for head in self.heads:
            if head.name == name:
                return head
        raise KeyError(name)

    def to_json(self) -> str:
        """The same text for equal manifests; ValueError for what ``from_json`` would refuse."""
        text = json.dumps(self, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"
        Manifest.from_json(text)
        return text

    @classmethod
    def from_json(cls, content: str | bytes) -> Manifest:
        """ValueError, naming the field, on anything but exactly these fields with values of their types."""
        return cls.from_document(parse_json(content))

    @classmethod
    def from_document(cls, document: object) -> Manifest:
        """As ``from_json``, from parsed JSON."""
        manifest: Manifest = decode(cls, document, "manifest")
        return manifest


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise ValueError(f"{type(value).__name__} has no place in a manifest")
