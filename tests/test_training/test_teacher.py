"""The teacher's cache: complete shards or none, nothing encoded twice, and never another teacher's vectors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoder import DIMENSIONS, EncoderMissing
from tests.test_training.fake_network import FakeNetwork, network, sentence_vector
from training import teacher
from training.teacher import VectorCache, teacher_vectors, text_key

TEXTS = [f"the ferries of pier {number} {'and more ' * (number % 40)}left" for number in range(300)]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeNetwork]:
    """Stands in for the network; the cache is the real one."""
    stand_in = network()
    monkeypatch.setattr(teacher, "Encoder", stand_in)
    return stand_in


def encoded(fake: type[FakeNetwork]) -> list[str]:
    """All texts that the network was asked for."""
    return [text for run in fake.runs for text in run]


def vector_of(text: str) -> NDArray[np.float16]:
    """What the network gives for one text."""
    return sentence_vector(text).astype(np.float16)


def test_every_text_gets_its_own_vector(fake: type[FakeNetwork], tmp_path: Path) -> None:
    """Texts are encoded by length and handed back by content, whatever their order; each only once."""
    vectors = teacher_vectors([*TEXTS, *TEXTS[:50]], VectorCache(tmp_path), threads=1)
    assert set(vectors) == {text_key(text) for text in TEXTS}
    assert all(np.array_equal(vectors[text_key(text)], vector_of(text)) for text in TEXTS)
    assert sorted(encoded(fake)) == sorted(TEXTS)


def test_only_new_texts_are_encoded(fake: type[FakeNetwork], tmp_path: Path) -> None:
    """A later run asks for what is missing, and keeps what an earlier one stored."""
    teacher_vectors(TEXTS[:200], VectorCache(tmp_path), threads=1)
    fake.runs.clear()
    teacher_vectors(TEXTS[100:], VectorCache(tmp_path), threads=1)
    assert sorted(encoded(fake)) == sorted(TEXTS[200:])
    fake.runs.clear()
    again = teacher_vectors(TEXTS, VectorCache(tmp_path), threads=1)
    assert fake.runs == []
    assert all(np.array_equal(again[text_key(text)], vector_of(text)) for text in TEXTS)


def test_an_interrupted_run_goes_on_where_it_stopped(fake: type[FakeNetwork], tmp_path: Path) -> None:
    """What was stored before the interruption isn't encoded again."""

    class Interrupted(fake):  # type: ignore[misc,valid-type]
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if len(self.runs) == 40:
                raise KeyboardInterrupt
            return super().encode(texts)  # type: ignore[no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher, "Encoder", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            teacher_vectors(TEXTS, VectorCache(tmp_path), threads=1)
    before = set(encoded(fake))
    assert 0 < len(before) < len(TEXTS)
    fake.runs.clear()
    teacher_vectors(TEXTS, VectorCache(tmp_path), threads=1)
    assert before.isdisjoint(encoded(fake))
    assert before | set(encoded(fake)) == set(TEXTS)


def test_a_crash_while_writing_leaves_the_old_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shard is replaced in one step, once it is on disk; what a crash leaves lying about is never read."""
    cache, old, new = VectorCache(tmp_path), b"\x07" * 32, b"\x07" + b"\x08" * 31
    cache.write(7, {old: vector_of("old")})

    def crash(_handle: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="no space"):
        cache.write(7, {old: vector_of("old"), new: vector_of("new")})
    assert set(VectorCache(tmp_path).read(7)) == {old}
    assert np.array_equal(VectorCache(tmp_path).read(7)[old], vector_of("old"))


def test_a_shard_is_replaced_and_not_rewritten(tmp_path: Path) -> None:
    """Who has the old file open goes on reading it whole: the new one takes its name in one step."""
    cache, key = VectorCache(tmp_path), b"\x07" * 32
    cache.write(7, {key: vector_of("old")})
    (path,) = cache.directory.iterdir()
    old = path.read_bytes()
    with path.open("rb") as file:
        cache.write(7, {key: vector_of("new")})
        assert file.read() == old
    assert [shard.name for shard in cache.directory.iterdir()] == ["07.npz"]
    assert np.array_equal(cache.read(7)[key], vector_of("new"))


def test_another_teachers_cache_is_not_mixed_in(
    fake: type[FakeNetwork], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same folder may hold vectors of several teachers; only one's are read, and the others' stay."""
    monkeypatch.setattr(teacher, "ENCODER", "some-other-network")
    other = VectorCache(tmp_path)
    teacher_vectors(TEXTS[:20], other, threads=1)
    stored = {path: path.read_bytes() for path in other.directory.iterdir()}
    monkeypatch.undo()
    monkeypatch.setattr(teacher, "Encoder", fake)
    fake.runs.clear()
    teacher_vectors(TEXTS[:20], VectorCache(tmp_path), threads=1)
    assert sorted(encoded(fake)) == sorted(TEXTS[:20])
    assert {path: path.read_bytes() for path in other.directory.iterdir()} == stored


def test_without_the_packages_a_full_cache_is_enough(
    fake: type[FakeNetwork], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network is only opened for vectors that are missing; then it's said which package is not there."""
    teacher_vectors(TEXTS[:30], VectorCache(tmp_path), threads=1)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    vectors = teacher_vectors(TEXTS[:30], VectorCache(tmp_path), threads=1)
    assert {vector.shape for vector in vectors.values()} == {(DIMENSIONS,)}
    with pytest.raises(EncoderMissing, match="onnxruntime is not installed; run `make transformer`"):
        teacher_vectors(TEXTS[:31], VectorCache(tmp_path), threads=1)


def test_a_lone_surrogate_has_a_key(fake: type[FakeNetwork], tmp_path: Path) -> None:
    """Whatever stands in a comment, it can be looked up."""
    assert len(text_key("\ud800")) == 32
    assert set(teacher_vectors(["tide"], VectorCache(tmp_path), threads=1)) == {text_key("tide")}
