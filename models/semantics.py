"""Static embeddings: a text's vector is the sum of its words' vectors, kept as 8-bit rows with a scale each.

The rows are distilled from a sentence transformer (``training.distil``); serving needs no tokenizer library and no
network. Sums run over one text's words alone, so a text's vector does not depend on its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.kernel import Kernel
from models.segments import Segments, whole
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
        bounds = [*segments.starts.tolist(), len(ids)]
        sums = np.empty((len(segments.starts), self.dimensions), np.float32)
        for own, (start, stop) in zip(sums, pairwise(bounds), strict=True):
            np.add.reduce(table.take(place[start:stop], axis=0), axis=0, out=own, initial=0)
        return sums

    def vectors(
        self, tokens: Tokens, segments: Segments, kernel: Kernel | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Vectors of length one: those of a text's segments, then the whole text's, then the next text's; and which of
        the rows are whole texts'. Shapes (segments + texts, dimensions), (texts,)."""
        if kernel is not None:
            return kernel.vectors(tokens.ids, segments.starts, segments.first, self.rows, self.scales)
        sums = self.sums(tokens, segments)
        count = len(segments.first)
        wholes = np.append(segments.first[1:], len(sums)) + np.arange(count)
        is_segment = np.ones(len(sums) + count, bool)
        is_segment[wholes] = False
        rows = np.empty((len(is_segment), self.dimensions), np.float32)
        rows[is_segment] = sums
        rows[wholes] = np.add.reduceat(sums, segments.first, axis=0)
        return unit(rows), wholes

    def text_vectors(self, tokens: Tokens, kernel: Kernel | None) -> NDArray[np.float32]:
        """Each text's vector, of length one. Shape (texts, dimensions)."""
        rows, wholes = self.vectors(tokens, whole(tokens), kernel)
        return rows[wholes]


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
