"""The second tier with the real encoder: asked only in doubt, never swayed by neighbours, and checked as it loads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models import encoder, second_tier
from models.artifact import BundleRejected
from models.bundle import Bundle, NoSecondTier
from models.comment import Article, Comment
from models.doubts import Doubt, passage
from models.encoder import DIMENSIONS, EXCERPT, EncoderMissing
from models.heads import HEAD_NAMES
from models.manifest import SecondTierManifest
from models.pairs import PAIR_COLUMNS
from models.second_tier import alone, article_texts, compared, log_odds, second_columns
from models.selftest import TEXTS, dump_selftest
from tests.factories import SECOND_HEADS, drawn_manifest, drawn_second_tier, drawn_tables
from tests.test_models.hostile import ADVERSARIAL, COMMENTS

TABLES = drawn_tables()
LONG = "The council met again on Monday and said nothing new about the bridge. " * 12


@pytest.fixture(scope="module")
def tier() -> SecondTierManifest:
    """Of the drawn bundle."""
    return drawn_second_tier()


@pytest.fixture(scope="module")
def both(tier: SecondTierManifest) -> Bundle:
    """The drawn bundle with its second tier on."""
    return turned_on(tier)


def turned_on(tier: SecondTierManifest) -> Bundle:
    bundle = Bundle(drawn_manifest(tier), TABLES, dump_selftest(Bundle(drawn_manifest(), TABLES).score))
    bundle.turn_on()
    return bundle


def wide(tier: SecondTierManifest, band: tuple[float, float]) -> SecondTierManifest:
    """The same with that band for every head."""
    return dataclasses.replace(tier, heads=tuple(dataclasses.replace(one, band=band) for one in tier.heads))


def test_only_what_lies_in_the_band_is_looked_at(both: Bundle) -> None:
    """There the score is the second tier's and says so; everywhere else the first one's answer stands as it was."""
    first, answers = both.first_scores(ADVERSARIAL), both.score(ADVERSARIAL)
    looked = set()
    for comment, one, other in zip(ADVERSARIAL, first, answers, strict=True):
        again = both.second_scores(comment)
        for name in HEAD_NAMES:
            was, now = one.heads[name], other.heads[name]
            if name in SECOND_HEADS and was.score is not None and 0.2 <= was.score < 0.8:
                assert now == was._replace(score=again[name], second_tier=True)
                looked.add(name)
            else:
                assert now == was
                assert not now.second_tier
    assert looked == set(SECOND_HEADS)


def test_off_it_is_not_there(tier: SecondTierManifest) -> None:
    """A bundle that has one and was not told to use it scores with one tier, and has one tier's thresholds."""
    bundle, plain = Bundle(drawn_manifest(tier), TABLES), Bundle(drawn_manifest(), TABLES)
    assert bundle.score(ADVERSARIAL) == plain.score(ADVERSARIAL)
    assert bundle.operating_points == plain.operating_points
    assert bundle.doubts(TEXTS[0], bundle.score(TEXTS)[0]) == ()


def test_points_are_of_both_tiers(both: Bundle, tier: SecondTierManifest) -> None:
    """For the heads that look again; the others keep theirs."""
    assert both.operating_points["spoiler"]["balanced"].threshold == 0.375
    assert both.operating_points["off_topic"].keys() == {"balanced", "precision>=0.7"}
    assert both.operating_points["profanity"] == Bundle(drawn_manifest(), TABLES).operating_points["profanity"]


@settings(max_examples=15)
@given(st.lists(COMMENTS, min_size=2, max_size=5))
def test_together_is_alone_to_the_last_bit(both: Bundle, comments: list[Comment]) -> None:
    """Whatever stands beside a comment, whoever asked before, and whatever is remembered."""
    together = both.score(comments)
    assert both.second_tier is not None
    both.second_tier.forget()
    assert [both.score([comment])[0] for comment in reversed(comments)] == together[::-1]


def test_only_heads_that_were_asked_look_again(both: Bundle) -> None:
    """And none where there is nothing to compare with."""
    comment = Comment("Ferries run every ten minutes, said the council of the bridge.")
    for one in both.score([comment], heads=("profanity", "off_topic")):
        assert set(one.heads) == {"profanity", "off_topic"}
        assert not any(answer.second_tier for answer in one.heads.values())


def test_a_long_text_is_read_where_the_first_tier_points(both: Bundle) -> None:
    """The excerpt holds the sentence whole, wherever it stands; of a short text it is everything."""
    sentence = "It turns out her brother was the killer all along!"
    for text in (f"{sentence} {LONG}", f"{LONG} {sentence} {LONG}", f"{LONG} {sentence}", f"🎉ﬃ {LONG} {sentence} é"):
        at = text.split(sentence)[0].count(". ")
        found = passage(both.parts, text, at)
        assert sentence in found
        assert len(found) <= EXCERPT
    assert passage(both.parts, f"  {sentence}\n", 0) == sentence


def test_a_sentence_longer_than_an_excerpt(both: Bundle) -> None:
    """Its own beginning is read."""
    text = f"{LONG}! " + "word " * 200
    assert passage(both.parts, text, LONG.count(". ")).startswith("word word")


def test_a_text_of_nothing_has_a_passage(both: Bundle) -> None:
    """A long one too."""
    assert passage(both.parts, " " * 1000, 0) == ""


def test_columns_of_nothing_to_compare_with() -> None:
    """Without an article and a parent no cosine says anything."""
    own = np.ones(DIMENSIONS, np.float32)
    doubt = Doubt("off_topic", 0.5, np.zeros(len(PAIR_COLUMNS)), "text")
    assert not compared(doubt, own, None, None).any()
    assert len(compared(doubt, own, None, own)) == len(second_columns("off_topic"))
    assert compared(doubt, own / np.float32(20), None, own / np.float32(20))[-9:-7].tolist() == pytest.approx(
        [0.96, 0.96]
    )


def test_columns_of_a_text_alone() -> None:
    """The first tier's, its log-odds, and what the vector says."""
    doubt = Doubt("spoiler", 0.5, np.arange(9.0), "text")
    assert alone(doubt, 2.5).tolist() == [*range(9), 0.0, 2.5]
    assert len(second_columns("spoiler")) == 11
    assert [log_odds(0), -log_odds(1)] == pytest.approx([np.log(1e-4 / (1 - 1e-4))] * 2)


def test_what_of_an_article_is_encoded() -> None:
    """Title, opening and as many stretches as there is time for."""
    article = Article("A title", "\n\n".join(f"Paragraph {i}." for i in range(100)))
    texts = article_texts(article)
    assert texts[0] == "A title"
    assert texts[1].startswith("A title Paragraph 0. Paragraph 1.")
    assert texts[2:] == [f"Paragraph {i}." for i in range(8)]
    assert article_texts(Article("A title")) == ["A title", "A title"]


def test_memory_is_bounded(tier: SecondTierManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many articles come, and one that comes again costs nothing."""
    bundle = turned_on(wide(tier, (0.0, 1.01)))
    asked: list[str] = []
    assert bundle.second_tier is not None
    encode = bundle.second_tier._encode

    def noted(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return encode(texts)

    monkeypatch.setattr(bundle.second_tier, "_encode", noted)
    monkeypatch.setattr(second_tier, "REMEMBERED", 2)
    articles = [Article(f"The bridge number {i} is closed") for i in range(4)]
    for article in (*articles, articles[3]):
        bundle.score([Comment("Take the ferry then.", article)], heads=("off_topic",))
    assert len(bundle.second_tier._articles) == 2
    assert sum("bridge number 3" in text for text in asked) == 2  # as title and as opening, once


def test_the_selftest_covers_it(tier: SecondTierManifest) -> None:
    """Another processor's rounding passes; another score does not, nor a list of other texts'."""
    turned_on(tier).selftest()
    first = dict(tier.selftest[0])
    for change, passes in ((0.04, True), (0.06, False)):
        near = {name: score + change for name, score in first.items()}
        bundle = turned_on(dataclasses.replace(tier, selftest=(near, *tier.selftest[1:])))
        if passes:
            bundle.selftest()
        else:
            with pytest.raises(BundleRejected, match="second tier, text 0"):
                bundle.selftest()
    with pytest.raises(BundleRejected, match="self-test"):
        turned_on(dataclasses.replace(tier, selftest=tier.selftest[1:])).selftest()


def test_without_one_it_is_not_turned_on() -> None:
    """A bundle that was fitted without it says which command helps."""
    with pytest.raises(NoSecondTier, match=r"2026\.11\.1 has no second tier; run `make transformer`, then fit"):
        Bundle(drawn_manifest(), TABLES).turn_on()


def test_another_encoder_is_refused(tier: SecondTierManifest) -> None:
    """Its file's checksum is compared before it is opened."""
    changed = dataclasses.replace(tier, encoder={**tier.encoder, "model.onnx": "0" * 64})
    with pytest.raises(EncoderMissing, match="not the one that the bundle was fitted with"):
        turned_on(changed)


def test_a_missing_encoder_is_named(tier: SecondTierManifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    with pytest.raises(EncoderMissing, match="run `make transformer`"):
        turned_on(tier)


@pytest.mark.parametrize("table", ["second/spoiler/weights", "second/spoiler/meaning", "second/off_topic/weights"])
def test_tables_that_do_not_fit_are_refused(tier: SecondTierManifest, table: str) -> None:
    """One of another length, or none."""
    short = {**TABLES, table: TABLES[table][:-1]}
    missing = {name: value for name, value in TABLES.items() if name != table}
    for tables in (short, missing):
        with pytest.raises((KeyError, ValueError), match=table):
            Bundle(drawn_manifest(tier), tables)
