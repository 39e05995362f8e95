"""The words and keys of the pages: all there, all from the catalogue, and the guide's too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.review.actors import actor_meant, actor_words
from service.review.keys import KEYS
from service.review.texts import TEXTS, percent
from service.storage.audit import DEEDS
from tests.test_service.conftest import ROOT

TEMPLATES = ROOT / "service" / "review" / "templates"


def test_the_guide_has_the_keys() -> None:
    """The table in docs/review.md is the page's own."""
    rows = [
        f"| {' or '.join(f'`{key}`' for key in keys)} | {getattr(TEXTS.keys.does, name)} |"
        for name, keys in KEYS.items()
    ]
    guide = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
    assert guide.partition("|---|---|\n")[2].partition("\n\n")[0].splitlines() == rows


def names_in(texts: dict[str, Any], before: str = "") -> Iterator[str]:
    for name, inner in texts.items():
        yield from names_in(inner, f"{before}{name}.") if isinstance(inner, dict) else [f"{before}{name}"]


def test_no_word_stands_in_a_template() -> None:
    """All that people read comes from the catalogue: between tags there is nothing but placeholders and signs."""
    for template in sorted(TEMPLATES.glob("*.html")):
        text = re.sub(r"\{% block width %\}\w+", "", template.read_text(encoding="utf-8"))
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
        words = re.sub(r"<[^>]*>", "", text)
        assert not re.search(r"[A-Za-z]{2}", re.sub(r"&\w+;", "", words)), f"{template.name}: {words.strip()}"


def test_every_text_is_used() -> None:
    """A text whose group nobody asks for is not translated in vain."""
    source = "".join(path.read_text(encoding="utf-8") for path in Path(TEMPLATES).glob("*.html"))
    source += "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.parent.glob("*.py"))
    catalogue = tomllib.loads((TEMPLATES.parent / "languages" / "en.toml").read_text(encoding="utf-8"))
    groups = {name.rpartition(".")[0] for name in names_in(catalogue)} - {""}
    unused = [name for name in groups if not re.search(rf'(?i)texts(\.|\[")({re.escape(name)})\b', source)]
    assert [name for name in unused if name.rpartition(".")[0] not in groups and "." not in name] == []


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (0.001, "< 1 %"), (0.5, "50 %"), (0.994, "99 %"), (0.999, "> 99 %"), (1, "100 %")]
)
def test_percent(share: float, words: str) -> None:
    """Nearly nothing is not nothing."""
    assert percent(share).replace("\u00a0", " ") == words


def test_every_deed_has_its_words() -> None:
    """Whatever can stand in the audit is told in words, and nothing else has some."""
    assert set(vars(TEXTS.audited)) == set(DEEDS)


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        ("reviewer:ann", "ann"),
        ("key:a1b2", "key a1b2"),
        ("key:a1b2/ann/b", "ann/b (key a1b2)"),
        ("open/ann", "ann (open mode)"),
        ("command", "the command line"),
        ("open", "open mode"),
        ("someone", "someone"),
    ],
)
def test_who_did_something(actor: str, words: str) -> None:
    """As the pages have it."""
    assert actor_words(actor) == words


@pytest.mark.parametrize(
    ("words", "actor"),
    [
        ("ann", "reviewer:ann"),
        ("reviewer:ann", "reviewer:ann"),
        ("key a1b2", "key:a1b2"),
        ("key:a1b2/ann", "key:a1b2/ann"),
        ("the command line", "command"),
        ("nobody", "nobody"),
    ],
)
def test_whom_somebody_looks_for(words: str, actor: str) -> None:
    """By what a page shows, or by what the audit's files have."""
    assert actor_meant(words) == actor
