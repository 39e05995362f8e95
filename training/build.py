"""From labelled comments to everything a bundle holds, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.heads import HEADS
from models.parts import assemble, dump_parts
from models.record import Record
from models.semantics import Embedding, quantised
from models.tokens import Reader
from models.vocabulary import Vocabulary
from training.contrast import contrasted
from training.crossfit import Foundation, TextModels, cross_fitted_rows, fit_text_models
from training.data import Corpus
from training.distil import distil, teacher_texts
from training.examples import Example
from training.head_examples import all_examples
from training.layers import FittedHead, fit_head
from training.recipe import Recipe
from training.teacher import VectorCache, teacher_vectors
from training.together import together, without_fold
from training.vocabulary import document_rarity, learn_vocabulary, our_lexicon, texts_of

#: Sets whose texts the teacher reads: those that ask about meaning.
MEANING_SETS = (
    "ukp_roomfordebate", "sfu_ctc", "fox_news_comments", "polis_opendata", "semeval_cqa", "youtube_spam",
    "tvtropes_spoilers", "c3_toxicity", "ucc_val", "wiki_film_plots_weak", "subj_plot_vs_review", "wiki_talk_cat",
    "newsgroups20_threads",
)  # fmt: skip


@dataclass(frozen=True)
class Built:
    """A fit's results."""

    tables: dict[str, NDArray[Any]]
    estimators: dict[str, Any]
    heads: tuple[FittedHead, ...]
    examples: dict[str, list[Example]]


def build(corpus: Corpus, recipe: Recipe, *, cache: Path, base: Bundle | None = None) -> Built:
    """Fit everything.

    :param cache: folder of the teacher's vectors.
    :param base: takes vocabulary, rarity and embedding from this bundle instead of learning them; no teacher needed.
    :raises EncoderMissing: no base is given, vectors are missing, and the encoder is not installed.
    """
    train = [record for records in corpus.sets.values() for record in records if record.split == "train"]
    foundation = _from_base(base, recipe.folds) if base is not None else _learn_foundation(corpus, train, recipe, cache)
    examples = all_examples(corpus, recipe)
    _check_taught(examples)
    text = fit_text_models(foundation, examples, recipe)
    heads = tuple(_fit_heads(examples, text, recipe))
    models = [fitted.model for fitted in text.fitted.values()]
    tables = dump_parts(foundation.parts, foundation.idf, models)
    tables |= {f"layer/{fitted.head.name}/weights": fitted.layer.weights for fitted in heads}
    return Built(tables, _estimators(text, heads), heads, examples)


def _check_taught(examples: dict[str, list[Example]]) -> None:
    for name in (*(head.name for head in HEADS), *examples):
        if {example.label for example in examples[name] if not example.held_out} != {0, 1}:
            raise ValueError(f"{name}: no labelled comments of both kinds to learn from")


def encode(corpus: Corpus, recipe: Recipe, cache: Path) -> None:
    """Fill the teacher's cache with all that :func:`build` will ask of it. Slow; goes on where it stopped."""
    train = [record for records in corpus.sets.values() for record in records if record.split == "train"]
    lexicon = our_lexicon()
    vocabulary = learn_vocabulary(train, lexicon, comments=recipe.word_comments, words=recipe.words)
    wanted = teacher_texts(_meaning_texts(corpus), vocabulary, lexicon, recipe)
    teacher_vectors(wanted, VectorCache(cache), threads=recipe.threads)


def _meaning_texts(corpus: Corpus) -> list[str]:
    return [t for record in corpus.of(MEANING_SETS) if record.split == "train" for t in texts_of(record)]


def _learn_foundation(corpus: Corpus, train: Sequence[Record], recipe: Recipe, cache: Path) -> Foundation:
    lexicon = our_lexicon()
    vocabulary = learn_vocabulary(train, lexicon, comments=recipe.word_comments, words=recipe.words)
    reader = Reader(vocabulary, lexicon)
    vectors = distil(_meaning_texts(corpus), vocabulary, lexicon, recipe, cache)
    pairs = together(corpus, seed=recipe.seed)
    served = vectors[:, : recipe.dimensions]
    embedding = quantised(contrasted(served, pairs, reader, recipe))
    apart = [
        quantised(contrasted(served, without_fold(pairs, fold, recipe.folds), reader, recipe))
        for fold in range(recipe.folds)
    ]
    idf = _rarity(train, reader)
    return Foundation(assemble(vocabulary, lexicon, idf, [], embedding), idf, vectors, tuple(apart))


def _rarity(train: Sequence[Record], reader: Reader) -> NDArray[np.float32]:
    texts = sorted({text for record in train for text in texts_of(record)})

    def read() -> Any:
        for start in range(0, len(texts), 64):
            tokens = reader.read(texts[start : start + 64])
            for begin, end in zip(tokens.starts[:-1], tokens.starts[1:], strict=True):
                yield tokens.ids[begin:end].tolist()

    return document_rarity(read(), len(reader.vocabulary))


def _from_base(base: Bundle, folds: int) -> Foundation:
    parts = base.parts
    idf = parts.words.idf[: len(parts.vocabulary)].copy()
    vocabulary, embedding = Vocabulary(parts.vocabulary.words), Embedding(parts.embedding.rows, parts.embedding.scales)
    meanings = embedding.rows * embedding.scales[:, None]
    return Foundation(assemble(vocabulary, parts.lexicon, idf, [], embedding), idf, meanings, (embedding,) * folds)


def _fit_heads(examples: dict[str, list[Example]], text: TextModels, recipe: Recipe) -> list[FittedHead]:
    fitted = []
    for head in HEADS:
        train = [example for example in examples[head.name] if not example.held_out]
        rows = cross_fitted_rows(head, train, text, recipe.folds)
        fitted.append(fit_head(head, train, rows, recipe))
    return fitted


def _estimators(text: TextModels, heads: Sequence[FittedHead]) -> dict[str, Any]:
    """The fitted scikit-learn objects, coefficients in single precision: half the size, the same margins to 1e-6."""
    estimators: dict[str, Any] = {}
    for name, fitted in text.fitted.items():
        fitted.estimator.coef_ = fitted.estimator.coef_.astype(np.float32)
        estimators[f"text/{name}"] = {"estimator": fitted.estimator, "ratios": fitted.ratios, "meaning": fitted.meaning}
    return estimators | {f"layer/{fitted.head.name}": fitted.estimator for fitted in heads}
