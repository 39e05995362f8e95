"""One pass over a batch's words for all text models: as many NumPy calls for one text as for a thousand.

A comment alone is a few microseconds of arithmetic; what it costs is the calls. So the models' weights lie end to end,
their segments too, and each sum is taken once over all of them. Nothing is added across segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from models.classifier import PAIR_BITS, ROOT, TextModel, root_length
from models.ngrams import pair_slots
from models.segments import Segments, gaps
from models.tokens import Tokens
from models.words import WordTable

#: The margin; the strongest word's weight; the summed weights of the words that lean towards the model's question, over
#: the root of the length; log(1 + words).
TEXT_COLUMNS = ("margin", "strongest_word", "leaning_words", "length")
LOG1P = np.log1p(np.arange(4097))


@dataclass(frozen=True, slots=True)
class Sums:
    """What one text model makes of each segment of a batch."""

    segments: Segments
    #: As :data:`TEXT_COLUMNS`, then the logarithms of the margins' probabilities. Shape (columns + 1, segments).
    columns: NDArray[np.float64]

    @property
    def margins(self) -> NDArray[np.float64]:
        """Log-odds by this model alone. Shape (segments,)."""
        margins: NDArray[np.float64] = self.columns[0]
        return margins

    @property
    def logs(self) -> NDArray[np.float64]:
        """Logarithms of the margins' probabilities. Shape (segments,)."""
        logs: NDArray[np.float64] = self.columns[-1]
        return logs


class Summer:
    """Holds the text models' tables side by side."""

    def __init__(self, words: WordTable, models: Sequence[TextModel]) -> None:
        self._words = words
        #: A pair's weights side by side, as a word's are. Shape (slots, models).
        self._pairs = np.array([model.pairs for model in models]).T.copy()
        self._intercepts = np.array([model.intercept for model in models])

    def sums(self, tokens: Tokens, cuts: Sequence[Segments]) -> list[Sums]:
        """What each model makes of a batch, each cut its own way."""
        ends = [0, *accumulate(len(cut.starts) for cut in cuts)]
        columns = np.empty((len(TEXT_COLUMNS) + 1, ends[-1]))
        if self._words.kernel is not None:
            tables = self._words.weights, self._pairs, self._intercepts
            starts = [cut.starts for cut in cuts]
            self._words.kernel.sums(tokens.ids, starts, self._words.hashes, tables, (ROOT, LOG1P), columns)
        else:
            self._put_sums(columns, tokens, cuts)
        return [Sums(cut, columns[:, begin:end]) for cut, (begin, end) in zip(cuts, pairwise(ends), strict=True)]

    def _put_sums(self, columns: NDArray[np.float64], tokens: Tokens, cuts: Sequence[Segments]) -> None:
        count = len(tokens.ids)
        starts = np.concatenate([cut.starts + place * count for place, cut in enumerate(cuts)])
        weights = self._words.weights.take(tokens.ids, axis=0).T.ravel()
        both = self._pairs.take(self._slots(tokens), axis=0).T.ravel()
        both[starts - 1] = 0  # a segment's last word has no right neighbour in it
        both += weights
        lengths = gaps(starts, len(weights))
        roots = root_length(lengths)
        columns[0] = np.add.reduceat(both, starts) / roots
        columns[0] += self._intercepts.repeat([len(cut.starts) for cut in cuts])
        columns[1] = np.maximum.reduceat(weights, starts)
        columns[2] = np.add.reduceat(np.maximum(weights, 0), starts) / roots
        columns[3] = LOG1P.take(lengths, mode="clip")
        columns[4] = log_probability(columns[0])

    def _slots(self, tokens: Tokens) -> NDArray[np.int32]:
        """The table index of every word's pair with the next; the last word's means nothing."""
        hashes = self._words.hashes.take(tokens.ids)
        following = np.empty_like(hashes)
        following[:-1], following[-1] = hashes[1:], 0
        return pair_slots(hashes, following, PAIR_BITS)


def log_probability(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """A margin as the logarithm of its probability: beyond certainty, more certainty changes nothing."""
    return -np.logaddexp(0.0, -margins)
