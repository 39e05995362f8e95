"""The second tier's fit: it learns what the first missed, promises for both together, and asks no more than pays."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.calibration import expected_calibration_error, probabilities
from models.comment import Article, Comment
from models.doubts import doubt
from models.encoder import EncoderMissing
from models.heads import head
from models.manifest import SecondTierManifest
from models.operating import SHOWN_RATES
from models.parts import Parts, head_columns
from models.scores import OperatingPoint
from models.second_tier import LoadedHead, SecondTier, second_columns
from models.selftest import TEXTS
from tests.factories import drawn_parts, drawn_second_tier
from tests.test_training.fake_network import network, sentence_vector
from training import build, teacher
from training.both_tiers import second_table
from training.card import _second_tier
from training.crossfit import HeadRows
from training.evaluate import Measured
from training.examples import Example
from training.layers import FittedHead, fit_head
from training.recipe import Recipe
from training.second_tier import (
    FittedSecondHead,
    Vectors,
    _chosen_band,
    _combined,
    _doubts,
    encoded_texts,
    fit_second_head,
)
from training.teacher import VectorCache

SPOILER, PAIRS = head("spoiler"), head("off_topic")
RECIPE = Recipe(
    mix={name: {"made": 1.0} for name in ("spoiler", "off_topic")},
    base_rate={"spoiler": 0.2, "off_topic": 0.2},
    balanced_on={"spoiler": ["made"], "off_topic": ["made"]},
)
ARTICLE = Article("Bridge closes", "The bridge closes for repairs, said the council.")


def made(count: int) -> list[Example]:
    """Half of them positive, which their words tell; a tenth of the words say the contrary."""
    found = []
    for n in range(count):
        label = n % 2
        word = ("ferry", "killer")[label if n % 10 else 1 - label]
        comment = Comment(f"{word} number {n}", ARTICLE if n % 3 else None, None if n % 4 else f"{word} once more")
        found.append(Example(comment, label, 1.0, "made", f"{n}"))
    return found


def rows_for(examples: list[Example], name: str, apart: float) -> HeadRows:
    """Random columns, of which the first leans towards the label."""
    matrix = np.random.default_rng(3).normal(size=(len(examples), len(head_columns(head(name)))))
    matrix[:, 0] += apart * np.array([one.label for one in examples])
    return HeadRows(matrix, np.arange(len(examples)), np.zeros(len(examples), bool))


def fitted(name: str, tmp_path: Path, *, apart: float = 1.0) -> tuple[FittedHead, FittedSecondHead | None]:
    """Both tiers of a head on made rows, with a stand-in for the encoder."""
    examples = made(2_000)
    rows = rows_for(examples, name, apart)
    first = fit_head(head(name), examples, rows, RECIPE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher, "Encoder", network())
        vectors = Vectors(VectorCache(tmp_path), threads=1)
        return first, fit_second_head(first, examples, rows, drawn_parts().parts, vectors, RECIPE)


def test_it_learns_what_the_first_tier_missed(tmp_path: Path) -> None:
    """From the vectors: more is found at the same promise, and the tables are those that are served."""
    first, second = fitted("spoiler", tmp_path)
    assert second is not None
    described = second.described.head
    recall = {point.name: point.recall or 0 for point in first.points}
    assert all((point.recall or 0) >= recall[point.name] for point in described.operating_points)
    assert {point.name for point in described.operating_points if point.threshold} > {
        point.name for point in first.points if point.threshold
    }
    assert set(second.tables) == {"second/spoiler/weights", "second/spoiler/meaning"}
    heads = {"spoiler": LoadedHead(second.described, second.tables)}
    tier = SecondTier(heads, lambda texts: np.array([sentence_vector(text) for text in texts], np.float32))
    parts = drawn_parts().parts
    middle = sum(second.described.band) / 2
    weights = np.ones(len(head_columns(SPOILER)))
    told, plain = (
        tier.scores([doubt(parts, SPOILER, Comment(text), middle, weights)])["spoiler"]
        for text in ("killer number 7", "ferry number 7")
    )
    assert told > plain


def test_a_head_that_compares_learns_from_cosines(tmp_path: Path) -> None:
    """Where they say nothing about the label there is no second look."""
    _, second = fitted("off_topic", tmp_path)
    assert second is None or set(second.tables) == {"second/off_topic/weights"}
    assert len(second_columns("off_topic")) == len(head_columns(PAIRS)) + 13


def test_without_doubts_there_is_none(tmp_path: Path) -> None:
    """A first tier that is always right leaves nothing to look at again."""
    assert fitted("spoiler", tmp_path, apart=60.0)[1] is None


def drawn(count: int = 20_000) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Calibrated scores of a first tier, margins of a better second one, labels, and equal shares of the mix."""
    draw = np.random.default_rng(1)
    truth = draw.normal(-2, 2, count)
    labels = (draw.random(count) < 1 / (1 + np.exp(-truth))).astype(int)
    first = 1 / (1 + np.exp(-(truth + draw.normal(0, 1.5, count)) * 0.6))
    return first, truth, labels, np.ones(count) / count


def test_the_band_keeps_most_of_the_gain_at_the_least_cost() -> None:
    """It is no wider than it must be, and what it says is calibrated inside of it."""
    first, second, labels, mix = drawn()
    chosen = _chosen_band(first, second, labels, mix)
    assert chosen is not None
    (low, high), calibration = chosen
    inside = (first >= low) & (first < high)
    assert 0.05 < inside.mean() < 0.9
    both = _combined(first, second, (low, high), calibration)
    assert np.array_equal(both[~inside], first[~inside])
    assert expected_calibration_error(both[inside], labels[inside]) < 0.02
    assert np.array_equal(both[inside], probabilities(calibration, second[inside]))


def test_nothing_gained_is_no_band() -> None:
    """Margins of chance, or none at all."""
    first, _, labels, mix = drawn()
    chance = np.random.default_rng(2).normal(size=len(first))
    assert _chosen_band(labels * 0.5 + 0.2, chance, labels, mix) is None
    assert _chosen_band(first, np.full(len(first), np.nan), labels, mix) is None


def test_what_cannot_be_looked_at_keeps_its_score() -> None:
    """An example that the second tier has no margin of."""
    first, second, labels, mix = drawn(2_000)
    chosen = _chosen_band(first, second, labels, mix)
    assert chosen is not None
    missing = np.where(np.arange(len(second)) % 2 == 0, np.nan, second)
    both = _combined(first, missing, *chosen)
    assert np.array_equal(both[::2], first[::2])


def test_doubts_are_the_served_ones(parts: Parts) -> None:
    """Of a text of several sentences the strongest row, and the passage around it, as when the service asks."""
    texts = ["The ferry was full. The killer dies in the end! " + "We paid the toll. " * 40, "A ferry."]
    examples = [Example(Comment(text), n, 1.0, "made", f"{n}") for n, text in enumerate(texts)]
    draw = np.random.default_rng(4)
    count = texts[0].count(". ") + texts[0].count("! ")
    owners = np.array([0] * count + [1])
    rows = HeadRows(draw.normal(size=(len(owners), len(head_columns(SPOILER)))), owners, np.zeros(len(owners), bool))
    first = fit_head(SPOILER, made(400), rows_for(made(400), "spoiler", 2.0), RECIPE)
    found = _doubts(first, examples, rows, parts, np.array([0.5, 0.001]))
    assert list(found) == [0]
    strongest = int(first.layer.margins(rows.matrix[:count]).argmax())
    assert np.array_equal(found[0].columns, rows.matrix[strongest])
    assert found[0].text in " ".join(texts[0].split())


@pytest.fixture(scope="module")
def parts() -> Parts:
    """The small vocabulary's."""
    return drawn_parts().parts


def test_what_is_encoded_beforehand() -> None:
    """For a head that compares also what it compares with; each text may be empty."""
    examples = made(2)
    assert encoded_texts(SPOILER, examples) == [one.comment.text for one in examples]
    own = encoded_texts(PAIRS, examples)
    assert {"ferry once more", "Bridge closes", "Bridge closes The bridge closes for repairs, said the council."} <= {
        text.replace("killer once more", "ferry once more") for text in own
    }


def test_a_fit_without_the_encoder_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so and goes on."""

    def missing() -> dict[str, str]:
        raise EncoderMissing("the encoder is not installed; run `make transformer`")

    monkeypatch.setattr(build, "encoder_checksums", missing)
    assert build._second_heads((), {}, drawn_parts().parts, tmp_path, RECIPE) == ()
    assert "no second tier is fitted: the encoder is not installed; run `make transformer`" in capsys.readouterr().err


def test_the_card_tells_of_it() -> None:
    """Bands, shares and points, or that there is none."""
    tier = drawn_second_tier()
    points = (OperatingPoint("spoiler", "balanced", 0.375, 0.03, 0.5, dict.fromkeys(SHOWN_RATES, 0.25)),)
    (one,) = tier.heads[1:]
    heads = (dataclasses.replace(one, head=dataclasses.replace(one.head, operating_points=points)),)
    text = "\n".join(_second_tier(dataclasses.replace(tier, heads=heads)))
    assert "- **spoiler**: scores from 0.20 to below 0.80, 50% of the reference mix." in text
    assert "| balanced | 0.3750 | 0.50 | 0.25 |" in text
    assert "None" in "\n".join(_second_tier(None))
    assert len(tier.selftest) == len(TEXTS)


def test_the_table_has_both() -> None:
    """Each set's figures by one tier and by two, and how much was looked at again."""
    tier: SecondTierManifest = drawn_second_tier()
    scores, labels = np.array([0.1, 0.5, 0.7, 0.9]), np.array([0, 0, 1, 1])
    first = Measured("spoiler", "series", "gold", 4, 2, {"auc": 0.75, "recall_acting": 0.5}, scores, labels, ("",) * 4)
    both = dataclasses.replace(first, metrics={"auc": 1.0, "recall_acting": 1.0, "false_positives_acting": 0.0})
    printed = second_table(tier, [first], [both])
    assert "| spoiler | series | 4 (2) | 50% | 0.750 | 1.000 | 50.0% / – | 100.0% / 0.0% |" in printed
    assert "spoiler from 0.20 to below 0.80, 50% of its reference mix" in printed
