"""The static embedding's second half: its rows moved so that a comment lies nearer to its own article than to others.

Each word gets a weight of its own and the space one linear map; both fold into the rows, so that serving stays as it
is. They are fitted on texts that belong together (a comment and the title or the whole of its article, a reply and its
parent, two parts of one text), each against all others of its batch. A batch is of one set, or else its genre alone
would tell. Moving every row by itself learns the articles at hand instead: measured on works not fitted on, worse.

Sources: van den Oord, Li and Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018 (the loss);
Lee, Chang and Toutanova, "Latent Retrieval for Weakly Supervised Open Domain Question Answering", ACL 2019 (parts of
one text); Kingma and Ba, "Adam", ICLR 2015.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.tokens import Reader
from training.distil import bags_of_words
from training.recipe import Recipe
from training.together import Pair, Together, indexed, shares

Matrix = NDArray[np.float32]
#: Pairs in a batch.
_PAIRS = 512
#: What cosines are divided by before the softmax. Of 0.06, 0.1, 0.15 and 0.2 the best on debates held out and on
#: Fox, Globe and Mail and Polis not fitted on; so are the rates below, and half of the batches being parts of one text.
_TEMPERATURE = 0.1
_WORD_RATE, _MAP_RATE = 0.02, 0.0005
_MEAN_DECAY, _SQUARES_DECAY = 0.9, 0.99


class _Adam:
    """Steps of falling length; entries whose gradient is not given rest."""

    def __init__(self, shape: tuple[int, ...], rate: float, steps: int) -> None:
        self.mean, self.square = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        self._rate, self._steps, self._step = rate, steps, 0

    def move(self, at: NDArray[np.int64] | slice, gradient: Matrix) -> Matrix:
        """What to add to the parameters at those places."""
        self.mean[at] = _MEAN_DECAY * self.mean[at] + (1 - _MEAN_DECAY) * gradient
        self.square[at] = _SQUARES_DECAY * self.square[at] + (1 - _SQUARES_DECAY) * gradient**2
        rate = np.float32(self._rate * (1 - self._step / self._steps))
        self._step += 1
        return (-rate * self.mean[at] / (np.sqrt(self.square[at]) + 1e-8)).astype(np.float32)


def contrasted(vectors: Matrix, pairs: Sequence[Pair], reader: Reader, recipe: Recipe) -> Matrix:
    """Word vectors, weighted and mapped; as they are where there are no pairs."""
    if not pairs:
        return vectors
    known = indexed(pairs)
    bags = bags_of_words(known.texts, reader)
    steps = recipe.contrast_steps
    weights, mapping = np.zeros(len(vectors), np.float32), np.eye(vectors.shape[1], dtype=np.float32)
    for_words, for_map = _Adam(weights.shape, _WORD_RATE, steps), _Adam(mapping.shape, _MAP_RATE, steps)
    # The optimiser's steps have the same meaning whatever the length of the rows.
    length = np.float32(np.sqrt((vectors**2).sum(axis=1).mean()))
    vectors = vectors / length
    for chosen in tqdm(_batches(known, recipe), total=steps, desc="contrast", unit="step"):
        texts = bags[np.concatenate([known.left[chosen], known.right[chosen]])]
        used = np.unique(texts.indices)
        rows = vectors[used] * np.exp(weights[used])[:, None]
        sums = texts[:, used] @ rows
        pulled = _pulled(sums @ mapping, known.group[chosen])
        by_row = texts[:, used].T @ (pulled @ mapping.T)
        mapping += for_map.move(slice(None), sums.T @ pulled)
        weights[used] += for_words.move(used, (by_row * rows).sum(axis=1))
    moved: Matrix = (vectors * np.exp(weights)[:, None]) @ mapping * length
    return moved


def _batches(pairs: Together, recipe: Recipe) -> Iterator[NDArray[np.int64]]:
    """Indices of pairs of one source; those of an article with many comments come up less often each."""
    draw = np.random.default_rng(recipe.seed)
    share = shares(pairs.source)
    members = [np.flatnonzero(pairs.source == name) for name in share]
    sizes = np.bincount(pairs.group)
    chances = [1 / np.sqrt(sizes[pairs.group[own]]) for own in members]
    of_sources = np.array(list(share.values()))
    for _ in range(recipe.contrast_steps):
        one = draw.choice(len(members), p=of_sources / of_sources.sum())
        own, chance = members[one], chances[one]
        yield own[draw.choice(len(own), min(_PAIRS, len(own)), replace=False, p=chance / chance.sum())]


def _pulled(sums: Matrix, group: NDArray[np.int64]) -> Matrix:
    """The loss's gradient by the texts' sums: left ones, then right ones. Shape (2n, dimensions)."""
    count = len(group)
    lengths = np.sqrt((sums**2).sum(axis=1, keepdims=True)) + 1e-6
    units = sums / lengths
    left, right = units[:count], units[count:]
    logits = left @ right.T / _TEMPERATURE
    # Others of the same article are neither its own nor strangers.
    logits[(group[:, None] == group) & ~np.eye(count, dtype=bool)] = -np.inf
    errors = (_softmax(logits) + _softmax(logits.T).T) / 2 - np.eye(count, dtype=np.float32)
    errors /= count * _TEMPERATURE
    by_unit = np.concatenate([errors @ right, errors.T @ left])
    pulled: Matrix = (by_unit - units * (units * by_unit).sum(axis=1, keepdims=True)) / lengths
    return pulled


def _softmax(logits: Matrix) -> Matrix:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    softened: Matrix = raised / raised.sum(axis=1, keepdims=True)
    return softened
