"""The static embedding: word vectors whose sums come close to the teacher's vectors of whole texts.

Each word starts from the teacher's vector of the word alone, mapped linearly into the space of the texts' vectors
(mean-centred, turned to their principal components); ridge regression then fits what is left. A text is its words' sum
divided by the square root of their number. What the teacher knows of texts in general is then turned to the question
asked here, whether two texts belong together (``training.contrast``).

Source of the idea: van Dongen and Tulkens, "Model2Vec" (2024), for the words' own vectors as a start.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from tqdm import tqdm

from models.encoder import excerpt
from models.lexicon import Lexicon
from models.tokens import Reader
from models.vocabulary import RESERVED, Vocabulary, decoded_word
from training.recipe import Recipe
from training.teacher import VectorCache, teacher_vectors, text_key

Matrix = NDArray[np.float32]


def distil(
    texts: Sequence[str],
    vocabulary: Vocabulary,
    lexicon: Lexicon,
    recipe: Recipe,
    cache: Path,
) -> Matrix:
    """Each word's vector, the components that say most first. Shape (words, the teacher's dimensions).

    Encoding what the cache lacks takes long (see ``training.teacher``); the fit, a minute or two.

    :raises EncoderMissing: the cache lacks vectors and the encoder isn't installed.
    """
    excerpts = _excerpts(texts, recipe)
    written = written_words(vocabulary, lexicon)
    stored = teacher_vectors([*excerpts, *written], VectorCache(cache), threads=recipe.threads)
    targets = np.array([stored[text_key(text)] for text in excerpts], np.float32)
    own = np.array([stored[text_key(word)] for word in written], np.float32)
    own[: RESERVED.index("a")] = 0
    bags = bags_of_words(excerpts, Reader(vocabulary, lexicon))
    filled = np.diff(bags.indptr) > 0
    return _fit(bags[filled], _turned(targets[filled]), own, recipe)


def teacher_texts(texts: Sequence[str], vocabulary: Vocabulary, lexicon: Lexicon, recipe: Recipe) -> list[str]:
    """Everything that :func:`distil` will ask the teacher for."""
    return [*_excerpts(texts, recipe), *written_words(vocabulary, lexicon)]


def _excerpts(texts: Sequence[str], recipe: Recipe) -> list[str]:
    return sorted({excerpt(text, recipe.excerpt) for text in texts} - {""})


def written_words(vocabulary: Vocabulary, lexicon: Lexicon) -> list[str]:
    """Each word as a person writes it: a decoded term as the term."""
    plain = {decoded_word(lexicon, index): term.text for index, term in enumerate(lexicon.terms)}
    return [plain.get(word, word) for word in vocabulary.words]


def bags_of_words(texts: Sequence[str], reader: Reader) -> sparse.csr_matrix:
    """Texts → word counts divided by the root of their number; words the vocabulary lacks are left out."""
    size = len(reader.vocabulary)
    rows, columns = [], []
    for start in range(0, len(texts), 64):
        tokens = reader.read(texts[start : start + 64])
        owners = np.repeat(np.arange(len(tokens.starts) - 1), np.diff(tokens.starts))
        known = (tokens.ids >= RESERVED.index("a")) & (tokens.ids < size)
        rows.append(owners[known] + start)
        columns.append(tokens.ids[known])
    row = np.concatenate(rows)
    counts = sparse.csr_matrix(
        (np.ones(len(row), np.float32), (row, np.concatenate(columns))), shape=(len(texts), size)
    )
    length = np.asarray(counts.sum(axis=1)).ravel()
    scaled: sparse.csr_matrix = sparse.diags_array(1 / np.sqrt(np.maximum(length, 1))).astype(np.float32) @ counts
    return scaled.tocsr()


def _turned(targets: Matrix) -> Matrix:
    """Centred, of length one, and turned to their principal components."""
    centred = targets - targets.mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    _, directions = np.linalg.eigh(centred.T @ centred)
    turned: Matrix = centred @ directions[:, ::-1]
    return turned


def _fit(bags: sparse.csr_matrix, targets: Matrix, own: Matrix, recipe: Recipe) -> Matrix:
    start = np.column_stack([bags @ own, np.ones(bags.shape[0], np.float32)])
    mapping = np.linalg.solve(start.T @ start + 1e-3 * np.eye(start.shape[1], dtype=np.float32), start.T @ targets)
    residual = targets - start @ mapping
    fitted = own @ mapping[:-1] + _ridge(bags, residual, recipe.distil_penalty, recipe.distil_steps)
    return fitted.astype(np.float32)


def _ridge(bags: sparse.csr_matrix, targets: Matrix, penalty: float, steps: int) -> Matrix:
    """(BᵀB + penalty)⁻¹Bᵀtargets by conjugate gradients, all columns at once."""
    transposed = bags.T.tocsr()
    solution = np.zeros((bags.shape[1], targets.shape[1]), np.float32)
    residual = transposed @ targets
    direction = residual.copy()
    squared = (residual * residual).sum(axis=0)
    for _ in tqdm(range(steps), desc="static embedding", unit="step"):
        applied = transposed @ (bags @ direction) + penalty * direction
        step = squared / np.maximum((direction * applied).sum(axis=0), 1e-20)
        solution += step * direction
        residual -= step * applied
        before, squared = squared, (residual * residual).sum(axis=0)
        direction = residual + squared / np.maximum(before, 1e-20) * direction
    return solution
