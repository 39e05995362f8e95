"""Which records teach what: labels, weights by trust, groups that stay together, and nothing of the final rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from models.comment import Article
from models.record import Record
from tests.test_training.written import article, record
from training.data import Corpus
from training.examples import (
    EMPHASIS,
    Example,
    articles_as_text,
    from_record,
    labelled,
    plain_talk,
    promotion,
    spoilers,
    works,
)


def corpus_of(*records: Record) -> Corpus:
    """The records by set."""
    sets: dict[str, list[Record]] = {}
    for one in records:
        sets.setdefault(one.source, []).append(one)
    return Corpus(sets, ())


def row(name: str, number: int = 1, label: int | None = 0, head: str = "profanity", **more: Any) -> Record:
    """One record as ``load`` leaves it."""
    return record(name, number, f"Text {number} of {name}.", {head: label}, **{"split": "train", **more})


def test_only_answered_questions_are_examples() -> None:
    """Null means that nobody answered; another head's answer is no answer."""
    corpus = corpus_of(row("a", 1, 1), row("a", 2, None), row("a", 3, 1, "spoiler"), row("b", 4, 0))
    found = {(example.source, example.comment.text): example.label for example in labelled(corpus, "profanity")}
    assert found == {("a", "Text 1 of a."): 1, ("b", "Text 4 of b."): 0}


@pytest.mark.parametrize(("trusted", "weight"), [("gold", 1.0), ("proxy", 0.5), ("weak", 0.2), (None, 0.2), ("?", 0.2)])
def test_weight_is_trust_times_the_records_own(trusted: str | None, weight: float) -> None:
    """A proxy's label counts half; who says nothing of the source is trusted least."""
    (example,) = labelled(corpus_of(row("a", label_source=trusted, weight=3.0)), "profanity")
    assert example.weight == pytest.approx(3 * weight)
    assert example.gold == (trusted == "gold")


@pytest.mark.parametrize("name", sorted(EMPHASIS))
def test_some_sets_weigh_more_or_less(name: str) -> None:
    """Comments on news count more than tweets, and who answered another question than ours counts less."""
    (example,) = labelled(corpus_of(row(name)), "profanity")
    (other,) = labelled(corpus_of(row("a")), "profanity")
    assert example.weight == pytest.approx(other.weight * EMPHASIS[name])
    assert (example.weight > other.weight) == (name not in ("told_br", "germeval2018_train"))


def test_final_rows_are_never_examples() -> None:
    """Not for fitting, not for calibration; held-out rows are marked, so that they only measure."""
    corpus = corpus_of(*(row("a", n, split=split) for n, split in enumerate(("train", "held_out", "final"))))
    assert [(e.comment.text, e.held_out) for e in labelled(corpus, "profanity")] == [
        ("Text 0 of a.", False),
        ("Text 1 of a.", True),
    ]


def test_a_list_of_words_teaches_nothing_by_itself() -> None:
    """The word lists' ratings are no comments."""
    assert list(labelled(corpus_of(row("lexicon_en", 1, 1)), "profanity")) == []


def test_a_text_head_sees_the_text_alone() -> None:
    """Whatever else is known of the comment."""
    known = row("a", parent="Who asked?", article=article("road salt"), article_id="x")
    (example,) = labelled(corpus_of(known), "profanity")
    assert (example.comment.article, example.comment.parent) == (None, None)


@pytest.mark.parametrize(
    ("where", "group"),
    [({"work": "Saltwater", "article_id": "x"}, "Saltwater"), ({"article_id": "x"}, "x"), ({}, "Text 1 of a.")],
)
def test_groups(where: dict[str, Any], group: str) -> None:
    """By work, else by article, else by text."""
    assert from_record(row("a", **where), 1, 1.0, "a").group == group


def test_a_group_is_in_one_fold() -> None:
    """Folds depend on the group alone and are about equally full."""
    examples = [from_record(row("a", n, work=f"work {n // 4}"), 0, 1.0, "a") for n in range(2000)]
    folds = {example.group: example.fold(5) for example in examples}
    assert all(example.fold(5) == folds[example.group] for example in examples)
    counts = Counter(folds.values())
    assert set(counts) == set(range(5))
    assert all(60 <= count <= 140 for count in counts.values())


def found_by(examples: list[Example]) -> dict[str, set[int]]:
    """Each source's labels."""
    sources: dict[str, set[int]] = {}
    for example in examples:
        sources.setdefault(example.source, set()).add(example.label)
    return sources


def test_spoilers_and_what_is_none() -> None:
    """Spoiler sentences, endings against openings of plots, reviews and plain talk; plots told by a reviewer not."""
    corpus = corpus_of(
        row("tvtropes_spoilers", 1, 1, "spoiler"),
        row("wiki_film_plots_weak", 2, None, "spoiler", weak_labels={"spoiler": 1.0}),
        row("wiki_film_plots_weak", 3, None, "spoiler", weak_labels={"spoiler": 0.0}),
        row("subj_plot_vs_review", 4, None, "spoiler", weak_labels={"plot": 1.0}),
        row("subj_plot_vs_review", 5, None, "spoiler", weak_labels={"plot": 0.0}),
        row("c3_toxicity", 6),
    )
    examples = list(spoilers(corpus))
    assert found_by(examples) == {
        "tvtropes_spoilers": {1},
        "wiki_film_plots_weak": {0, 1},
        "subj_plot_vs_review": {0},
        "c3_toxicity": {0},
    }
    assert "Text 4 of subj_plot_vs_review." not in {example.comment.text for example in examples}


def test_works_against_other_writing() -> None:
    """Sentences about works are positive; comments on news, and the news itself, are not."""
    where = {"article": article("road salt"), "article_id": "salt"}
    corpus = corpus_of(
        row("tvtropes_spoilers", 1, 0, "spoiler", work="Saltwater"),
        row("ukp_roomfordebate", 2, 0, "off_topic", **where),
    )
    assert found_by(list(works(corpus))) == {"tvtropes_spoilers": {1}, "ukp_roomfordebate": {0}, "articles": {0}}


def test_promotion_against_talk() -> None:
    """Spam under videos keeps its label; every third comment on news stands against it."""
    spam = [row("youtube_spam", n, n % 2, "off_topic", article_id="v") for n in range(4)]
    talk = [row("c3_toxicity", n) for n in range(9)]
    examples = list(promotion(corpus_of(*spam, *talk)))
    assert [example.label for example in examples if example.source == "youtube_spam"] == [0, 1, 0, 1]
    assert [e.comment.text for e in examples if e.source == "c3_toxicity"] == [talk[n].text for n in (0, 3, 6)]


def test_plain_talk_keeps_held_out_comments_apart() -> None:
    """Used as negatives elsewhere, a held-out or final comment still only measures."""
    rows = [row("ucc_val", n, split=split) for n, split in enumerate(("train", "held_out", "final"))]
    assert [example.held_out for example in plain_talk(corpus_of(*rows), 0)] == [False, True, True]


def test_an_article_is_one_text() -> None:
    """Title and body once, however many comments stand under it; cut where it gets long; held out with its comments."""
    long = Article("Frost", "brine " * 1000)
    rows = [row("sfu_ctc", n, 0, "off_topic", article=long, article_id="frost") for n in range(3)]
    rows += [row("sfu_ctc", 3, 0, "off_topic", article=Article(None, "Short."), article_id="s", split="held_out")]
    rows += [row("sfu_ctc", 4, 0, "off_topic")]
    frost, short = articles_as_text(corpus_of(*rows), ["sfu_ctc"])
    assert frost.comment.text.startswith("Frost\nbrine brine")
    assert len(frost.comment.text) == 2000
    assert (short.comment.text.strip(), short.held_out, frost.held_out) == ("Short.", True, False)
