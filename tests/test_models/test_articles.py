"""Articles are read once and remembered while they are in use, within bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.articles import LONGEST_BODY, MOST_STRETCHES, OPENING, ArticleReader, ReadArticle
from models.comment import Article
from models.ngrams import word_hashes
from models.parts import Parts
from models.text import stem
from models.tokens import Reader
from tests.factories import drawn_parts
from tests.test_models.hostile import LONG_TEXTS

BODY = "The council closed the bridge.\n\nThe ferry is free.\n\n \t\n\nBread and salt."


@pytest.fixture(scope="module")
def parts() -> Parts:
    """Parts with drawn weights."""
    return drawn_parts().parts


def reader_of(parts: Parts, capacity: int = 3) -> ArticleReader:
    """A reader of articles that has read nothing yet."""
    return ArticleReader(parts.reader, parts.words, parts.scorer, parts.embedding, capacity)


def same(one: ReadArticle, other: ReadArticle) -> bool:
    """Whether two articles were read alike, to the last bit; where that lies in memory does not matter."""
    for name in {*ReadArticle.__slots__} - {"places"}:
        left, right = getattr(one, name), getattr(other, name)
        if np.asarray(left).tobytes() != np.asarray(right).tobytes():
            return False
    return True


def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by every text that a reader reads."""
    texts: list[str] = []
    real = Reader.read

    def spy(self: Reader, batch: Any) -> Any:
        texts.extend(batch)
        return real(self, batch)

    monkeypatch.setattr(Reader, "read", spy)
    return texts


def test_reading(parts: Parts) -> None:
    """Title, whole and each paragraph as vectors of length one, with where each paragraph stands in the body."""
    article = reader_of(parts).read(Article("Bridge closes", BODY))
    assert (article.has_title, article.has_body) == (True, True)
    assert [BODY[start:end] for start, end in article.offsets] == [
        "The council closed the bridge.",
        "The ferry is free.",
        "Bread and salt.",
    ]
    assert len(article.stretches) == 1 + len(article.offsets)
    np.testing.assert_array_equal(article.stretches[0], article.vectors[0])
    np.testing.assert_allclose(np.linalg.norm(article.vectors, axis=1), 1, rtol=1e-5)
    assert set(word_hashes([stem(word) for word in ("bridge", "closes", "ferry", "salt")]).tolist()) <= set(
        article.stems.tolist()
    )
    assert set(word_hashes([stem(word) for word in ("bridge", "closes")]).tolist()) == set(
        article.stems[article.holders[1] > 0].tolist()
    )


def test_without_a_title(parts: Parts) -> None:
    """Every stretch is the body's, and the title shares no word with anything."""
    article = reader_of(parts).read(Article(" ", BODY))
    assert (article.has_title, article.has_body) == (False, True)
    assert len(article.stretches) == len(article.offsets) == 3
    assert not article.vectors[0].any()
    assert not article.holders[1].any()


@pytest.mark.parametrize("body", [None, "", " \n\t "])
def test_without_a_body(parts: Parts, body: str | None) -> None:
    """The title is the only stretch."""
    article = reader_of(parts).read(Article("Bridge closes", body))
    assert (article.has_title, article.has_body, article.offsets) == (True, False, ())
    assert len(article.stretches) == 1


def test_an_article_is_read_once(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same title and body again, in whatever object and of whatever kind, cost a look-up."""
    reader = reader_of(parts)
    texts = texts_read(monkeypatch)
    first = reader.read(Article("Bridge", BODY, "news"))
    count = len(texts)
    assert count > 0
    assert reader.read(Article("Bridge", BODY, "film")) is first
    assert len(texts) == count
    assert reader.read(Article("Ferry", BODY)) is not first
    assert reader.read(Article("Bridge", None)) is not first


def test_the_memory_is_bounded(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the articles used last are remembered; one that is asked for all the time never leaves."""
    reader = reader_of(parts, capacity=3)
    kept = reader.read(Article("Bridge", None))
    for number in range(20):
        reader.read(Article(f"Ferry {number}", None))
        assert reader.read(Article("Bridge", None)) is kept
        assert sum(len(article.stretches) for article in reader._read.values()) <= 3
    texts = texts_read(monkeypatch)
    reader.read(Article("Ferry 19", None))
    assert texts == []
    reader.read(Article("Ferry 0", None))
    assert texts


def test_reading_again_gives_the_same(parts: Parts) -> None:
    """What was read in between, or that the reader's memory was emptied, changes nothing of an article."""
    article = Article("Bridge qwzrt closes", BODY + "\n\nPlonk qwzrt.")
    first = reader_of(parts).read(article)
    parts.reader.forget()
    parts.reader.read(["other plonk words qwzrt zzyx"])
    assert same(first, reader_of(parts).read(article))


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS.keys())
def test_long_articles(parts: Parts, text: str) -> None:
    """An article of any length has a bounded number of stretches and costs a bounded number of characters."""
    body = text * 10
    with pytest.MonkeyPatch.context() as patch:
        texts = texts_read(patch)
        article = reader_of(parts).read(Article(text[:2_000], body))
    assert sum(map(len, texts)) <= 2 * (LONGEST_BODY + 2_000) + OPENING + 10
    assert len(article.offsets) <= MOST_STRETCHES
    assert all(0 <= start < end <= len(body) for start, end in article.offsets)
    assert np.isfinite(article.stretches).all()


def test_paragraphs_do_not_tell_what_it_is_about(parts: Parts) -> None:
    """News has them and summaries of plots have none; the words decide."""
    one, two = "A thriller in a village.", "The vicar has many keys"
    together = reader_of(parts).read(Article("Film", f"{one} {two}"))
    assert reader_of(parts).read(Article("Film", f"{one}\n\n{two}")).work == together.work
