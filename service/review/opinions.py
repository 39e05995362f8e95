"""What the form under a comment says. The API's own rules say what will do."""

from __future__ import annotations

import json
from typing import Final

from models.heads import HEAD_NAMES
from service.alike import Alike
from service.api import limits
from service.api.body import decode_value
from service.api.page_gate import Form, field
from service.api.paths import cursor_of
from service.api.review_schemas import BulkCount, ReviewNumber, Revision, opinion_of, read_review
from service.api.schemas import Id
from service.errors import Fault, InvalidInput
from service.review_domain import Opinion, ReviewAction

SKIP: Final = "skip"
"""What the form's button says that decides nothing and lets the comment go."""
_ANSWERS: Final = {"1": 1, "0": 0}


def comment_id_of(form: Form) -> str:
    """Which comment the form is about. Raises ``InvalidInput``."""
    return decode_value(field(form, "comment_id"), Id, ("comment_id",))


def revision_of(form: Form) -> int:
    """Which of its texts was shown. Raises ``InvalidInput``."""
    return decode_value(field(form, "revision"), Revision, ("revision",), strict=False)


def review_number_of(form: Form) -> int:
    """Which review the form is about. Raises ``InvalidInput``."""
    number: int = decode_value(field(form, "review"), int, ("review",), strict=False)
    if not 1 <= number <= limits.VERSIONS:
        raise InvalidInput(Fault("#/review", f"not a number from 1 to {limits.VERSIONS}"))
    return number


def opinion_in(form: Form, site: str, reviewer: str) -> Opinion:
    """What the reviewer says. Raises ``InvalidInput``."""
    action, note = field(form, "action"), field(form, "note").replace("\r\n", "\n").strip()
    said = {
        "comment_id": comment_id_of(form),
        "revision": revision_of(form),
        "labels": labels_in(form, action),
        "note": note or None,
        **({"escalate": True} if action == ReviewAction.ESCALATE else {"action": action}),
    }
    asked = read_review(json.dumps(said).encode())
    return opinion_of(asked, site, reviewer, asked.comment_id, asked.revision)


def bulk_in(form: Form) -> tuple[ReviewAction, int]:
    """What to decide about how many. Raises ``InvalidInput``."""
    action = decode_value(field(form, "action"), ReviewAction, ("action",))
    if action is ReviewAction.ESCALATE:
        raise InvalidInput(Fault("#/action", "many are not passed on at once"))
    count = decode_value(field(form, "count"), BulkCount, ("count",), strict=False)
    return action, count


def alike_of(token: str) -> Alike:
    """Which reviews a ``cursor`` over them names. Raises ``InvalidInput``."""
    found = cursor_of({"after": token}, tuple[ReviewNumber, ReviewNumber, BulkCount])
    assert found is not None
    return Alike(*found)


def labels_in(form: Form, action: str) -> dict[str, int]:
    """Head → answer: what was ticked, and for heads where nothing was what goes without saying with that action."""
    labels = {}
    for head in HEAD_NAMES:
        ticked = form.get(f"label-{head}")
        answer = field(form, f"label-{head}") if ticked else field(form, f"preset-{action}-{head}")
        if answer in _ANSWERS:
            labels[head] = _ANSWERS[answer]
    return labels
