"""A bundle's tables → the objects that score: vocabulary, lexicon, text models, embedding, last layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.articles import ArticleReader
from models.classifier import CHARACTER_BITS, PAIR_BITS, Layer, TextModel
from models.features import PROMOTION_MODEL, WORK_MODEL, TextScorer, column_names
from models.heads import HEADS, Head, Unit
from models.kernel import Kernel
from models.lexicon import Lexicon, parse_lexicon
from models.manifest import Manifest
from models.pairs import LATER_COLUMNS, PAIR_COLUMNS, PairFeatures
from models.semantics import Embedding
from models.tokens import Reader
from models.vocabulary import Vocabulary
from models.words import WordTable

Tables = Mapping[str, NDArray[Any]]


def text_model_names(heads: Sequence[Head] = HEADS) -> tuple[str, ...]:
    """One for every head that is scored by its text, and the two that describe what is around it."""
    return (*(head.name for head in heads if not head.needs_context), WORK_MODEL, PROMOTION_MODEL)


def head_columns(head: Head) -> tuple[str, ...]:
    """The columns that a head's last layer looks at, in order."""
    return PAIR_COLUMNS if head.needs_context else column_names(head)


@dataclass(frozen=True)
class Parts:
    """Everything that reads comments and computes columns; a bundle adds the heads' last layers and calibration."""

    reader: Reader
    words: WordTable
    scorer: TextScorer
    embedding: Embedding
    articles: ArticleReader
    pairs: PairFeatures

    @property
    def vocabulary(self) -> Vocabulary:
        return self.reader.vocabulary

    def forget(self) -> None:
        """Empty all memories, which changes speed only."""
        self.reader.forget()
        self.articles.forget()

    @property
    def lexicon(self) -> Lexicon:
        return self.reader.lexicon


def assemble(
    vocabulary: Vocabulary,
    lexicon: Lexicon,
    idf: NDArray[np.float32],
    models: Sequence[TextModel],
    embedding: Embedding,
    kernel: Kernel | None = None,
) -> Parts:
    """Wire the parts of one bundle together."""
    reader = Reader(vocabulary, lexicon, kernel)
    words = WordTable(reader, models, idf)
    scorer = TextScorer(words, models)
    articles = ArticleReader(reader, words, scorer, embedding)
    return Parts(reader, words, scorer, embedding, articles, PairFeatures(words))


def dump_parts(parts: Parts, idf: NDArray[np.float32], models: Sequence[TextModel]) -> dict[str, NDArray[Any]]:
    """The tables that :func:`load_parts` reads."""
    tables: dict[str, NDArray[Any]] = {
        "vocabulary": parts.vocabulary.dump(),
        "lexicon": np.frombuffer(parts.lexicon.dump().encode(), np.uint8),
        "idf": idf,
        "embedding/rows": parts.embedding.rows,
        "embedding/scales": parts.embedding.scales,
    }
    for model in models:
        tables[f"text/{model.name}/words"] = model.words
        tables[f"text/{model.name}/pairs"] = model.pairs
        tables[f"text/{model.name}/characters"] = model.characters
        tables[f"text/{model.name}/intercept"] = np.array([model.intercept])
    return tables


def load_parts(tables: Tables, kernel: Kernel | None = None) -> Parts:
    """Tables, memory-mapped or not → parts.

    :raises KeyError, ValueError: a table is missing or does not fit the others.
    """
    vocabulary = Vocabulary.load(tables["vocabulary"])
    lexicon = parse_lexicon(bytes(tables["lexicon"]).decode())
    rows, scales = np.asarray(tables["embedding/rows"], np.int8), np.asarray(tables["embedding/scales"], np.float32)
    if rows.ndim != 2 or len(rows) != len(scales):
        raise ValueError(f"embedding/rows has the shape {rows.shape} for {len(scales)} scales")
    models = [_text_model(name, tables) for name in text_model_names()]
    for model in models:
        if len(model.words) != len(vocabulary):
            raise ValueError(f"text/{model.name}/words has {len(model.words)} rows for {len(vocabulary)} words")
        if model.pairs.shape != (1 << PAIR_BITS,) or model.characters.shape != (1 << CHARACTER_BITS,):
            raise ValueError(
                f"text/{model.name}: tables of {model.pairs.shape} pairs, {model.characters.shape} n-grams"
            )
    # The kernel takes sixteen dimensions at a time, and checks no length itself.
    fitting = kernel if rows.shape[1] % 16 == 0 else None
    return assemble(vocabulary, lexicon, np.asarray(tables["idf"]), models, Embedding(rows, scales), fitting)


def load_layer(head: Head, tables: Tables, manifest: Manifest) -> Layer:
    """A head's last layer; its columns must be the ones that this code computes. Later ones say nothing to an older
    bundle."""
    columns = head_columns(head)
    weights = np.asarray(tables[f"layer/{head.name}/weights"], np.float64)
    if head.unit is Unit.PAIR and len(weights) == len(columns) - LATER_COLUMNS:
        weights = np.append(weights, np.zeros(LATER_COLUMNS))
    if len(weights) != len(columns):
        raise ValueError(f"layer/{head.name}/weights has {len(weights)} columns, not {len(columns)}")
    return Layer(columns, weights, float(manifest.head(head.name).parameters["intercept"]))


def _text_model(name: str, tables: Tables) -> TextModel:
    words, pairs, characters = (
        np.asarray(tables[f"text/{name}/{part}"], np.float32) for part in ("words", "pairs", "characters")
    )
    return TextModel(name, words, pairs, characters, float(tables[f"text/{name}/intercept"][0]))
