"""Which stretches of the author's own text moved a score."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from models.chunks import Token
from models.columns import Batch, text_columns
from models.features import strongest
from models.heads import Head
from models.pairs import ReadComments
from models.parts import Parts
from models.scores import Nearest, Severity, Span
from models.semantics import cosines
from models.text import fold_origins
from models.tokens import Tokens
from models.vocabulary import NUMBER
from models.words import WordTable

#: Columns of a head → probabilities.
Probabilities = Callable[[NDArray[np.float64]], NDArray[np.float64]]
#: A severity's place among all, the mildest first.
_strength = list(Severity).index


def located(parts: Parts, text: str) -> list[Token]:
    """The words of a text with their offsets in the text as given (not as folded)."""
    if text.isascii():
        return parts.reader.locate(text)
    origins = [*fold_origins(text), len(text)]
    # Part of an unfolded ligature stands where the whole ligature does.
    return [
        Token(t.id, origins[t.start], max(origins[t.end], origins[t.end - 1] + 1)) for t in parts.reader.locate(text)
    ]


def word_spans(parts: Parts, head: Head, text: str, score: float, cut: float, read: Probabilities) -> tuple[Span, ...]:
    """The words that are enough by themselves; where none is, but the comment's score reaches ``cut``, the word
    without which the score falls most."""
    tokens = located(parts, text)
    if not tokens:
        return ()
    ids = np.array([token.id for token in tokens], np.int32)
    alone = read(parts.scorer.features(head, Tokens(ids, np.arange(len(ids) + 1))).matrix)
    found = [
        _span(parts, text, token, float(own))
        for token, own in zip(tokens, alone, strict=True)
        if token.id > NUMBER and own >= cut
    ]
    if found or score < cut:
        return tuple(found)
    at = _most_missed(parts, head, ids, read)
    return (_span(parts, text, tokens[at], float(alone[at])),)


def sentence_spans(parts: Parts, head: Head, batch: Batch, cut: float, read: Probabilities) -> list[tuple[Span, ...]]:
    """For each comment the sentences that reach ``cut``, each with its own score."""
    features = text_columns(parts, head, batch)
    scores = read(features.matrix)
    ends = np.append(features.segments.first, len(scores))
    spans: list[tuple[Span, ...]] = []
    for i, comment in enumerate(batch.comments):
        own = slice(int(ends[i]), int(ends[i + 1]))
        tokens = located(parts, comment.text) if scores[own].max() >= cut else []
        if not tokens:
            spans.append(())
            continue
        starts = features.segments.starts[own] - batch.tokens.starts[i]
        stops = starts + features.segments.lengths[own]
        found: list[Span] = []
        for start, stop, score in zip(starts, stops, scores[own], strict=True):
            # A sentence may end inside an unfolded ligature; the next one then begins behind it.
            begin, end = max(tokens[start].start, found[-1].end if found else 0), tokens[stop - 1].end
            if score >= cut and begin < end:
                found.append(Span(begin, end, float(score)))
        spans.append(tuple(found))
    return spans


def nearest(batch: Batch, comments: ReadComments, i: int) -> Nearest | None:
    """The stretch of the article's body that comment ``i`` comes closest to."""
    article = batch.articles[i]
    if article is None or not article.offsets:
        return None
    stretches = article.stretches[1:] if article.has_title else article.stretches
    similarity = cosines(comments.vectors[i][None], stretches)[0]
    at = int(similarity.argmax())
    return Nearest(*article.offsets[at], similarity=float(similarity[at]))


def severity_of(words: WordTable, ids: Iterable[int]) -> Severity | None:
    """The strongest severity among words, as the lexicon has it."""
    return max((words.severities[number] for number in ids if number in words.severities), key=_strength, default=None)


def _most_missed(parts: Parts, head: Head, ids: NDArray[np.int32], read: Probabilities) -> int:
    """The word of the strongest segment without which that would score lowest: at most a window of words is tried."""
    whole = parts.scorer.features(head, Tokens(ids, np.array([0, len(ids)])))
    top = int(read(whole.matrix).argmax())
    first, size = int(whole.segments.starts[top]), int(whole.segments.lengths[top])
    if size == 1:
        return first
    without = np.concatenate([np.delete(ids[first : first + size], i) for i in range(size)])
    features = parts.scorer.features(head, Tokens(without, np.arange(size + 1, dtype=np.int64) * (size - 1)))
    return first + int(strongest(read(features.matrix), features.segments).argmin())


def _span(parts: Parts, text: str, token: Token, score: float) -> Span:
    word = parts.reader.word(token.id)
    term = parts.words.terms[token.id] if token.id < len(parts.words.terms) else -1
    severity = parts.lexicon.terms[term].severity if term >= 0 else None
    plain = parts.lexicon.terms[term].text if term >= 0 and word[:1].isupper() else None
    return Span(token.start, token.end, score, plain, severity)
