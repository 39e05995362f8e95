"""Which bundle is live, what it promises, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from fastapi import APIRouter
from starlette.responses import Response

from models.bundle import Bundle
from models.manifest import DataSet, HeadManifest, SecondHead, SecondTierManifest
from models.scores import OperatingPoint
from service.api.documents import gives, json_answer
from service.scoring.engine import Engine


class PointOut(TypedDict):
    """A promised property; without a threshold the data at hand cannot support it, and nothing acts on it."""

    threshold: float | None
    base_rate: float
    recall: float | None
    precision_at: dict[str, float]


class HeadCardOut(TypedDict):
    """One head: the base rate and mix it is calibrated to, its operating points, its figures on held-out sets."""

    base_rate: float
    mix: dict[str, float]
    operating_points: dict[str, PointOut]
    metrics: dict[str, dict[str, float]]


class SecondHeadOut(TypedDict):
    """One head of the second tier: asked where the first tier's score reaches the lower end and not the upper, if any.

    Points and figures are of both tiers together.
    """

    lowest: float
    below: float | None
    share_of_mix: float
    operating_points: dict[str, PointOut]
    metrics: dict[str, dict[str, float]]


class SecondTierOut(TypedDict):
    """What looks again; while it is on, thresholds are its heads'."""

    on: bool
    heads: dict[str, SecondHeadOut]


class DataSetOut(TypedDict):
    """A set of labelled comments that the fit read, and what its licence is."""

    name: str
    rows: int
    licence: str
    permissive: bool
    url: str


class BundleOut(TypedDict):
    """One bundle."""

    version: str
    live: bool
    created: str
    licences: str
    heads: dict[str, HeadCardOut]
    second_tier: SecondTierOut | None
    data: list[DataSetOut]


class BundlesOut(TypedDict):
    """The bundles that there are."""

    bundles: list[BundleOut]


def bundle_routes(engine: Engine) -> APIRouter:
    """``/v1/bundles``."""
    router = APIRouter(tags=["bundles"])

    @router.get("/v1/bundles", responses=gives(BundlesOut, 401, 403, 503), response_class=Response)
    async def bundles() -> Response:
        """The live bundle: thresholds, base rates, figures, and the licences of the data behind it."""
        answer: BundlesOut = {"bundles": [_bundle(engine.live)]}
        return json_answer(answer)

    return router


def _bundle(bundle: Bundle) -> BundleOut:
    manifest = bundle.manifest
    return {
        "version": manifest.version,
        "live": True,
        "created": manifest.created,
        "licences": manifest.licences,
        "heads": {head.name: _head(head, bundle.operating_points[head.name]) for head in manifest.heads},
        "second_tier": _second_tier(bundle, manifest.second_tier),
        "data": [_data_set(data_set) for data_set in manifest.data],
    }


def _head(head: HeadManifest, points: Mapping[str, OperatingPoint]) -> HeadCardOut:
    return {
        "base_rate": head.base_rate,
        "mix": dict(head.mix),
        "operating_points": {name: _point(point) for name, point in points.items()},
        "metrics": {name: dict(figures) for name, figures in head.metrics.items()},
    }


def _second_tier(bundle: Bundle, tier: SecondTierManifest | None) -> SecondTierOut | None:
    if tier is None:
        return None
    return {
        "on": bundle.second_tier is not None,
        "heads": {one.head.name: _second_head(one) for one in tier.heads},
    }


def _second_head(one: SecondHead) -> SecondHeadOut:
    return {
        "lowest": one.band[0],
        "below": one.band[1] if one.band[1] <= 1 else None,
        "share_of_mix": one.share,
        "operating_points": {point.name: _point(point) for point in one.head.operating_points},
        "metrics": {name: dict(figures) for name, figures in one.head.metrics.items()},
    }


def _point(point: OperatingPoint) -> PointOut:
    return {
        "threshold": point.threshold,
        "base_rate": point.base_rate,
        "recall": point.recall,
        "precision_at": dict(point.precision_at),
    }


def _data_set(data_set: DataSet) -> DataSetOut:
    return {
        "name": data_set.name,
        "rows": data_set.rows,
        "licence": data_set.licence,
        "permissive": data_set.permissive,
        "url": data_set.url,
    }
