"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_architecture.source import ROOT

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
#: Decisions and the changelog may speak of files that are gone.
OF_TODAY = [path for path in DOCUMENTS if path.parent.name != "decisions" and path.name != "CHANGELOG.md"]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
#: A path of this checkout in code style; patterns and placeholders are not paths.
MENTIONED = re.compile(r"`((?:models|service|training|tests|docs|requirements)/[\w./-]*)`")


def name_of(document: Path) -> str:
    """How a test case is called: by the document's place."""
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    """A relative link's target exists."""
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert not [link for link in links if "://" not in link and not (document.parent / link).exists()]


@pytest.mark.parametrize("document", OF_TODAY, ids=name_of)
def test_mentioned_files_exist(document: Path) -> None:
    """A file that a document speaks of was not moved since."""
    mentioned = MENTIONED.findall(document.read_text(encoding="utf-8"))
    assert not [path for path in mentioned if not (ROOT / path).exists()]
