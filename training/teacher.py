"""The teacher: the encoder, whose sentence vectors the static embedding is fitted to.

Encoding a hundred thousand texts takes the better part of an hour on two cores, so every vector is kept in
a cache under ``var/``: one file per first byte of the text's SHA-256, written atomically as soon as it is
complete. An interrupted run goes on where it stopped, and a later run with more texts encodes only those.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.encoder import ENCODER, Encoder


def text_key(text: str) -> bytes:
    """The cache key of one text: its SHA-256 (32 bytes)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """Sentence vectors on disk, ``float16`` of shape (384,), found by the text they belong to."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / ENCODER
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


def teacher_vectors(texts: Iterable[str], cache: VectorCache, *, threads: int) -> dict[bytes, NDArray[np.float16]]:
    """Vectors of all texts by :func:`text_key`, from the cache where it has them; the rest is encoded now.

    :raises EncoderMissing: vectors are missing and the encoder's packages are not installed.
    """
    shards: dict[int, dict[bytes, str]] = {}
    for text in texts:
        key = text_key(text)
        shards.setdefault(key[0], {})[key] = text
    encoder: Encoder | None = None
    vectors: dict[bytes, NDArray[np.float16]] = {}
    for shard, wanted in tqdm(sorted(shards.items()), desc="teacher's vectors", unit="shard"):
        stored = cache.read(shard)
        missing = {key: text for key, text in wanted.items() if key not in stored}
        if missing:
            encoder = encoder or Encoder(threads=threads)
            stored |= zip(missing, encoder.encode(list(missing.values())).astype(np.float16), strict=True)
            cache.write(shard, stored)
        vectors |= {key: stored[key] for key in wanted}
    return vectors
