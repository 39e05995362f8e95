"""An article as the off-topic head sees it, read once and remembered while it is in use."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.comment import Article
from models.features import WORK_MODEL, TextScorer
from models.semantics import Embedding
from models.text import in_one_line, paragraphs
from models.tokens import Reader
from models.words import WordTable

#: Stretches of a body that a comment is compared with; the rest of a very long article still counts in the whole.
MOST_STRETCHES = 96
#: Stretches remembered over all articles: a kilobyte of vector each.
MOST_REMEMBERED = 40_000
#: Characters of a body that are read.
LONGEST_BODY = 60_000
#: Characters, from the title on, that tell whether an article is about a work.
OPENING = 10_000
_FIRST_BYTES = np.arange(257, dtype=np.int64) << 24


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """Vectors of length one, and the words, of one article."""

    #: The title's vector, zeros without one; title and body together; the stretches. Shape (2 + m, dimensions).
    vectors: NDArray[np.float32]
    #: Where each stretch of the body stands in it; the title, if there is one, has none.
    offsets: tuple[tuple[int, int], ...]
    #: Sorted hashes of the stems of its words, and for each whether the whole and the title hold it. Shape (2, stems).
    stems: NDArray[np.uint32]
    holders: NDArray[np.float32]
    #: Margin of "this is about a film, book, series or game".
    work: float
    has_title: bool
    has_body: bool
    #: Where in ``stems`` those begin whose first byte is each number, and the end. Shape (257,).
    first: NDArray[np.int64] = field(init=False)
    #: What the kernel reads of it: where ``first``, stems, holders and vectors lie in memory, how many stems and
    #: vectors there are, and what it lacks (1: a title, 2: a body).
    places: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        first = self.stems.searchsorted(_FIRST_BYTES)
        arrays = first, self.stems, self.holders, self.vectors
        lacks = (not self.has_title) + 2 * (not self.has_body)
        places = *(array.ctypes.data for array in arrays), len(self.stems), len(self.vectors), lacks
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "places", places)

    @property
    def stretches(self) -> NDArray[np.float32]:
        """The title, if there is one, then the stretches of the body. Shape (m, dimensions)."""
        return self.vectors[2:]


class ArticleReader:
    """Reads articles; remembers the last ones by content, ``capacity`` stretches of them in all."""

    def __init__(
        self,
        reader: Reader,
        words: WordTable,
        scorer: TextScorer,
        embedding: Embedding,
        capacity: int = MOST_REMEMBERED,
    ) -> None:
        self._reader, self._words, self._scorer, self._embedding = reader, words, scorer, embedding
        self._capacity = capacity
        self._held = 0
        self._read: OrderedDict[tuple[str, str], ReadArticle] = OrderedDict()

    def read(self, article: Article) -> ReadArticle:
        """The article's vectors and words, from memory where it was read before."""
        key = article.title or "", (article.body or "")[:LONGEST_BODY]
        known = self._read.get(key)
        if known is None:
            known = self._read[key] = self._read_now(article)
            self._held += len(known.stretches)
            while self._held > self._capacity and len(self._read) > 1:
                self._held -= len(self._read.popitem(last=False)[1].stretches)
        else:
            self._read.move_to_end(key)
        return known

    def forget(self) -> None:
        """Empty the memory."""
        self._read.clear()
        self._held = 0

    def _read_now(self, article: Article) -> ReadArticle:
        title, body = (article.title or "").strip(), (article.body or "")[:LONGEST_BODY]
        offsets = paragraphs(body)[:MOST_STRETCHES]
        texts = [title, *(body[start:end] for start, end in offsets), f"{title}\n{body}"]
        tokens = self._reader.read([*texts, in_one_line(texts[-1][:OPENING])])
        tokens, line = tokens.part(0, len(texts)), tokens.part(len(texts), len(texts) + 1)
        self._words.update()
        vectors = self._embedding.text_vectors(tokens, self._reader.kernel)
        own = vectors[:1] if title else np.zeros_like(vectors[:1])
        read = self._words.stems.take(tokens.ids)
        in_whole, in_title = read[tokens.starts[-2] :], read[: tokens.starts[1] if title else 0]
        stems = np.union1d(in_whole, in_title)
        return ReadArticle(
            vectors=np.concatenate([own, vectors[-1:], vectors[0 if title else 1 : -1]]),
            offsets=tuple(offsets),
            stems=stems,
            holders=np.array([np.isin(stems, in_whole), np.isin(stems, in_title)], np.float32),
            # News has paragraphs and most summaries of plots have none; neither says what an article is about.
            work=float(self._scorer.sums(WORK_MODEL, line).margins[0]),
            has_title=bool(title),
            has_body=bool(offsets),
        )
