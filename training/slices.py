"""The held-out rows of each head, cut by kind of text, length, language, context, and groups of people named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from models.bundle import Bundle
from models.comment import Comment
from training.evaluate import ACTING_POINT, Measured
from training.heldout import HeldOut

#: Sets whose comments stand in another set too.
_HELD_TWICE = frozenset({"news, gold", "debates, hard", "deliberation (Polis), hard"})
#: How slices that are a whole set begin.
_KIND = "kind: "
#: A length's last character, and its name.
_LENGTHS = ((50, "to 50 characters"), (200, "51–200 characters"), (500, "201–500 characters"))
_LONGEST = "over 500 characters"
_LANGUAGES = {"en": "English", "de": "German", "pt": "Portuguese", "": "English"}
_GROUPS = re.compile(
    r"\b(?:gays?|lesbians?|bisexuals?|trans(?:gender)?|queers?|homosexuals?|muslims?|islam(?:ic)?|jews?|jewish"
    r"|christians?|catholics?|hindus?|(?:blacks?|whites?)(?! house)|asians?|arabs?|mexicans?|latinos?|immigrants?"
    r"|migrants?|refugees?|wom[ae]n|disabled|deaf|autistic)\b",
    re.IGNORECASE,
)


def sliced(sets: Iterable[HeldOut]) -> list[HeldOut]:
    """Each slice as a set of its own, by head; classes of self-written suites are slices too."""
    found: dict[tuple[str, str], HeldOut] = {}
    for one in sets:
        for comment, label, part in zip(one.comments, one.labels, one.slices, strict=True):
            for name in _names(one, comment, part):
                found.setdefault((one.head, name), HeldOut(one.head, name, one.counted)).add(comment, label)
    return [found[key] for key in sorted(found, key=lambda key: (key[0], _order(key[1])))]


def slice_table(bundle: Bundle, measured: Sequence[Measured], head: str) -> str:
    """One head's slices as a Markdown table."""
    acting = bundle.operating_points[head][ACTING_POINT[head]]
    lines = ["| slice | rows (positive) | AUC | at `balanced`: positives / negatives flagged | at the acting point |"]
    lines.append("|---|---|---|---|---|")
    for one in measured:
        if one.head == head:
            auc = f"{one.metrics['auc']:.3f}" if "auc" in one.metrics else "–"
            acted = "never" if acting.threshold is None else _flagged(one, "acting")
            cells = [one.name, f"{one.rows:,} ({one.positives:,})", auc, _flagged(one, "balanced"), acted]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def length(text: str) -> str:
    """The slice of a text of that length, in characters."""
    return next((name for longest, name in _LENGTHS if len(text) <= longest), _LONGEST)


def names_a_group(text: str) -> bool:
    """Whether the text names a group of people by origin, faith, sex, sexuality or disability, in English."""
    return _GROUPS.search(text) is not None


def _names(one: HeldOut, comment: Comment, part: str) -> Iterator[str]:
    if one.name.startswith("suite "):
        yield f"{one.name}: {part}"
        return
    yield f"{_KIND}{one.name}"
    if one.name in _HELD_TWICE:
        return
    if one.head == "profanity":
        language = _LANGUAGES.get(part, part)
        yield language
        if language != "English":
            return
        yield "English, names a group" if names_a_group(comment.text) else "English, names no group"
    if one.head == "off_topic":
        yield "answers a comment" if comment.parent else "answers no comment"
    yield length(comment.text)


def _order(name: str) -> tuple[bool, bool, int, str]:
    lengths = [*(own for _, own in _LENGTHS), _LONGEST]
    place = lengths.index(name) if name in lengths else len(lengths)
    return name.startswith("suite "), name.startswith(_KIND), place, name


def _flagged(one: Measured, point: str) -> str:
    shares = (one.metrics.get(f"{kind}_{point}") for kind in ("recall", "false_positives"))
    return " / ".join("–" if share is None else f"{share:.1%}" for share in shares)
