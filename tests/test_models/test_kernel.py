"""The compiled kernel: every bit as NumPy gives it, and scoring without it where it is missing or wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import kernel as compiling
from models.bundle import Bundle
from models.comment import Article, Comment
from models.kernel import Kernel, compiled
from models.parts import load_parts
from models.scores import CommentScores
from tests.factories import drawn_manifest, drawn_tables
from tests.test_models.hostile import ADVERSARIAL, COMMENTS, MANY_WORDS

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
    words, kernel = bundle.parts.words, bundle.parts.words.kernel
    assert kernel is not None
    for batch in (ADVERSARIAL, LONG, [*LONG, *ADVERSARIAL][::-1]):
        words.kernel = None
        bundle.parts.forget()
        expected = bits(bundle.score(batch))
        words.kernel = kernel
        bundle.parts.forget()
        assert bits(bundle.score(batch)) == expected


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
    assert bundle.parts.words.kernel is None
    assert bits(bundle.score(LONG[:2])) == bits(drawn(None).score(LONG[:2]))


@needs_kernel
def test_a_kernel_that_agrees_is_used() -> None:
    """And nothing that was read to compare stays in memory."""
    bundle = drawn(COMPILED)
    bundle.check_kernel()
    assert bundle.parts.words.kernel is COMPILED
    assert bundle.parts.reader.unknown == []


@needs_kernel
@pytest.mark.parametrize("wrong", [lambda real: real[:-1], lambda real: (*real, 1), lambda real: ("no", *real[1:])])
def test_arguments_are_counted(wrong: Any) -> None:
    """Too few, too many, or no array: an error, not a guess."""
    assert COMPILED is not None
    starts = np.array([0, 2])
    real = (b"ab", starts, 1, np.zeros(1, np.uint32))
    with pytest.raises(TypeError):
        COMPILED._functions.hash(*wrong(real))


def test_without_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none was compiled, bundles load and score all the same."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(compiling, "import_module", missing)
    bundle = Bundle.load(SHIPPED)
    assert bundle.parts.words.kernel is None
    bundle.selftest()


def test_tables_that_do_not_fit_are_refused() -> None:
    """The kernel checks no length, so nothing that it could read past is let in."""
    for name in ("text/work/pairs", "text/work/characters", "embedding/rows"):
        with pytest.raises(ValueError, match=r"/work|rows"):
            load_parts(TABLES | {name: TABLES[name][:-1]}, COMPILED)
    narrow = {"embedding/rows": np.ascontiguousarray(TABLES["embedding/rows"][:, :20])}
    assert load_parts(TABLES | narrow, COMPILED).words.kernel is None
