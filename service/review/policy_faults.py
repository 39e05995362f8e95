"""What is wrong with a draft of a policy: in words, each fault at its field of the form, all of them at once.

A document's checks stop at the first fault. So what that one is about is put so that it will do, and the rest read
again, until nothing is found any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from service.domain import OperatingPoints
from service.errors import AlreadyTrying, Conflict, InvalidInput
from service.policy import EXPLICIT
from service.review.faults import FieldFault
from service.review.policy_forms import COUNTS, LISTS, RATES, SHARES, PolicyForm, lines_of, policy_in
from service.review.texts import TEXTS

MOST_LINES: Final = 10
"""So many lines of a list are told that will not do; the first ones."""
_FIELD_OF: Final = {"threshold_beside": "threshold", "operating_point": "point"}
"""What a fault points at → the field that says it, where that is called otherwise."""
_RULE_FIELDS: Final = ("action", "head", "point", "threshold", "spared")
_LABELS: Final = {"spared": "spare"}
"""A rule's field → its name in the catalogue, where that is another."""
_OWN: Final = {"point": EXPLICIT, "threshold": "100"}
_WILL_DO: Final[Mapping[str, Mapping[str, Any]]] = {
    # What else such a rule says cannot be judged before it is known of which score.
    "head": {"head": "profanity", **_OWN},
    "action": {"action": "hold"},
    "operating_point": _OWN,
    "threshold": _OWN,
    "threshold_beside": {"threshold": ""},
    "spared": {"spared": ()},
}
"""What a fault of a rule points at → what its row would have to say there."""


def faults_of(error: InvalidInput, sent: PolicyForm, points: OperatingPoints) -> list[FieldFault]:
    """What to tell whoever sent that form, which was refused so; in the order of its fields, one for each."""
    if isinstance(error, AlreadyTrying):
        return [FieldFault(TEXTS.tried.busy)]
    if isinstance(error, Conflict):
        return [FieldFault(TEXTS.policy_fault.follows)]
    found: dict[str | None, FieldFault] = {}
    for part in _parts(sent):
        found |= {fault.name: fault for fault in _faults_in(part, points)}
    return [found[name] for name in _fields(sent) if name in found]


def _fields(sent: PolicyForm) -> list[str | None]:
    """The form's, in order, as far as anything can be wrong there; at last the whole."""
    rules = [f"rule-{number}-{field}" for number in range(len(sent.rows)) for field in _RULE_FIELDS]
    return [*rules, *LISTS, *RATES, None]


def _parts(sent: PolicyForm) -> Iterator[PolicyForm]:
    """Rules, lists and rates apart: one does not depend on the other, and lists take long to read again."""
    bare = replace(sent, rows=(), values=dict.fromkeys(sent.values, ""))
    yield replace(bare, rows=sent.rows)
    for names in (LISTS, RATES):
        yield replace(bare, values={**bare.values, **{name: sent.values[name] for name in names}})


def _faults_in(form: PolicyForm, points: OperatingPoints) -> Iterator[FieldFault]:
    """The later one of two about the same field says what the one before it does, too."""
    refused: dict[str, list[str]] = {name: [] for name in LISTS}
    while (error := _refusal(form, points)) is not None:
        name, position, step = _place(error)
        if name in LISTS and position is not None:
            lines = lines_of(form.values[name])
            refused[name].append(lines.pop(position))
            yield _of_list(name, refused[name])
            rest = lines if len(refused[name]) <= MOST_LINES else []
            form = replace(form, values={**form.values, name: "\n".join(rest)})
        elif name in form.values:
            yield _of_field(name)
            form = replace(form, values={**form.values, name: ""})
        elif position is not None and step in _WILL_DO:
            yield _of_rule(position, step)
            mended = replace(form.rows[position], **_WILL_DO[step])
            form = replace(form, rows=[*form.rows[:position], mended, *form.rows[position + 1 :]])
        else:
            yield FieldFault(TEXTS.policy_fault.rest)
            return


def _refusal(form: PolicyForm, points: OperatingPoints) -> InvalidInput | None:
    try:
        policy_in(form, points)
    except InvalidInput as error:
        return error
    return None


def _place(error: InvalidInput) -> tuple[str, int | None, str]:
    """The name of what the fault points at, the position in it, and the field of what stands there."""
    name, *steps = error.fault.pointer.removeprefix("#/").split("/")
    position = int(steps[0]) if steps and steps[0].isdecimal() else None
    return name, position, steps[1] if len(steps) > 1 else ""


def _of_list(name: str, refused: list[str]) -> FieldFault:
    texts = TEXTS.policy_fault
    entries = texts.between.join(line[:100] for line in refused[:MOST_LINES])
    words = (texts.author if name == "exempt_authors" else texts.term).format(entry=entries)
    more = f" {texts.more}" if len(refused) > MOST_LINES else ""
    return FieldFault(words + more, name, getattr(TEXTS.policy_field, name))


def _of_field(name: str) -> FieldFault:
    words = TEXTS.policy_fault.share if name in SHARES else TEXTS.policy_fault.many
    if name in COUNTS:
        words = TEXTS.policy_fault.count.format(most=f"{COUNTS[name]:,}")
    return FieldFault(words, name, getattr(TEXTS.policy_field, name))


def _of_rule(position: int, step: str) -> FieldFault:
    field = _FIELD_OF.get(step, step)
    label = TEXTS.policy_fault.rule.format(number=position + 1, field=getattr(TEXTS.policy, _LABELS.get(field, field)))
    return FieldFault(getattr(TEXTS.policy_fault, step), f"rule-{position}-{field}", label)
