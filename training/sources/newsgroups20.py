"""20 Newsgroups, by-date version, as threads: the subject is the title, what is quoted is the parent.

The pairs are true, so off-topic is 0 by construction; long threads drift. Thirteen discussion groups are read, without
hardware and for-sale. Quotes and signatures leave the text, addresses are masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.parser import HeaderParser
from email.policy import compat32
from pathlib import Path

from models.comment import Article
from models.record import Record
from training.sources.reading import labelled, masked, plain, without_repeats
from training.sources.source import Source, matching

GROUPS = (
    "alt.atheism",
    "rec.autos",
    "rec.motorcycles",
    "rec.sport.baseball",
    "rec.sport.hockey",
    "sci.crypt",
    "sci.med",
    "sci.space",
    "soc.religion.christian",
    "talk.politics.guns",
    "talk.politics.mideast",
    "talk.politics.misc",
    "talk.religion.misc",
)
PARTS = "20news-bydate-*"
_REPLY = re.compile(r"^(?:re(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_QUOTED = re.compile(r"^\s{0,4}[>|:}]\s?")
_QUOTING = re.compile(r"^.{0,200}\b(?:writes|wrote|says|said)\s*:?\s*$")
_SIGNATURE = re.compile(r"\n-- ?\n.*\Z", re.DOTALL)
_EMPTY_LINES = re.compile(r"\n{3,}")


def read(folder: Path) -> Iterator[Record]:
    return without_repeats(_posts(folder))


def _posts(folder: Path) -> Iterator[Record]:
    for group in GROUPS:
        for path in matching(folder, f"{PARTS}/{group}/*"):
            yield _post(group, path.name, path.read_text("latin-1"))


def _post(group: str, number: str, source: str) -> Record:
    message = HeaderParser(policy=compat32).parsestr(source)
    subject = plain(" ".join(str(message["Subject"] or "").split()))
    title = _REPLY.sub("", subject)
    text, quoted = _parts(str(message.get_payload()))
    return labelled(
        "newsgroups20_threads",
        f"{group}-{number}",
        text,
        {"off_topic": 0},
        article_id=f"{group}|{' '.join(re.findall(r'[a-z0-9]+', title.lower()))}",
        article=Article(title or None, None),
        parent=quoted or None,
        kind="forum",
        meta={"group": group, "reply": title != subject or bool(quoted)},
    )


def _parts(body: str) -> tuple[str, str]:
    """What the post says itself, and what it quotes without the marks."""
    own: list[str] = []
    quoted: list[str] = []
    for line in _SIGNATURE.sub("", body.replace("\r\n", "\n")).split("\n"):
        if _QUOTED.match(line):
            quoted.append(_unquoted(line))
        elif not _QUOTING.match(line):
            own.append(line.rstrip())
    return _clean(own), _clean(quoted)


def _unquoted(line: str) -> str:
    while _QUOTED.match(line):
        line = _QUOTED.sub("", line, count=1)
    return line.rstrip()


def _clean(lines: list[str]) -> str:
    return masked(plain(_EMPTY_LINES.sub("\n\n", "\n".join(lines))))


SOURCE = Source(
    name="newsgroups20_threads",
    url="https://archive.ics.uci.edu/dataset/113/twenty+newsgroups (by-date version: http://qwone.com/~jason/20Newsgroups)",
    licence="CC BY 4.0",
    permissive=True,
    citation="K. Lang. NewsWeeder: Learning to Filter Netnews. ICML 1995; T. Mitchell. Twenty Newsgroups. UCI Machine "
    "Learning Repository, doi:10.24432/C5C323.",
    files=(f"{PARTS}/{GROUPS[0]}/*",),
    notes="Usenet posts of 1993.",
    read=read,
)
