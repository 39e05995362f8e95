"""The second tier: heads that look again, with the encoder, at comments that the first tier is not sure about.

Pure functions of one comment: no answer depends on what else is asked.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.comment import Article
from models.doubts import Doubt
from models.encoder import DIMENSIONS, excerpt
from models.heads import Unit, head
from models.manifest import SecondHead, SecondTierManifest
from models.pairs import PAIR_COLUMNS
from models.parts import Tables, head_columns
from models.scores import CommentScores
from models.text import paragraphs

#: Texts → their vectors of length one. Shape (n, DIMENSIONS).
Encode = Callable[[Sequence[str]], NDArray[np.float32]]

#: Stretches of an article's body that a comment is compared with. An article's first comment waits for all of them.
MOST_STRETCHES = 8
#: Articles whose vectors are remembered: 15 kB each, and what of them was encoded, 16 kB at most.
REMEMBERED = 256
#: Scores are taken as log-odds up to here.
_SUREST = 1e-4
#: The last layer's columns, behind the first tier's own: of heads that compare, and of those that look at a text alone.
_COMPARED = (
    "log_odds", "meant_title", "meant_opening", "meant_closest", "meant_parent", "meant_best", "log_odds_in_thread",
    "log_odds_with_best", "log_odds_leaning_promotion", "meant_title_in_thread", "meant_best_in_thread",
    "meant_best_with_words", "meant_best_leaning_promotion",
)  # fmt: skip
_ALONE = ("log_odds", "meaning")
_HAS_PARENT, _WORDS, _PROMOTION = (PAIR_COLUMNS.index(name) for name in ("has_parent", "words", "leaning_promotion"))


def second_columns(name: str) -> tuple[str, ...]:
    """The columns that the head's second last layer looks at, in order."""
    one = head(name)
    return (*head_columns(one), *(_COMPARED if one.unit is Unit.PAIR else _ALONE))


def log_odds(score: float) -> float:
    """Of a probability, as far as it may be trusted to be near 0 or 1."""
    chance = min(max(score, _SUREST), 1 - _SUREST)
    return float(np.log(chance / (1 - chance)))


def article_texts(article: Article) -> list[str]:
    """What of an article is encoded: title (may be empty), its opening with the title, the body's first stretches."""
    title, body = article.title or "", article.body or ""
    stretches = [body[start:end] for start, end in paragraphs(body[: MOST_STRETCHES * 1200])[:MOST_STRETCHES]]
    return [excerpt(text) for text in (title, f"{title}\n{body}", *stretches)]


def compared(
    doubt: Doubt, own: NDArray[np.float32], article: NDArray[np.float32] | None, parent: NDArray[np.float32] | None
) -> NDArray[np.float64]:
    """The columns of a head that compares: the comment's vector with those of ``article_texts``, and its parent's."""
    cosines = np.zeros(0) if article is None else np.einsum("ij,j->i", article, own)
    title, opening = (float(cosines[0]), float(cosines[1])) if len(cosines) else (0.0, 0.0)
    closest = float(cosines[2:].max(initial=0.0))
    with_parent = 0.0 if parent is None else float(np.einsum("i,i->", parent, own))
    odds, best = log_odds(doubt.score), max(title, opening, closest, with_parent)
    in_thread, words, promotion = (float(doubt.columns[at]) for at in (_HAS_PARENT, _WORDS, _PROMOTION))
    added = (
        odds, title, opening, closest, with_parent, best, odds * in_thread, odds * best, odds * promotion,
        title * in_thread, best * in_thread, best * words, best * promotion,
    )  # fmt: skip
    return np.concatenate([doubt.columns, added])


def alone(doubt: Doubt, meaning: float) -> NDArray[np.float64]:
    """The columns of a head that looks at a text alone; ``meaning`` is the margin of what its vector says."""
    return np.concatenate([doubt.columns, (log_odds(doubt.score), meaning)])


class SecondTier:
    """Scores doubts. Slow: an encoder's run for each text. For one thread at a time."""

    def __init__(self, heads: Mapping[str, LoadedHead], encode: Encode) -> None:
        self._heads = heads
        self._encode = encode
        self._articles: OrderedDict[tuple[str, ...], NDArray[np.float32]] = OrderedDict()
        #: Between which of the first tier's scores each head is asked, the upper end excluded.
        self.bands: Mapping[str, tuple[float, float]] = {name: one.band for name, one in heads.items()}

    def scores(self, doubts: Sequence[Doubt]) -> dict[str, float]:
        """Calibrated probabilities by head, for the doubts about one comment."""
        vectors: dict[str, NDArray[np.float32]] = {}
        found = {}
        for one in doubts:
            if one.text not in vectors:
                vectors[one.text] = encoded(self._encode, [one.text])[0]
            found[one.head] = self._score(one, vectors[one.text])
        return found

    def forget(self) -> None:
        """Empty the memory, which changes speed only."""
        self._articles.clear()

    def _score(self, one: Doubt, own: NDArray[np.float32]) -> float:
        asked = self._heads[one.head]
        if asked.meaning is not None:
            return asked.score(alone(one, float(np.einsum("i,i->", asked.meaning, own)) + asked.meaning_intercept))
        article = None if one.article is None or one.article.is_empty else self._article(one.article)
        parent = excerpt(one.parent or "")
        return asked.score(compared(one, own, article, self._encode([parent])[0] if parent else None))

    def _article(self, article: Article) -> NDArray[np.float32]:
        texts = tuple(article_texts(article))
        known = self._articles.get(texts)
        if known is None:
            known = self._articles[texts] = encoded(self._encode, texts)
            if len(self._articles) > REMEMBERED:
                self._articles.popitem(last=False)
        self._articles.move_to_end(texts)
        return known


def encoded(encode: Encode, texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of the texts, zeros for empty ones. Shape (n, DIMENSIONS)."""
    vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
    filled = [i for i, text in enumerate(texts) if text]
    if filled:
        vectors[filled] = encode([texts[i] for i in filled])
    return vectors


def settled(scores: CommentScores, again: Mapping[str, float]) -> CommentScores:
    """The first tier's answer with the second's scores in it."""
    heads = {name: scores.heads[name]._replace(score=score, second_tier=True) for name, score in again.items()}
    return scores._replace(heads={**scores.heads, **heads})


class LoadedHead:
    """One head's second last layer and its calibration."""

    def __init__(self, described: SecondHead, tables: Tables) -> None:
        name, self.band = described.head.name, described.band
        columns = second_columns(name)
        self._weights = np.asarray(tables[f"second/{name}/weights"], np.float64)
        if self._weights.shape != (len(columns),):
            raise ValueError(f"second/{name}/weights has the shape {self._weights.shape}, not {len(columns)} columns")
        parameters, calibration = described.head.parameters, described.head.calibration
        self._intercept = float(parameters["intercept"])
        self._knots = np.array(calibration.margins), np.array(calibration.probabilities)
        self.meaning: NDArray[np.float64] | None = None
        self.meaning_intercept = 0.0
        if head(name).unit is not Unit.PAIR:
            self.meaning = np.asarray(tables[f"second/{name}/meaning"], np.float64)
            self.meaning_intercept = float(parameters["meaning_intercept"])
            if self.meaning.shape != (DIMENSIONS,):
                raise ValueError(f"second/{name}/meaning has the shape {self.meaning.shape}, not {DIMENSIONS}")

    def score(self, columns: NDArray[np.float64]) -> float:
        margin = float(np.einsum("i,i->", columns, self._weights)) + self._intercept
        return float(np.interp(margin, *self._knots))


def load_second_heads(described: SecondTierManifest | None, tables: Tables) -> dict[str, LoadedHead]:
    """The heads that look again, by name; none where the bundle has no second tier.

    :raises KeyError, ValueError: a table is missing or does not fit this code.
    """
    return {one.head.name: LoadedHead(one, tables) for one in described.heads} if described is not None else {}
