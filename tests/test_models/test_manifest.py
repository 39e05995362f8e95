"""manifest.json: what is written is read back, and everything else is refused by the name of its field."""

import dataclasses
import json
import math
from typing import Any

import pytest

from models.manifest import Calibration, DataSet, HeadManifest, Manifest, SecondHead, SecondTierManifest
from models.scores import OperatingPoint

POINT = OperatingPoint("spoiler", "precision_95", 0.8125, 0.03, recall=0.5, precision_at={"0.01": 0.9}, rows=(40, 960))
UNSUPPORTED = OperatingPoint("spoiler", "precision_99", None, 0.03)
HEAD = HeadManifest(
    name="spoiler",
    mix={"films": 0.75, "news": 0.25},
    base_rate=0.03,
    calibration=Calibration((-2.0, 0.1, 3.0), (0.001, 0.2, 0.9)),
    operating_points=(POINT, UNSUPPORTED),
    curve=((0.1, 0.9, 0.2), (0.8125, 0.5, 0.001)),
    metrics={"films": {"auc": 0.91}},
    parameters={"pool": "max", "windows": 3, "bias": 0.1, "paired": False},
)
MANIFEST = Manifest(
    format=2,
    version="2026.11.1",
    created="2026-11-22T10:00:00Z",
    base=None,
    recipe="default",
    licences="permissive",
    data=(DataSet("films", "0a" * 32, 1000, "CC-BY-4.0", True, "https://example.org/films"),),
    heads=(HEAD,),
    second_tier=SecondTierManifest(
        {"model.onnx": "1b" * 32}, (SecondHead((0.1, 0.5), 0.25, HEAD),), ({"spoiler": 0.5}, {})
    ),
    libraries={"numpy": "2.4.6", "joblib": "1.6.0"},
    cpu={"blas": "Haswell", "threads": 2},
    parameters={"bits": 18, "orders": (2, 3, 4), "fold": True},
    files={"tables.joblib": "f0" * 32},
)


def test_round_trip() -> None:
    """A manifest read back equals the one written, types of numbers included."""
    back = Manifest.from_json(MANIFEST.to_json())
    assert back == MANIFEST
    assert type(back.head("spoiler").parameters["windows"]) is int
    assert type(back.head("spoiler").parameters["bias"]) is float
    assert back.head("spoiler").parameters["paired"] is False


def test_text_is_settled() -> None:
    """Equal manifests give equal text: sorted keys, one space of indent, a newline at the end, floats as repr."""
    reordered = dataclasses.replace(MANIFEST, libraries=dict(reversed(list(MANIFEST.libraries.items()))))
    text = MANIFEST.to_json()
    assert reordered.to_json() == text
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    assert '"threshold": 0.8125' in text


def test_a_head_that_is_not_there() -> None:
    """Asking for a head that the bundle lacks is a KeyError with its name."""
    with pytest.raises(KeyError, match="profanity"):
        MANIFEST.head("profanity")


def _edited(path: str, value: object) -> str:
    document = json.loads(MANIFEST.to_json())
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = document
    for step in way:
        place = place[step]
    place[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("surprise", 1, r"manifest\.surprise: unknown field"),
        ("heads.0.surprise", 1, r"manifest\.heads\[0\]\.surprise: unknown field"),
        ("heads.0.operating_points.1.surprise", 1, r"operating_points\[1\]\.surprise: unknown field"),
        ("format", "1", r"manifest\.format: must be int, not str"),
        ("format", True, r"manifest\.format: must be int, not bool"),
        ("recipe", None, r"manifest\.recipe: must be str, not NoneType"),
        ("base", 3, r"manifest\.base: "),
        ("base", "last", r"manifest\.base: must be YYYY\.M\.N or null"),
        ("data", {}, r"manifest\.data: must be a list, not dict"),
        ("libraries", [], r"manifest\.libraries: must be an object, not list"),
        ("libraries.numpy", 2, r"manifest\.libraries\.numpy: must be str, not int"),
        ("data.0.rows", 1.5, r"manifest\.data\[0\]\.rows: must be int, not float"),
        ("data.0.rows", -1, r"manifest\.data\[0\]\.rows: must not be negative"),
        ("data.0.sha256", "0A" * 32, r"manifest\.data\[0\]\.sha256: "),
        ("data.0.permissive", False, r"manifest\.data: holds a set that is not permissive"),
        ("licences", "some", r"manifest\.licences: must be one of all, permissive"),
        ("files.tables", "abc", r"manifest\.files"),
        ("created", "2026-11-22T10:00:00", r"manifest\.created: must be RFC 3339"),
        ("created", "2026-13-22T10:00:00Z", r"manifest\."),
        ("parameters.bits", [[1]], r"manifest\.parameters\.bits: fits none of its types"),
        ("heads.0.base_rate", 1, r"manifest\.heads\[0\]\.base_rate: must lie between 0 and 1"),
        ("heads.0.mix.news", -0.5, r"manifest\.heads\[0\]\.mix: "),
        ("heads.0.calibration.margins", [], r"heads\[0\]\.calibration\.margins: must not be empty"),
        ("heads.0.calibration.margins.1", -2.0, r"heads\[0\]\.calibration\.margins: must rise strictly"),
        ("heads.0.calibration.margins", [1.0], r"heads\[0\]\.calibration\.probabilities: must be as many"),
        ("heads.0.calibration.probabilities.0", 0.5, r"probabilities: must not fall"),
        ("heads.0.calibration.probabilities.2", 1.5, r"probabilities: must lie between 0 and 1"),
        ("heads.0.calibration.margins.2", 10**400, r"margins\[2\]: must be a finite number"),
        ("heads.0.curve.0", [0.1, 0.2], r"curve\[0\]: must have 3 members, not 2"),
        ("heads.0.curve.0.1", 1.2, r"curve: rates must lie between 0 and 1"),
        ("heads.0.curve", [[0.1, 0.2, 0.3]] * 201, r"curve: more than 200 points"),
        ("heads.0.operating_points.0.rows", [1, 2, 3], r"rows: must have 2 members, not 3"),
        ("heads.0.operating_points.0.head", "profanity", r"operating_points: of another head"),
        ("second_tier.encoder.model", "abc", r"second_tier: fits none of its types .*encoder: must be 64 hexadecimal"),
        ("second_tier.heads.0.band", [0.5, 0.5], r"band: must rise"),
        ("second_tier.heads.0.band", [0.1], r"band: must have 2 members, not 1"),
        ("second_tier.heads.0.share", 1.5, r"share: must lie between 0 and 1"),
        ("second_tier.selftest.0.spoiler", "high", r"selftest\[0\]\.spoiler: must be float, not str"),
        ("heads", [json.loads(MANIFEST.to_json())["heads"][0]] * 2, r"manifest\.heads: one name twice"),
    ],
)
def test_refused_by_field(path: str, value: object, reason: str) -> None:
    """Unknown fields, wrong types and impossible values are refused, and the reason names the field."""
    with pytest.raises(ValueError, match=reason):
        Manifest.from_json(_edited(path, value))


@pytest.mark.parametrize(
    "version", ["2026.11", "26.11.1", "2026.0.1", "2026.13.1", "2026.01.1", "2026.1.01", "v2026.1.1", ""]
)
def test_versions(version: str) -> None:
    """A version is year, month and number, without leading zeros."""
    with pytest.raises(ValueError, match=r"version: must be YYYY\.M\.N"):
        dataclasses.replace(MANIFEST, version=version)


def test_a_missing_field() -> None:
    """Every field must be there, so that no default is mistaken for what the fit recorded."""
    document = json.loads(MANIFEST.to_json())
    del document["heads"][0]["mix"]
    with pytest.raises(ValueError, match=r"manifest\.heads\[0\]\.mix: missing"):
        Manifest.from_json(json.dumps(document))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"format": NaN}',
        b'{"format": 1, "format": 1}',
        b"[" * 100_000,
        b'{"format": ' + b"9" * 5000,
    ],
)
def test_not_a_manifest(content: bytes) -> None:
    """Whatever is not strict JSON with the right fields is a ValueError and nothing else."""
    with pytest.raises(ValueError, match=r"."):
        Manifest.from_json(content)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, "0.1", None])
def test_nothing_is_written_that_cannot_be_read(wrong: Any) -> None:
    """Writing refuses what reading would refuse."""
    head = dataclasses.replace(HEAD, metrics={"films": {"auc": wrong}})
    with pytest.raises(ValueError, match=r"."):
        dataclasses.replace(MANIFEST, heads=(head,)).to_json()
