"""Static embeddings: a text's vector is the sum of its words' vectors, kept as 8-bit rows with a scale each.

The rows are distilled from a sentence transformer (``training.distil``); serving needs no tokenizer library and no
network. Sums run over one text's words alone, so a text's vector does not depend on its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse._sparsetools import csr_matvecs

from models.segments import Segments
from models.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Embedding:
    """Word vectors; a word that the vocabulary lacks adds nothing."""

    #: Shape (words, dimensions), int8.
    rows: NDArray[np.int8]
    #: What each row is multiplied by. Shape (words,).
    scales: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        return int(self.rows.shape[1])

    def sums(self, tokens: Tokens, segments: Segments) -> NDArray[np.float32]:
        """Each segment's summed word vectors. Shape (segments, dimensions)."""
        # Rows are widened once for each different word of the batch: a table of all of them would be 45 MB a process.
        ids = tokens.ids
        last = np.empty(int(ids.max()) + 1, np.int32)
        last[ids] = positions = np.arange(len(ids), dtype=np.int32)
        of_same = last.take(ids)
        is_last = of_same == positions
        used = ids[is_last]
        place = (is_last.cumsum(dtype=np.int32) - 1).take(of_same)
        known = used < len(self.scales)
        table = self.rows.take(used, axis=0, mode="clip") * (self.scales.take(used, mode="clip") * known)[:, None]
        count = len(segments.starts)
        bounds = np.empty(count + 1, np.int32)
        bounds[:-1], bounds[-1] = segments.starts, len(tokens.ids)
        sums = np.zeros((count, self.dimensions), np.float32)
        # The product of a bag of words a segment with the table. csr_array would first spend 100 µs on checks.
        csr_matvecs(
            count, len(table), self.dimensions, bounds, place, np.ones(len(place), np.float32),
            table.ravel(), sums.ravel(),
        )  # fmt: skip
        return sums


def quantised(vectors: NDArray[np.float32]) -> Embedding:
    """Float rows → 8-bit rows with a scale each (largest component = 127)."""
    scales = np.abs(vectors).max(axis=1) / 127
    safe = np.where(scales > 0, scales, 1)
    return Embedding(np.round(vectors / safe[:, None]).astype(np.int8), scales.astype(np.float32))


def unit(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length one; a row of zeros stays."""
    lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums))
    return (sums / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32, copy=False)


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of every left row with every right row, both of length one. Shape (left, right).

    Not a BLAS product: that one blocks over rows, so a row's last bits would depend on its neighbours.
    """
    products: NDArray[np.float32] = np.einsum("id,jd->ij", left, right)
    return products
