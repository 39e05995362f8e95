"""Reading texts as word ids: alone or together, with or without offsets, now or later, the same words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models import tokens as reading
from models.decoding import Decoder
from models.text import fold
from models.tokens import LONGEST_CHUNK, MOST_UNKNOWN, Reader
from models.vocabulary import END, NAME, NUMBER, URL
from tests.factories import WORDS, small_reader, words_of
from tests.test_models.hostile import LONG_TEXTS, MANY_WORDS, SHORT, TEXTS, with_short_texts
from tests.test_models.work import steps

BATCHES = st.lists(TEXTS, max_size=6)


def read_alone(text: str) -> list[str]:
    """The words of a text, read by a reader that has read nothing before."""
    reader = small_reader()
    return words_of(reader, reader.read([text]))[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The bridge is closed.", ["the", "bridge", "is", "closed", "End"]),
        ("don't; it's the council's", ["don't", "it's", "the", "council's"]),
        ("don’t", ["don't"]),
        ("why?! (no)", ["why", "End", "no"]),
        ("end.Then", ["end", "End", "then"]),
        ("one\ntwo\n\n", ["one", "End", "two", "End", "End"]),
        ("42 trains, 7a", ["Number", "trains", "Number", "a"]),
        ("see https://a.example/b?c=d#e (www.example.org)", ["see", "Url", "www", "End", "example", "End", "org"]),
        ("@somebody hi", ["Name", "hi"]),
        ("plonk plonk", ["plonk", "plonk"]),
        ("ﬁne ÉTÉ", ["fine", "ete"]),
        ("what the fuck", ["what", "the", "fuck"]),
        ("what the f.u.c.k!", ["what", "the", "Fuck", "End"]),
        ("f u c k you", ["Fuck", "you"]),
        ("go f u c k", ["go", "Fuck"]),
        ("s h 1 t", ["Shit"]),
        ("s h i t and f u c k", ["Shit", "and", "Fuck"]),
        ("a  w h o r e", ["Whore"]),
        ("bull shi t", ["bull", "Shit"]),
        ("fu ck this", ["Fuck", "this"]),
        ("shіt", ["Shit"]),
        ("fu\u200bck", ["fuck"]),
        ("f\u0336u\u0336c\u0336k\u0336", ["fuck"]),
        ("𝐟𝐮𝐜𝐤", ["fuck"]),
        ("@$$hole b!tch", ["Asshole", "Bitch"]),
        ("Bitchley cocktail class", ["bitchley", "cocktail", "class"]),
        ("a b c d", ["a", "b", "c", "d"]),
        ("", ["End"]),
        (" \t ", ["End"]),
        ("🎉👍🏽 ok", ["🎉", "👍", "ok"]),
        ("ﷺ\u200b", ["صلى"]),
        ("\u200b", ["End"]),
        ("www. (www.", ["Url", "www", "End"]),
        ("the u.s.a wins", ["the", "u", "s", "a", "wins"]),
        ("Moby Dick", ["Name"]),
        ("!!!", ["End"]),
    ],
)
def test_reading(text: str, words: list[str]) -> None:
    """Words of any script, ends of sentences, addresses, names, numbers, and terms seen through a disguise."""
    assert read_alone(text) == words


def test_the_dictionary_comes_first() -> None:
    """A word of the vocabulary is never taken for anything else, in capitals and with punctuation around."""
    reader = small_reader()
    read = words_of(reader, reader.read([f'("{word.upper()}", {word}' for word in WORDS]))
    assert read == [[word, word] for word in WORDS]


def test_ids_are_places_in_the_vocabulary() -> None:
    """A known word has its place as its id; others follow the last one in the order in which they were met."""
    reader = small_reader()
    ids = reader.read(["bridge plonk! 3", "qwzrt https://a.b @who plonk"]).ids.tolist()
    known = len(reader.vocabulary)
    bridge = reader.vocabulary.ids["bridge"]
    assert ids == [bridge, known, END, NUMBER, known + 1, URL, NAME, known]
    assert reader.unknown == ["plonk", "qwzrt"]


@with_short_texts
@given(TEXTS)
def test_with_and_without_offsets(text: str) -> None:
    """Reading with offsets gives the very same words as reading without."""
    reader = small_reader()
    read = reader.read([text]).ids.tolist()
    assert [token.id for token in reader.locate(text)] == ([] if read == [END] and not _ends(text) else read)


def _ends(text: str) -> bool:
    """Whether something that ends a sentence was written; a text without any word is read as one end."""
    return any(token.id == END for token in small_reader().locate(text))


@with_short_texts
@given(TEXTS)
def test_offsets(text: str) -> None:
    """Located words are stretches of the folded text, not empty, in order, one after another."""
    folded = fold(text)
    tokens = small_reader().locate(text)
    assert all(0 <= token.start < token.end <= len(folded) for token in tokens)
    assert all(one.end <= other.start for one, other in pairwise(tokens))


@with_short_texts
@given(TEXTS)
def test_plain_words_stand_where_they_are_found(text: str) -> None:
    """A word that is no disguise is spelt, in the folded text, as it is read."""
    reader = small_reader()
    folded = fold(text)
    for token in reader.locate(text):
        word = reader.word(token.id)
        assert word[0].isupper() or folded[token.start : token.end] == word


@example([*SHORT])
@given(BATCHES)
def test_together_as_alone(texts: list[str]) -> None:
    """What one text gives does not depend on the others."""
    reader = small_reader()
    tokens = reader.read(texts)
    assert words_of(reader, tokens) == [read_alone(text) for text in texts]
    assert (np.diff(tokens.starts) >= 1).all()


@pytest.mark.parametrize(
    "texts",
    [
        ["go to f", "u c k the ferry"],
        ["s h 1 t and the bridge x", "y z we will see"],
        ["fu", "ck"],
        ["shi", "t"],
        ["b", "itch is new", "b", "s"],
    ],
)
def test_words_do_not_cross_comments(texts: list[str]) -> None:
    """Letters at the end of one comment and the beginning of the next make no term, and change neither."""
    reader = small_reader()
    assert words_of(reader, reader.read(texts)) == [read_alone(text) for text in texts]


@given(BATCHES, TEXTS)
def test_the_past_does_not_matter(before: list[str], text: str) -> None:
    """What a text gives does not depend on what was read before it."""
    reader = small_reader()
    reader.read(before)
    assert words_of(reader, reader.read([text]))[0] == read_alone(text)


@given(TEXTS, TEXTS)
def test_forgetting_changes_nothing(one: str, other: str) -> None:
    """Emptying the memory starts a new generation of ids for unknown words, and gives the same words."""
    reader = small_reader()
    first = words_of(reader, reader.read([one, other]))
    reader.forget()
    assert (reader.unknown, reader.generation) == ([], 1)
    assert words_of(reader, reader.read([other, one])) == first[::-1]


def test_the_memory_of_unknown_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many new words come, as many are held as there is room for, and old ids are never mistaken for new."""
    monkeypatch.setattr(reading, "MOST_UNKNOWN", 50)
    reader = small_reader()
    for number in range(200):
        letters = chr(97 + number % 26) + chr(97 + number // 26)
        text = f"q{letters}zx bridge w{letters}qx"
        assert words_of(reader, reader.read([text])) == [[f"q{letters}zx", "bridge", f"w{letters}qx"]]
        assert len(reader.unknown) <= 50
    assert reader.generation > 1


def test_the_memory_of_chunks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches that need no new word fill no memory without end either."""
    monkeypatch.setattr(reading, "MOST_CHUNKS", 50)
    reader = small_reader()
    for number in range(500):
        ends = ["End"] * (number > 0)
        assert words_of(reader, reader.read([f"bridge{'!' * number} 7"])) == [["bridge", *ends, "Number"]]
        assert len(reader._chunks) <= 50 + 2


def test_long_chunks_are_not_kept_whole() -> None:
    """A stretch of thousands of characters is read by its beginning, and no more than that stays in memory."""
    reader = small_reader()
    for letter in "abcdefgh":
        reader.read([f"bridge.{letter * 20_000}"])
    remembered = [*reader._chunks, *reader.unknown]
    assert max(map(len, remembered)) <= LONGEST_CHUNK


def test_more_unknown_words_than_there_is_room_for() -> None:
    """A single text may hold more new words than the memory has room for: past it all read as one word."""
    reader = small_reader()
    tokens = reader.read([MANY_WORDS])
    assert len(tokens.ids) > MOST_UNKNOWN
    remembered, rest = MANY_WORDS.split()[:MOST_UNKNOWN], len(tokens.ids) - MOST_UNKNOWN
    assert words_of(reader, tokens) == [[*remembered, *[""] * rest]]


@given(BATCHES, st.data())
def test_a_part_of_a_batch(texts: list[str], data: st.DataObject) -> None:
    """Some texts of a batch, cut out, are what they were in it."""
    reader = small_reader()
    tokens = reader.read(texts)
    first = data.draw(st.integers(0, len(texts)))
    stop = data.draw(st.integers(first, len(texts)))
    part = tokens.part(first, stop)
    assert part.starts[0] == 0
    assert words_of(reader, part) == words_of(reader, tokens)[first:stop]


def decoded_lengths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by a length for every word, chunk or run of letters that is handed to a decoder."""
    handed: list[int] = []
    for name in ("word", "chunk", "letters"):
        real = getattr(Decoder, name)

        def spy(self: Decoder, text: str, real: Callable[[Decoder, str], object] = real) -> object:
            handed.append(len(text))
            return real(self, text)

        monkeypatch.setattr(Decoder, name, spy)

    return handed


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS.keys())
def test_each_character_is_decoded_a_few_times(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The decoder never sees more characters than a few times the text's."""
    handed = decoded_lengths(monkeypatch)
    reader = small_reader()
    reader.read([text])
    assert sum(handed) <= 4 * len(fold(text)) + 100


@pytest.mark.parametrize("text", LONG_TEXTS.values(), ids=LONG_TEXTS.keys())
def test_twice_the_text_costs_twice_the_work(text: str) -> None:
    """Reading and locating cost what the text's length costs, whatever was written."""
    text = text[:4_000]

    def work(part: str) -> int:
        reader = small_reader()
        return steps(lambda: (reader.read([part]), reader.locate(part)))

    assert work(text) <= 2.5 * work(text[: len(text) // 2]) + 10_000


def test_seen_chunks_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a text again costs a look-up a word: nothing is parsed twice, a word of letters not even once."""
    parsed: list[str] = []
    real = Reader.parse

    def spy(self: Reader, chunk: str) -> object:
        parsed.append(chunk)
        return real(self, chunk)

    monkeypatch.setattr(Reader, "parse", spy)
    reader = small_reader()
    reader.read(["The bridge, the plonk! and the bridge-plonk,"])
    assert parsed == ["bridge-plonk,"]
    reader.read(["the bridge-plonk, and the plonk!"] * 3)
    assert parsed == ["bridge-plonk,"]
