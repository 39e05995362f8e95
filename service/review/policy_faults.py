"""What is wrong with a draft of a policy: in words, and at which field of the form."""

from __future__ import annotations

from typing import Final

from service.errors import Conflict, InvalidInput
from service.review.faults import FieldFault
from service.review.policy_forms import COUNTS, LISTS, SHARES, PolicyForm, lines_of
from service.review.texts import TEXTS

_FIELD_OF: Final = {"threshold_beside": "threshold", "operating_point": "point"}
"""What a fault points at → the field that says it, where that is called otherwise."""


def fault_of(error: InvalidInput, sent: PolicyForm) -> FieldFault:
    """What to tell whoever sent that form."""
    if isinstance(error, Conflict):
        return FieldFault(TEXTS.policy_fault.follows)
    name, *steps = error.fault.pointer.removeprefix("#/").split("/")
    position = int(steps[0]) if steps and steps[0].isdecimal() else None
    if name == "rules" and position is not None and len(steps) > 1:
        return _of_rule(position, steps[1])
    label: str = getattr(TEXTS.policy_field, name, name)
    if name in SHARES:
        return FieldFault(TEXTS.policy_fault.share, name, label)
    if name in COUNTS:
        return FieldFault(TEXTS.policy_fault.count.format(most=f"{COUNTS[name]:,}"), name, label)
    if name in LISTS and position is not None:
        words = TEXTS.policy_fault.author if name == "exempt_authors" else TEXTS.policy_fault.term
        entry = lines_of(sent.values[name])[position][:100]
        return FieldFault(words.format(entry=entry), name, label)
    if name in LISTS:
        return FieldFault(TEXTS.policy_fault.many, name, label)
    return FieldFault(TEXTS.policy_fault.rest)


def _of_rule(position: int, step: str) -> FieldFault:
    field = _FIELD_OF.get(step, step)
    words = getattr(TEXTS.policy_fault, step, TEXTS.policy_fault.rest)
    label = TEXTS.policy_fault.rule.format(number=position + 1, field=getattr(TEXTS.policy, _LABELS.get(field, field)))
    return FieldFault(words, f"rule-{position}-{field}", label)


_LABELS: Final = {"spared": "spare"}
"""A rule's field → its name in the catalogue, where that is another."""
