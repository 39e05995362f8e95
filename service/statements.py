"""Decisions as statements of reasons (Regulation (EU) 2022/2065, Articles 17 and 24(5)). Pure.

The fields and their values are those of the DSA Transparency Database's API (transparency.dsa.ec.europa.eu, "API
documentation", second version). A statement holds nothing of a comment's text, of a site's terms or of an author.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from service.domain import Action, Ground, Reason, SiteReason
from service.review_domain import Cause
from service.storage.restrictions import Restriction

_VISIBILITY: Final[Mapping[Action, str]] = {
    Action.LABEL: "DECISION_VISIBILITY_CONTENT_LABELLED",
    Action.HOLD: "DECISION_VISIBILITY_CONTENT_DISABLED",
    Action.REJECT: "DECISION_VISIBILITY_CONTENT_REMOVED",
}
_DONE: Final[Mapping[Action, str]] = {
    Action.LABEL: "shown with a mark",
    Action.HOLD: "held back until a person decides",
    Action.REJECT: "not shown",
}
_FOUND: Final[Mapping[str, str]] = {
    "profanity": "profane or obscene wording",
    "off_topic": "not about the article, thread or question it stands under",
    "spoiler": "gives away how a film, book, series or game turns out",
}
_ASKED: Final[Mapping[Ground, str]] = {
    Ground.BLOCKED_TERM: "a word or phrase on the site's list",
    Ground.NEW_AUTHOR: "comments of new authors are looked at first",
    Ground.REJECTED_BEFORE: "an earlier text of this comment was rejected by a person",
}
#: The European Economic Area: a comment is restricted wherever the site is read.
_COUNTRIES: Final = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)

STATEMENT_FIELDS: Final = (
    *("decision_visibility", "decision_ground", "incompatible_content_ground", "incompatible_content_explanation"),
    *("content_type", "category", "category_specification", "category_specification_other", "territorial_scope"),
    *("content_language", "content_date", "application_date", "decision_facts", "source_type"),
    *("automated_detection", "automated_decision", "puid"),
)


def statement_of(one: Restriction) -> dict[str, Any]:
    """With every field of ``STATEMENT_FIELDS``, in their order."""
    grounds = _grounds(one)
    by_machine = one.review is None
    detected = one.review is None or one.review.machine_action is not Action.ALLOW
    values: dict[str, Any] = {
        "decision_visibility": [_VISIBILITY[one.decision.action]],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": f"The site's rules for comments, {one.decision.policy}"[:500],
        "incompatible_content_explanation": f"Against these rules: {'; '.join(grounds)}."[:2000],
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "category_specification": ["KEYWORD_OTHER"],
        "category_specification_other": "; ".join(grounds)[:500],
        "territorial_scope": _COUNTRIES,
        "content_language": _language(one.language),
        "content_date": one.written_at.date().isoformat(),
        "application_date": one.decided_at.date().isoformat(),
        "decision_facts": _facts(one)[:5000],
        "source_type": _source(one),
        "automated_detection": "Yes" if detected else "No",
        "automated_decision": "AUTOMATED_DECISION_FULLY" if by_machine else _assisted(detected),
        "puid": f"verger-{re.sub(r'[^A-Za-z0-9_-]', '_', one.site)}-{one.number}",
    }
    return {name: values[name] for name in STATEMENT_FIELDS}


def _grounds(one: Restriction) -> Sequence[str]:
    """What was found, in words; each once."""
    if one.review is not None:
        said = [_FOUND.get(head, head) for head, label in one.review.labels.items() if label]
    else:
        said = [_ground(reason) for reason in one.decision.reasons]
    return list(dict.fromkeys(filter(None, said))) or ["judged so by a moderator"]


def _ground(reason: Reason | SiteReason) -> str:
    return _FOUND.get(reason.head, reason.head) if isinstance(reason, Reason) else _ASKED.get(reason.rule, "")


def _facts(one: Restriction) -> str:
    done = f"The comment is {_DONE[one.decision.action]}."
    if one.review is None:
        scored = [
            f"{reason.head} {reason.score:.2f} (acted on from {reason.threshold:.2f})"
            for reason in one.decision.reasons
            if isinstance(reason, Reason)
        ]
        how = f" Scores: {', '.join(scored)}." if scored else ""
        return f"{done} Its text was read by automated means (model {one.bundle}).{how}"
    why = {Cause.REPORT: " after readers reported it", Cause.APPEAL: " after its author appealed"}
    after = "" if one.review.cause is None else why.get(one.review.cause, "")
    return f"{done} A moderator read it and decided{after}."


def _source(one: Restriction) -> str:
    # Readers say that something is against the site's rules, which is no notice of illegal content (Article 16).
    reported = one.review is not None and one.review.cause is Cause.REPORT
    return "SOURCE_TYPE_OTHER_NOTIFICATION" if reported else "SOURCE_VOLUNTARY"


def _assisted(detected: bool) -> str:
    return "AUTOMATED_DECISION_PARTIALLY" if detected else "AUTOMATED_DECISION_NOT_AUTOMATED"


def _language(code: str) -> str | None:
    """Two letters, as the database has languages; null for any other."""
    plain = code.partition("-")[0].upper()
    return plain if len(plain) == 2 else None
