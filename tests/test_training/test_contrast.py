"""Texts that belong together are found, and the embedding learns which words tell that they do."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from models.lexicon import Lexicon, Term
from models.scores import Severity
from models.segments import whole
from models.semantics import quantised, unit
from models.tokens import Reader
from models.vocabulary import Vocabulary, build_vocabulary
from training import contrast
from training.contrast import contrasted
from training.data import Corpus
from training.examples import fold_of
from training.recipe import Recipe
from training.together import PAIR_SHARES, Pair, indexed, shares, together, without_fold

LEXICON = Lexicon((Term("shit", Severity.STRONG, "excrement"),))
SUBJECTS = [f"{first}{second}{third}" for first in "bdfgklmprstvz" for second in "aeiou" for third in "nrt"]
CHATTER = [f"so{word}" for word in SUBJECTS[:60]]
RECIPE = Recipe(contrast_steps=120, threads=1)


def vocabulary() -> Vocabulary:
    """Words that say what a text is about, and words that anybody uses."""
    return build_vocabulary(LEXICON, SUBJECTS + CHATTER)


def about(subject: int, draw: random.Random) -> str:
    """Two words of the subject among eight that say nothing."""
    own = SUBJECTS[3 * subject : 3 * subject + 3]
    return " ".join(draw.sample([*draw.sample(own, 2), *draw.choices(CHATTER, k=8)], 10))


def made(count: int, seed: int) -> list[Pair]:
    """Comments and their articles."""
    draw = random.Random(seed)
    subjects = [draw.randrange(len(SUBJECTS) // 3) for _ in range(count)]
    return [Pair(about(s, draw), about(s, draw), f"article {s}", "ukp_roomfordebate", str(s)) for s in subjects]


def own_is_nearest(vectors: NDArray[np.float32], pairs: list[Pair]) -> float:
    """The share of comments that lie nearer to their own article than to the next comment's, as a bundle reads them."""
    reader, embedding = Reader(vocabulary(), LEXICON), quantised(vectors)

    def read(side: int) -> NDArray[np.float32]:
        tokens = reader.read([str(pair[side]) for pair in pairs])
        return unit(embedding.sums(tokens, whole(tokens)))

    left, right = read(0), read(1)
    own, others = (left * right).sum(axis=1), (left * np.roll(right, 1, axis=0)).sum(axis=1)
    return float((own > others).mean())


@pytest.fixture(scope="module")
def start() -> NDArray[np.float32]:
    """Vectors in which words of a subject are near each other and chatter is as loud as they are."""
    draw = np.random.default_rng(3)
    words = vocabulary().words
    centre = draw.standard_normal((len(SUBJECTS) // 3, 16))
    vectors = draw.standard_normal((len(words), 16))
    for i, word in enumerate(SUBJECTS):
        vectors[words.index(word)] = centre[i // 3] + 0.5 * draw.standard_normal(16)
    return vectors.astype(np.float32)


def test_words_that_tell_come_to_weigh_more(start: NDArray[np.float32]) -> None:
    """On pairs it was not fitted to, of the same subjects, the own article is found more often."""
    unseen = made(300, 2)
    moved = contrasted(start, made(2_000, 1), Reader(vocabulary(), LEXICON), RECIPE)
    assert moved.dtype == np.float32
    assert own_is_nearest(moved, unseen) > own_is_nearest(start, unseen) + 0.1
    longer, shorter = (
        np.mean([np.linalg.norm(moved[vocabulary().ids[word]]) for word in words]) for words in (SUBJECTS, CHATTER)
    )
    assert longer > 2 * shorter


def test_the_same_pairs_give_the_same_vectors(start: NDArray[np.float32]) -> None:
    """Byte for byte; and without pairs the vectors stay as they are."""
    first, second = (contrasted(start, made(300, 1), Reader(vocabulary(), LEXICON), RECIPE) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert contrasted(start, [], Reader(vocabulary(), LEXICON), RECIPE) is start


def test_the_gradient_is_the_losss() -> None:
    """By differences of the loss as it stands in the paper; others of the same article are left out."""
    draw = np.random.default_rng(5)
    sums, group = draw.standard_normal((10, 6)), np.array([0, 1, 0, 2, 3])

    def loss(sums: NDArray[np.float64]) -> float:
        units = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        raised = np.exp(units[:5] @ units[5:].T / contrast._TEMPERATURE)
        raised[[0, 2], [2, 0]] = 0
        own = np.diag(raised)
        return float(-np.log(own / raised.sum(axis=1)).mean() - np.log(own / raised.sum(axis=0)).mean()) / 2

    found = contrast._pulled(sums.astype(np.float32), group)
    for place in [(0, 0), (3, 2), (7, 5), (9, 1)]:
        step = np.zeros_like(sums)
        step[place] = 1e-5
        assert found[place] == pytest.approx((loss(sums + step) - loss(sums - step)) / 2e-5, abs=2e-3)


def test_pairs_of_the_small_world(corpus: Corpus) -> None:
    """Of records that teach alone; a title is a partner of its own; the draw is the same for the same seed."""
    pairs = together(corpus, seed=1)
    assert pairs == together(corpus, seed=1)
    taught = {record.text for records in corpus.sets.values() for record in records if record.split == "train"}
    measured = {record.text for records in corpus.sets.values() for record in records if record.split != "train"}
    of_pairs = [pair for pair in pairs if not pair.source.startswith("parts of ")]
    assert of_pairs
    assert {pair.left for pair in of_pairs} <= taught - (measured - taught)
    debates = [pair for pair in of_pairs if pair.source == "ukp_roomfordebate"]
    assert {len({p.right for p in debates if p.left == pair.left}) for pair in debates} == {2}


def test_long_texts_are_cut_between_sentences(corpus: Corpus) -> None:
    """Into two parts that say something each; short ones stay."""
    record = next(record for record in corpus.sets["c3_toxicity"] if record.split == "train")
    long = " ".join(f"The ferry was late on day {n} of the strike." for n in range(6))
    known = Corpus({"c3_toxicity": [replace(record, text=text) for text in (long, "Too short. To be cut.")]}, ())
    (pair,) = together(known, seed=1)
    assert f"{pair.left} {pair.right}" == long
    assert pair.source == "parts of c3_toxicity"


def test_a_fold_is_left_out_whole() -> None:
    """What is kept and what is left out share no article."""
    pairs = made(200, 4)
    kept = without_fold(pairs, 1, 3)
    assert {fold_of(pair.example, 3) for pair in kept} == {0, 2}
    assert len(kept) + sum(fold_of(pair.example, 3) == 1 for pair in pairs) == 200


def test_half_of_the_batches_are_pairs() -> None:
    """Parts of texts take the place of sets that are not at hand; alone, either kind is all there is."""
    parts = ["parts of a", "parts of b", "parts of b", "parts of b", "parts of b"]
    every = shares(np.array([*PAIR_SHARES, *parts]))
    assert sum(every[name] for name in PAIR_SHARES) == pytest.approx(0.5)
    assert every["parts of b"] == pytest.approx(2 * every["parts of a"]) == pytest.approx(1 / 3)
    some = shares(np.array(["sfu_ctc", *parts]))
    assert some["sfu_ctc"] == every["sfu_ctc"]
    assert sum(some.values()) == pytest.approx(1)
    assert shares(np.array(["parts of a"])) == {"parts of a": 1}


def test_every_text_and_group_has_one_number() -> None:
    """So a text that stands in two pairs is read once."""
    pairs = [Pair("a", "x", "one", "s", ""), Pair("b", "x", "one", "s", ""), Pair("a", "y", "two", "s", "")]
    found = indexed(pairs)
    assert found.texts == ["a", "x", "b", "y"]
    assert (found.left.tolist(), found.right.tolist()) == ([0, 2, 0], [1, 1, 3])
    assert found.group.tolist() == [0, 0, 1]
