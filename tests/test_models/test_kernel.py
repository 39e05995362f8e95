"""The compiled kernel: every bit as NumPy gives it, and scoring without it where it is missing or wrong."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models import kernel as compiling
from models.bundle import Bundle
from models.comment import Article, Comment
from models.kernel import Kernel, compiled
from models.language import LANGUAGES, by_small_words
from models.parts import load_parts
from models.scores import CommentScores
from tests.factories import drawn_manifest, drawn_tables, small_reader
from tests.test_models.hostile import ADVERSARIAL, COMMENTS, LONG_TEXTS, MANY_WORDS, TEXTS

TABLES = drawn_tables()
SHIPPED = Path(compiling.__file__).parent / "default"
COMPILED = compiled()
needs_kernel = pytest.mark.skipif(COMPILED is None, reason="this machine has no kernel: `make kernel` says why")

#: Sentences by the dozen and by the thousand, words that no vocabulary has, more of them than there is room for.
LONG = [
    *(Comment("He dies. The ferry is free! " * n, Article("Ferry", "It is free.\n\n" * n), "So?") for n in (3, 9, 150)),
    Comment("the bridge and a plonk " * 900, Article(None, "the bridge " * 300), "plonk " * 300),
    Comment("qwzrt plonkish " + "x" * 200, Article("plonk")),
    Comment(MANY_WORDS, Article("Long")),
    Comment("after that, the bridge", Article("Long")),
]


def drawn(kernel: Kernel | None) -> Bundle:
    """The bundle with drawn weights, having read nothing."""
    return Bundle(drawn_manifest(), TABLES, kernel=kernel)


def bits(answers: list[CommentScores]) -> list[str]:
    """Answers as text that tells every bit."""
    return [repr(answer) for answer in answers]


@needs_kernel
@settings(max_examples=60)
@given(st.lists(COMMENTS, max_size=6), st.booleans())
def test_as_numpy(comments: list[Comment], explain: bool) -> None:
    """Scores, spans and the nearest paragraph are those of NumPy, to the last bit, in any batch."""
    answers = drawn(COMPILED).score(comments, explain=explain)
    assert bits(answers) == bits(drawn(None).score(comments, explain=explain))


@needs_kernel
def test_long_and_hostile_texts() -> None:
    """So they are for texts of every length and kind, with the weights that ship."""
    bundle = Bundle.load(SHIPPED)
    reader, kernel = bundle.parts.reader, bundle.parts.reader.kernel
    assert kernel is not None
    for batch in (ADVERSARIAL, LONG, [*LONG, *ADVERSARIAL][::-1]):
        reader.kernel = None
        bundle.parts.forget()
        expected = bits(bundle.score(batch))
        reader.kernel = kernel
        bundle.parts.forget()
        assert bits(bundle.score(batch)) == expected


@needs_kernel
@settings(max_examples=100)
@given(st.lists(TEXTS, max_size=6))
@example(list(LONG_TEXTS.values()))
@example([MANY_WORDS, MANY_WORDS])
def test_reads_as_python(texts: list[str]) -> None:
    """Every text gives the same ids, asks for the second look at the same places, and leaves the same words behind."""
    compiled_reader, plain_reader = small_reader(), small_reader()
    compiled_reader.kernel = COMPILED
    for some in (texts, texts[::-1]):
        tokens, expected = compiled_reader.read(some), plain_reader.read(some)
        assert tokens.ids.tolist() == expected.ids.tolist()
        assert tokens.starts.tolist() == expected.starts.tolist()
    assert compiled_reader.unknown == plain_reader.unknown


@needs_kernel
@given(st.lists(st.integers(0, len(small_reader().vocabulary) + 2), min_size=1, max_size=30))
def test_glances_as_python(ids: list[int]) -> None:
    """In any row of words, the same ones surely ask for a second look, and none that may goes unnoticed."""
    reader, some = small_reader(), np.array(ids, np.int32)
    surely, perhaps = reader.glance.asking(some, COMPILED)
    expected, possible = reader.glance.asking(some, None)
    assert surely == expected
    assert set(perhaps) <= set(possible)


@needs_kernel
@given(st.lists(st.lists(st.integers(0, 4), min_size=len(LANGUAGES), max_size=len(LANGUAGES) + 2), min_size=1))
def test_tells_languages_as_python(counts: list[list[int]]) -> None:
    """The likeliest one, and how sure to the last bit; columns behind the languages' count for nothing."""
    table = np.array([[*one, 9, 9][: len(LANGUAGES) + 2] for one in counts], np.int64)
    assert by_small_words(table, COMPILED) == by_small_words(table)


@needs_kernel
def test_reading_takes_what_it_is_made_for() -> None:
    """Anything else is an error, and so is a memory that fails or answers with other things than packed ids."""
    assert COMPILED is not None
    tables = COMPILED.index(["the", "", "bridge"]), COMPILED.sieve(["ferry"], ["plonk"])
    unknown: tuple[dict[str, int], list[str], int, int] = {"blarg": 3}, ["blarg"], 3, 3
    read = COMPILED._functions.read
    assert COMPILED.read(["the bridge,  the, quay. blarg"], {}, tables, unknown)[0].tolist() == [0, 2, 0, 4, 0, 3]
    assert [part.tolist() for part in COMPILED.read([], {}, tables, unknown)] == [[], [0]]
    assert unknown[:2] == ({"blarg": 3, "quay": 4}, ["blarg", "quay"])
    index, sieve = tables
    wrongs: list[tuple[Any, ...]] = [
        ("the", {}, index, sieve, *unknown),
        ([1], {}, index, sieve, *unknown),
        (["the"], {}, "the", sieve, *unknown),
        (["the"], {}, index, sieve[:-1], *unknown),
        (["the"], {}, index, sieve, [], [], 3, 3),
        (["the"], {}, index, sieve, {}, {}, 3, 3),
        (["the"], {}, index, sieve, {}, [], "3", 3),
        (["quay"], {}, index, sieve, {"quay": "3"}, [], 3, 3),
        (["the"],),
    ]
    for wrong in wrongs:
        with pytest.raises(TypeError):
            read(*wrong)
    for asked in ("ferry", "pherryy", "myplonks", "boooks", "quay's", "pier"):
        with pytest.raises(KeyError):
            COMPILED.read(["wharf dock", asked], {}, tables, unknown if asked == "pier" else ({}, [], 3, 9))
    with pytest.raises(TypeError):
        read(["ferry"], {"ferry": 1}, index, sieve, *unknown)
    with pytest.raises(TypeError):
        COMPILED._functions.index("the")
    with pytest.raises(TypeError):
        COMPILED._functions.sieve("the", b"")


#: Spellings that sound alike, each of which may stand for the other.
ALIKE = [
    *(("f", "ph"), ("k", "ck"), ("k", "c"), ("k", "q"), ("g", "gh"), ("n", "kn"), ("x", "ks"), ("s", "z"), ("u", "v")),
    *(("i", "y"), ("er", "a"), ("er", "ea")),
]
DECODER = small_reader()._decoder


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A word that a term is read from, or nearly one, of twelve letters at most."""
    word = draw(st.sampled_from([part for some in DECODER.looked_for() for part in some]))
    for written, other in draw(st.lists(st.sampled_from([*ALIKE, *((b, a) for a, b in ALIKE)]), max_size=3)):
        word = word.replace(written, other, 1)
    for at in draw(st.lists(st.integers(0, 11), max_size=3)):
        word = word[: at + 1] + word[at:]
    before, behind = draw(st.sampled_from(["", "mother", "q"])), draw(st.sampled_from(["", "s", "ing", "q"]))
    return (before + word + behind)[:12]


@needs_kernel
@settings(max_examples=500)
@given(st.lists(st.one_of(disguised(), st.text("abcfhiknpstuy", min_size=2, max_size=12)), min_size=1, max_size=20))
def test_the_sieve_stops_every_term(words: list[str]) -> None:
    """No word that the kernel takes for an ordinary stranger can be read as a term."""
    assert COMPILED is not None
    tables = COMPILED.index([]), COMPILED.sieve(*DECODER.looked_for())
    strangers: list[str] = []
    COMPILED.read(words, defaultdict(lambda: b"\0\0\0\0"), tables, ({}, strangers, 0, 1_000))
    assert [word for word in strangers if DECODER.word(word) is not None] == []


class Wrong:
    """A kernel's functions, one of which is not what it should be."""

    def __init__(self, functions: Any, name: str, instead: Any) -> None:
        self._functions, self._name, self._instead = functions, name, instead

    def __getattr__(self, name: str) -> Any:
        return self._instead if name == self._name else getattr(self._functions, name)


def off_by_a_bit(*arguments: Any) -> None:
    """Scores one bit higher than they are."""
    assert COMPILED is not None
    COMPILED._functions.scores(*arguments)
    arguments[-1][0] = np.nextafter(arguments[-1][0], 2)


def too_few(*arguments: Any) -> None:
    """What a kernel does that was compiled for other arguments."""
    raise TypeError(f"{len(arguments)} arguments, not {len(arguments) - 1}")


@needs_kernel
@pytest.mark.parametrize("instead", [off_by_a_bit, too_few])
def test_a_kernel_that_differs_is_left_unused(instead: Any) -> None:
    """One bit, or arguments of another version, and NumPy scores instead."""
    assert COMPILED is not None
    bundle = drawn(Kernel(Wrong(COMPILED._functions, "scores", instead)))
    bundle.check_kernel()
    assert bundle.parts.reader.kernel is None
    assert bits(bundle.score(LONG[:2])) == bits(drawn(None).score(LONG[:2]))


def test_a_kernel_of_another_version_is_left_unused() -> None:
    """One that was compiled before a function was added."""
    bundle = drawn(Kernel(object()))
    bundle.check_kernel()
    assert bundle.parts.reader.kernel is None


@needs_kernel
def test_a_kernel_that_agrees_is_used() -> None:
    """And nothing that was read to compare stays in memory."""
    bundle = drawn(COMPILED)
    bundle.check_kernel()
    assert bundle.parts.reader.kernel is COMPILED
    assert bundle.parts.reader.unknown == []


@needs_kernel
@pytest.mark.parametrize("wrong", [lambda real: real[:-1], lambda real: (*real, 1), lambda real: ("no", *real[1:])])
def test_arguments_are_counted(wrong: Any) -> None:
    """Too few, too many, or no array: an error, not a guess."""
    assert COMPILED is not None
    real = (np.array([[2, 1]]), 1, 2, 2, np.zeros(1, np.int64), np.zeros(1))
    COMPILED._functions.likeliest(*real)
    with pytest.raises(TypeError):
        COMPILED._functions.likeliest(*wrong(real))


def test_without_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none was compiled, bundles load and score all the same."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(compiling, "import_module", missing)
    bundle = Bundle.load(SHIPPED)
    assert bundle.parts.reader.kernel is None
    bundle.selftest()


@pytest.mark.parametrize("stale", [SimpleNamespace(sources="0" * 64), SimpleNamespace()])
def test_a_kernel_of_other_sources_is_left_alone(stale: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one of its functions is called: it may want other arguments."""
    monkeypatch.setattr(compiling, "import_module", lambda name: stale)
    assert compiled() is None


def test_tables_that_do_not_fit_are_refused() -> None:
    """The kernel checks no length, so nothing that it could read past is let in."""
    for name in ("text/work/pairs", "text/work/characters", "embedding/rows"):
        with pytest.raises(ValueError, match=r"/work|rows"):
            load_parts(TABLES | {name: TABLES[name][:-1]}, COMPILED)
    narrow = {"embedding/rows": np.ascontiguousarray(TABLES["embedding/rows"][:, :20])}
    assert load_parts(TABLES | narrow, COMPILED).reader.kernel is None
