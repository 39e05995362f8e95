"""From labelled comments to everything a bundle holds, in memory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.encoder import EncoderMissing, encoder_checksums
from models.heads import HEADS, Head
from models.parts import Parts, assemble, dump_parts
from models.record import Record
from models.semantics import Embedding, quantised
from models.tokens import Reader
from models.vocabulary import Vocabulary
from training.contrast import contrasted
from training.crossfit import Foundation, HeadRows, TextModels, cross_fitted_rows, fit_text_models
from training.data import Corpus
from training.distil import distil, teacher_texts
from training.examples import Example
from training.head_examples import all_examples
from training.layers import FittedHead, fit_head
from training.recipe import Recipe
from training.second_tier import FittedSecondHead, Vectors, encoded_texts, fit_second_head
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
    #: Heads that look again; none where the encoder is not installed.
    second: tuple[FittedSecondHead, ...]
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
    rows = {head.name: _rows(head, examples, text, recipe) for head in HEADS}
    heads = tuple(fit_head(head, *rows[head.name], recipe) for head in HEADS)
    second = _second_heads(heads, rows, text.final(), cache, recipe)
    models = [fitted.model for fitted in text.fitted.values()]
    tables = dump_parts(foundation.parts, foundation.idf, models)
    tables |= {f"layer/{fitted.head.name}/weights": fitted.layer.weights for fitted in heads}
    for one in second:
        tables |= one.tables
    return Built(tables, _estimators(text, heads, second), heads, second, examples)


def _check_taught(examples: dict[str, list[Example]]) -> None:
    for name in (*(head.name for head in HEADS), *examples):
        if {example.label for example in examples[name] if not example.held_out} != {0, 1}:
            raise ValueError(f"{name}: no labelled comments of both kinds to learn from")


def encode(corpus: Corpus, recipe: Recipe, cache: Path) -> None:
    """Fill the teacher's cache with nearly all that :func:`build` will ask of it. Slow; goes on where it stopped.

    What of a long comment is encoded a second time only its fit tells.
    """
    train = [record for records in corpus.sets.values() for record in records if record.split == "train"]
    lexicon = our_lexicon()
    vocabulary = learn_vocabulary(train, lexicon, comments=recipe.word_comments, words=recipe.words)
    wanted = teacher_texts(_meaning_texts(corpus), vocabulary, lexicon, recipe)
    examples = all_examples(corpus, recipe)
    for head in HEADS:
        if not head.lexicon:
            wanted += encoded_texts(head, [one for one in examples[head.name] if not one.held_out])
    teacher_vectors(filter(None, wanted), VectorCache(cache), threads=recipe.threads)


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


def _rows(
    head: Head, examples: dict[str, list[Example]], text: TextModels, recipe: Recipe
) -> tuple[list[Example], HeadRows]:
    train = [example for example in examples[head.name] if not example.held_out]
    return train, cross_fitted_rows(head, train, text, recipe.folds)


def _second_heads(
    heads: Sequence[FittedHead],
    rows: dict[str, tuple[list[Example], HeadRows]],
    parts: Parts,
    cache: Path,
    recipe: Recipe,
) -> tuple[FittedSecondHead, ...]:
    """What looks again, at what the lexicon does not decide."""
    try:
        encoder_checksums()
    except EncoderMissing as missing:
        print(f"no second tier is fitted: {missing}", file=sys.stderr)
        return ()
    vectors = Vectors(VectorCache(cache), threads=recipe.threads)
    asked = [one for one in heads if not one.head.lexicon]
    found = [fit_second_head(one, *rows[one.head.name], parts, vectors, recipe) for one in asked]
    return tuple(one for one in found if one is not None)


def _estimators(text: TextModels, heads: Sequence[FittedHead], second: Sequence[FittedSecondHead]) -> dict[str, Any]:
    """The fitted scikit-learn objects, coefficients in single precision: half the size, the same margins to 1e-6."""
    estimators: dict[str, Any] = {}
    for name, fitted in text.fitted.items():
        fitted.estimator.coef_ = fitted.estimator.coef_.astype(np.float32)
        estimators[f"text/{name}"] = {"estimator": fitted.estimator, "ratios": fitted.ratios, "meaning": fitted.meaning}
    for one in second:
        estimators |= one.estimators
    return estimators | {f"layer/{fitted.head.name}": fitted.estimator for fitted in heads}
