"""The optional compiled kernel (``make kernel``): reading and a batch's sums in a few calls, every bit as without it.

Nothing needs it: each function here has a twin in Python or NumPy, which says what it means. Where the kernel was not
compiled, does not load, or scores by a bit otherwise (``Bundle.check_kernel``), it is left unused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Kernel:
    """Functions of ``kernel.c``. Arrays are C-contiguous and of the types said here; indices are not checked."""

    def __init__(self, functions: Any) -> None:
        self._functions = functions

    def index(self, words: Sequence[str]) -> bytes:
        """What :meth:`read` finds words by; their places are their ids, and an empty one is never found."""
        index: bytes = self._functions.index(_lines(words))
        return index

    def sieve(self, wholes: Iterable[str], pieces: Iterable[str]) -> bytes:
        """What :meth:`read` tells unknown words by that can be read as no term: a term is read where a word is one of
        the ``wholes`` or sounds like one, or holds one of the ``pieces``, which have three letters at least."""
        sieve: bytes = self._functions.sieve(_lines(wholes), _lines(pieces))
        return sieve

    def read(
        self,
        texts: list[str],
        memory: Mapping[str, bytes],
        tables: tuple[bytes, bytes],
        unknown: tuple[dict[str, int], list[str], int, int],
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Folded texts → ids, and where each text starts in them. ``tables`` are the index and the sieve. Ordinary
        unknown words, as the sieve tells them, join the ``unknown``: their ids, themselves in order, the first one's
        id, and how many there may be. ``memory`` knows every other chunk that is no plain word of the index."""
        ids, starts = self._functions.read(texts, memory, *tables, *unknown)
        return np.frombuffer(ids, np.int32), np.frombuffer(starts, np.int64)

    def asking(
        self, ids: NDArray[np.int32], kinds: NDArray[np.uint8], pairs: NDArray[np.int64]
    ) -> tuple[list[int], list[int]]:
        """Positions of words that ask for a second look, and of those that may. ``pairs`` are sorted."""
        places, found = np.empty((2, len(ids)), np.int64), np.empty(2, np.int64)
        self._functions.asking(ids, len(ids), kinds, len(kinds), pairs, len(pairs), places, found)
        surely, perhaps = found.tolist()
        return places[0, :surely].tolist(), places[1, :perhaps].tolist()

    def learn(
        self,
        words: Sequence[bytes],
        stems: Sequence[bytes],
        tables: Sequence[NDArray[np.float32]],
        rows: tuple[NDArray[np.float32], NDArray[np.uint32], NDArray[np.uint32]],
    ) -> None:
        """Fill the ``rows`` of words: weights of their characters in each text model's table, shape (n, models), their
        hashes, and those of their stems."""
        both = [*words, *stems]
        starts, bits = np.array([0, *accumulate(map(len, both))]), len(tables[0]).bit_length() - 1
        self._functions.learn(b"".join(both), starts, len(words), bits, *rows, *tables)

    def cut(self, ids: NDArray[np.int32], starts: NDArray[np.int64], window: int) -> list[NDArray[np.int64]]:
        """Starts of windows and each text's first, starts of sentences and each text's first."""
        texts, words = len(starts) - 1, len(ids)
        most = words // window + texts
        room = np.empty(2 + most + texts + words + texts, np.int64)
        self._functions.cut(ids, starts, texts, window, room, most, words)
        windows, sentences = room[:2].tolist()
        first, second, third = 2 + most, 2 + most + texts, 2 + most + texts + words
        return [room[2 : 2 + windows], room[first:second], room[second : second + sentences], room[third:]]

    def count(self, ids: NDArray[np.int32], starts: NDArray[np.int64], flags: NDArray[np.uint8]) -> NDArray[np.int64]:
        """How many of each text's words have each flag, of which there are 8 to 64. Shape (texts, flags)."""
        counts = np.empty((len(starts) - 1, flags.shape[1]), np.int64)
        self._functions.count(ids, starts, len(counts), flags, flags.shape[1], counts)
        return counts

    def likeliest(self, counts: NDArray[np.int64], languages: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Each text's likeliest language, ``languages`` where none is, and how sure. The first columns count small
        words of each."""
        places, sure = np.empty(len(counts), np.int64), np.empty(len(counts))
        self._functions.likeliest(counts, len(counts), counts.shape[1], languages, places, sure)
        return places, sure

    def evidence(
        self,
        ids: NDArray[np.int32],
        listed: NDArray[np.intp],
        starts: NDArray[np.int64],
        table: NDArray[np.int8],
        logs: NDArray[np.float64],
        matrix: NDArray[np.float64],
        column: int,
    ) -> None:
        """Fill the lexicon's columns of ``matrix``, a row a segment, from ``column`` on. ``table`` is each word's
        evidence, and ``listed`` where words stand that have any."""
        self._functions.evidence(
            ids, listed, len(listed), starts, len(starts), table, logs, len(logs) - 1, matrix, matrix.shape[1], column
        )

    def sums(
        self,
        ids: NDArray[np.int32],
        starts: Sequence[NDArray[np.int64]],
        hashes: NDArray[np.uint32],
        tables: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]],
        lengths: tuple[NDArray[np.float32], NDArray[np.float64]],
        columns: NDArray[np.float64],
    ) -> None:
        """Fill ``columns``: what the text models make of their segments, which start there. ``tables`` are the models'
        weights of words and of pairs, and their intercepts."""
        words, (weights, pairs, intercepts) = len(ids), tables
        cuts = [part for own in starts for part in (own, len(own))]
        scratch = np.empty((2 * len(starts) + 2) * words, np.float32)
        self._functions.sums(ids, words, hashes, weights, pairs, len(pairs).bit_length() - 1, intercepts,
            *lengths, len(lengths[0]) - 1, scratch, columns, columns.shape[1], *cuts,
        )  # fmt: skip

    def work(
        self,
        own: tuple[NDArray[np.float64], NDArray[np.float64]],
        first: NDArray[np.int64],
        around: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
        matrix: NDArray[np.float64],
    ) -> None:
        """Fill the last five columns. ``own`` are the segments' margins and their logarithms; ``around`` is of each
        text how much it is on a work, how much its article is, and whether it has one."""
        self._functions.work(*own, len(matrix), first, len(first), *around, matrix, matrix.shape[1])

    def vectors(
        self,
        ids: NDArray[np.int32],
        starts: NDArray[np.int64],
        first: NDArray[np.int64],
        table: NDArray[np.int8],
        scales: NDArray[np.float32],
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Vectors of each text's sentences and then of the text, and which rows are whole texts'."""
        size, count, texts = table.shape[1], len(starts), len(first)
        rows, wholes = np.empty((count + texts, size), np.float32), np.empty(texts, np.int64)
        self._functions.vectors(
            ids, len(ids), starts, count, first, texts, table, scales, len(scales), size, rows, wholes
        )
        return rows, wholes

    def rarity(
        self, ids: NDArray[np.int32], stems: NDArray[np.uint32], idf: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
        """Each word's stem, and a table of four rows of which the first is each word's rarity and the others zeros."""
        own, shared = np.empty(len(ids), np.uint32), np.empty((4, len(ids)), np.float32)
        self._functions.rarity(ids, len(ids), stems, idf, own, shared)
        return own, shared

    def compared(
        self,
        words: tuple[NDArray[np.uint32], NDArray[np.float32], NDArray[np.int64]],
        sentences: tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]],
        runs: Sequence[tuple[int, ...]],
        matrix: NDArray[np.float64],
    ) -> None:
        """Fill rows 1 and 2 of the words' rarity where a comment's article, and its title, have a word's stem; and the
        columns of cosines, and of what the article lacks. ``runs`` are comments under one article: the first one's
        place, that behind the last, and ``ReadArticle.places``, whose arrays have to stay."""
        (stems, shared, starts), (rows, first, wholes) = words, sentences
        longest = max((run[-2] for run in runs), default=0)
        table, scratch = np.array(runs, np.int64), np.empty(longest + len(rows), np.float32)
        self._functions.compared(
            stems, shared, len(stems), starts, rows, rows.shape[1], first, wholes, table, len(runs), scratch, matrix
        )

    def shares(
        self,
        shared: NDArray[np.float32],
        starts: NDArray[np.int64],
        counts: NDArray[np.int64],
        promotion: tuple[NDArray[np.float64], NDArray[np.float64], int],
        logs: NDArray[np.float64],
        matrix: NDArray[np.float64],
    ) -> None:
        """Fill the columns that are sums over words, and those made of others. ``promotion`` is each text's chance and
        margin, and the margin beyond which more says no more."""
        self._functions.shares(
            shared,
            shared.shape[1],
            starts,
            len(matrix),
            counts,
            counts.shape[1],
            *promotion,
            logs,
            len(logs) - 1,
            matrix,
        )

    def scores(
        self,
        matrix: NDArray[np.float64],
        layer: tuple[NDArray[np.float64], NDArray[np.float64]],
        first: NDArray[np.int64],
        knots: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Each text's calibrated score: its strongest row's. ``layer`` is weights and the intercept. Shape (texts,)."""
        scores = np.empty(len(first))
        self._functions.scores(
            matrix, len(matrix), matrix.shape[1], *layer, first, len(first), *knots, len(knots[0]), scores
        )
        return scores


def _lines(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()


def compiled() -> Kernel | None:
    """The kernel, where it loads and was compiled from the sources that lie here."""
    try:
        functions = import_module("models._kernel")
    except ImportError:
        return None
    return Kernel(functions) if getattr(functions, "sources", None) == _sources() else None


def _sources() -> str:
    """SHA-256 of the sources one after the other, as the Makefile makes it."""
    files = sorted(path for path in Path(__file__).parent.glob("kernel*") if path.suffix in (".c", ".h"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
