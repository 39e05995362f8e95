"""Which words a bundle knows: our lexicon's, and those that stand in enough of the training texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.decoding import Decoder
from models.lexicon import Lexicon, merge, parse_terms
from models.record import Record
from models.text import WORD, fold
from models.vocabulary import Vocabulary, build_vocabulary

LEXICONS = Path(__file__).parent / "lexicons"
LANGUAGES = ("en", "de", "pt")
#: Clean comments in which a word must stand to be trusted as no obfuscation of another.
CLEAN_COMMENTS = 2
_WORD = re.compile(WORD)


def our_lexicon() -> Lexicon:
    """The word lists of this repository, merged."""
    lists = [parse_terms((LEXICONS / f"{language}.tsv").read_text("utf-8")) for language in LANGUAGES]
    exceptions = (LEXICONS / "exceptions.tsv").read_text("utf-8").splitlines()[1:]
    return merge(lists, (line.split("\t")[0] for line in exceptions))


def texts_of(record: Record) -> list[str]:
    """Everything that people wrote in one record: the comment, its parent, the article's title and body."""
    article = record.article
    texts = (record.text, record.parent, article and article.title, article and article.body)
    return [text for text in texts if text]


def learn_vocabulary(records: Iterable[Record], lexicon: Lexicon, *, comments: int, words: int) -> Vocabulary:
    """The commonest words of the training texts; spellings that decode to a profane term are left to the decoder."""
    seen: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    counted: set[str] = set()
    for record in records:
        for text in texts_of(record):
            if text in counted:
                continue
            counted.add(text)
            found = set(_WORD.findall(fold(text)))
            seen.update(found)
            if not record.labels.get("profanity") and not record.labels.get("toxicity"):
                clean.update(found)
    trusted = {word for word, count in clean.items() if count >= CLEAN_COMMENTS or len(word) <= 2}
    decoder = Decoder(lexicon, trusted)
    ranked = sorted((word for word, count in seen.items() if count >= comments), key=lambda word: (-seen[word], word))
    kept = [word for word in ranked if word in trusted or word in lexicon.forms or decoder.word(word) is None]
    return build_vocabulary(lexicon, kept[:words])


def document_rarity(texts: Iterable[list[int]], size: int) -> NDArray[np.float32]:
    """Inverse document frequency of each word: log(texts / texts with the word), smoothed by one. Shape (size,)."""
    counts = np.zeros(size, np.int64)
    total = 0
    for ids in texts:
        known = {i for i in ids if i < size}
        counts[list(known)] += 1
        total += 1
    return np.log((total + 1) / (counts + 1)).astype(np.float32)
