"""The static embedding: a ridge regression that is one, on bags of words that are what they say, near the teacher."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sparse
from numpy.typing import NDArray

from models.encoder import excerpt
from models.lexicon import Lexicon, Term
from models.scores import Severity
from models.segments import whole
from models.semantics import Embedding, quantised, unit
from models.tokens import Reader
from models.vocabulary import RESERVED, Vocabulary, build_vocabulary
from tests.test_training.fake_network import FakeNetwork, network, sentence_vector
from training import teacher
from training.distil import _ridge, bags_of_words, distil, teacher_texts, written_words
from training.recipe import Recipe

LEXICON = Lexicon((Term("kiss my ass", Severity.MILD, "anatomy"), Term("shit", Severity.STRONG, "excrement")))
WORDS = [f"{first}{second}{third}" for first in "bdfgkl" for second in "aeiou" for third in "nrt"]
RECIPE = Recipe(dimensions=24, distil_penalty=0.2, distil_steps=40, threads=1, excerpt=60)


def vocabulary() -> Vocabulary:
    """Ninety short words, and what every vocabulary holds."""
    return build_vocabulary(LEXICON, WORDS)


def sentences(count: int, seed: int) -> list[str]:
    """Texts of known words about subjects: neighbours in the list come together."""
    draw = random.Random(seed)
    starts = [draw.randrange(len(WORDS) - 10) for _ in range(count)]
    return [" ".join(draw.choices(WORDS[at : at + 10], k=draw.randint(4, 9))) for at in starts]


def cosines(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each text with each other one, without the texts themselves."""
    made = unit((vectors - vectors.mean(axis=0)).astype(np.float32)).astype(float)
    between: NDArray[np.float64] = (made @ made.T)[np.triu_indices(len(made), 1)]
    return between


def text_vectors(embedding: Embedding, texts: list[str]) -> NDArray[np.float32]:
    """What a bundle computes at serving time."""
    tokens = Reader(vocabulary(), LEXICON).read(texts)
    return embedding.sums(tokens, whole(tokens))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeNetwork]:
    """Stands in for the network alone."""
    stand_in = network()
    monkeypatch.setattr(teacher, "Encoder", stand_in)
    return stand_in


@pytest.mark.parametrize("penalty", [0.1, 3.0])
def test_conjugate_gradients_equal_a_dense_solve(penalty: float) -> None:
    """(BᵀB + penalty)⁻¹Bᵀtargets, for all columns at once, words that no text has included."""
    draw = np.random.default_rng(5)
    bags = sparse.random_array((60, 25), density=0.2, rng=draw, dtype=np.float32).tolil()
    bags[:, 7] = 0
    dense, targets = bags.toarray(), draw.standard_normal((60, 4)).astype(np.float32)
    solved = np.linalg.solve(dense.T @ dense + penalty * np.eye(25), dense.T @ targets)
    found = _ridge(bags.tocsr(), targets, penalty, 60)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, solved, atol=1e-4)
    assert not found[7].any()


def test_nothing_to_fit_stays_nothing() -> None:
    """Targets of zero need no weights, and no division by zero on the way there."""
    bags = sparse.csr_matrix(np.eye(5, dtype=np.float32))
    assert not _ridge(bags, np.zeros((5, 3), np.float32), 0.5, 10).any()


@pytest.mark.parametrize(
    ("text", "length", "read"),
    [
        ("  one\n\n two\tthree ", 100, "one two three"),
        ("one two three", 7, "one two"),
        ("one two three", 8, "one two"),
        ("one two three", 9, "one two t"),
        (" \n\t", 10, ""),
    ],
)
def test_excerpt(text: str, length: int, read: str) -> None:
    """The beginning, white space folded, no white space at its end."""
    assert excerpt(text, length) == read


def test_the_teacher_is_asked_for_each_excerpt_once() -> None:
    """Texts that begin alike are one; empty ones are none; then every word as a person writes it."""
    texts = ["ban ban", " ban  ban ", "", "x" * 60 + "a", "x" * 60 + "b"]
    asked = teacher_texts(texts, vocabulary(), LEXICON, RECIPE)
    assert asked == ["ban ban", "x" * 60, *written_words(vocabulary(), LEXICON)]


def test_a_decoded_term_is_asked_for_as_the_term() -> None:
    """The row of a hidden spelling carries the term's meaning, phrases with their spaces."""
    words = vocabulary()
    written = dict(zip(words.words, written_words(words, LEXICON), strict=True))
    assert (written["Shit"], written["Kissmyass"], written["ban"]) == ("shit", "kiss my ass", "ban")


def test_bags_of_words() -> None:
    """Counts over the root of their number; ends, addresses, names, numbers and unknown words are no words."""
    words = vocabulary()
    bags = bags_of_words(
        ["Ban ban, bar!", "see http://x.example 77 unheardof", *["ban"] * 100], Reader(words, LEXICON)
    ).toarray()
    assert bags.shape == (102, len(words))
    assert bags[0, words.ids["ban"]] == pytest.approx(2 / np.sqrt(3))
    assert bags[0, words.ids["bar"]] == pytest.approx(1 / np.sqrt(3))
    assert np.count_nonzero(bags[0]) == 2
    assert not bags[1].any()
    assert (bags[2:, words.ids["ban"]] == 1).all()


def test_the_embedding_comes_close_to_the_teacher(fake: type[FakeNetwork], tmp_path: Path) -> None:
    """On texts it was not fitted to, its cosines are nearly the teacher's; the markers of reading mean nothing."""
    vectors = distil(sentences(600, 1), vocabulary(), LEXICON, RECIPE, tmp_path)
    embedding = quantised(vectors[:, : RECIPE.dimensions])
    assert embedding.rows.shape == (len(vocabulary()), 24)
    unseen = sentences(80, 2)
    taught = cosines(np.array([sentence_vector(text) for text in unseen]))
    assert np.corrcoef(taught, cosines(text_vectors(embedding, unseen)))[0, 1] > 0.9
    assert not embedding.rows[: RESERVED.index("a")].any()
    assert fake.runs


def test_the_same_texts_give_the_same_embedding(fake: type[FakeNetwork], tmp_path: Path) -> None:
    """Byte for byte, in whatever order they come, and without asking again for what is cached."""
    texts = sentences(60, 3)
    first = distil(texts, vocabulary(), LEXICON, RECIPE, tmp_path)
    fake.runs.clear()
    second = distil(texts[::-1], vocabulary(), LEXICON, RECIPE, tmp_path)
    assert fake.runs == []
    assert first.tobytes() == second.tobytes()
