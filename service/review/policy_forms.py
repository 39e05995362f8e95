"""A policy as the fields of a form, and back by the way that the API takes. Nothing that was typed is passed over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.heads import HEAD_NAMES, head
from models.scores import Severity
from service.api import limits
from service.api.body import decode_value, pointer
from service.api.page_gate import Form, field
from service.api.policy_documents import read_policy
from service.domain import OperatingPoints
from service.errors import Fault, InvalidInput
from service.policy import EXPLICIT, Policy, Rule
from service.review.quantities import count_said, percent_said, percent_written

SHARES: Final = ("sample_rate", "second_opinion_rate", "report_weight")
COUNTS: Final[Mapping[str, int]] = {
    "hold_new_authors": limits.NEW_AUTHOR_COMMENTS,
    "golden_every": limits.GOLDEN_EVERY,
}
LISTS: Final = ("blocked_terms", "allowed_terms", "exempt_authors")
RATES: Final = ("hold_new_authors", "sample_rate", "report_weight", "second_opinion_rate", "golden_every")
"""Shares and counts, in the order that the form has them in."""
_BLANK_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as its row has it; no head for none."""

    head: str = ""
    action: str = "hold"
    point: str = ""
    #: In percent.
    threshold: str = ""
    spared: tuple[str, ...] = ()
    #: Whether a rule stood in this row before: then no head takes it away.
    was_rule: bool = False

    @property
    def is_said(self) -> bool:
        """Whether anything was said that is to count, or to be asked about."""
        return bool(self.head or (not self.was_rule and (self.threshold.strip() or self.spared)))


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """What the fields hold. Lists have an entry a line, shares are in percent."""

    rows: Sequence[RuleRow]
    values: dict[str, str]
    blocked_terms_action: str
    #: The version that it was made from.
    follows: int


def form_of(policy: Policy, version: int) -> PolicyForm:
    """The policy in fields, with rows to spare. Sent as it is, it is that very policy."""
    values = {name: percent_written(getattr(policy, name)) for name in SHARES}
    values |= {name: str(getattr(policy, name)) for name in COUNTS}
    lists = {name: getattr(policy, name) for name in LISTS}
    # Terms have an order, authors none.
    values |= {
        name: "\n".join(sorted(found) if isinstance(found, frozenset) else found) for name, found in lists.items()
    }
    return PolicyForm(
        [*map(_row, policy.rules), *[RuleRow()] * _BLANK_ROWS], values, policy.blocked_terms_action.value, version
    )


def form_sent(form: Form) -> PolicyForm:
    """What was sent, as it was, so that nothing is lost where it will not do."""
    rows = [_row_sent(form, number) for number in range(limits.RULES + _BLANK_ROWS) if f"rule-{number}-head" in form]
    return PolicyForm(
        rows=[*(row for row in rows if row.is_said), *[RuleRow()] * _BLANK_ROWS],
        values={name: field(form, name).replace("\r\n", "\n") for name in (*RATES, *LISTS)},
        blocked_terms_action=field(form, "blocked_terms_action"),
        follows=decode_value(field(form, "follows"), int, ("follows",), strict=False),
    )


def policy_in(sent: PolicyForm, points: OperatingPoints) -> Policy:
    """The policy that the fields say; it has no name yet. Raises ``InvalidInput``."""
    said: dict[str, Any] = {
        "rules": [_said(row, ("rules", number)) for number, row in enumerate(sent.rows) if row.is_said],
        "blocked_terms_action": sent.blocked_terms_action,
        "follows": sent.follows,
    }
    for name in RATES:
        given = sent.values[name] or "0"
        said[name] = count_said(given, (name,), COUNTS[name]) if name in COUNTS else percent_said(given, (name,))
    for name in LISTS:
        said[name] = lines_of(sent.values[name])
    policy, _ = read_policy(json.dumps(said).encode(), points)
    return policy


def lines_of(given: str) -> list[str]:
    """An entry a line."""
    return [line.strip() for line in given.split("\n") if line.strip()]


def _row(rule: Rule) -> RuleRow:
    threshold = "" if rule.threshold is None else percent_written(rule.threshold)
    spared = tuple(severity.value for severity in Severity if severity in rule.spared)
    return RuleRow(rule.head, rule.action.value, rule.operating_point, threshold, spared, was_rule=True)


def _row_sent(form: Form, number: int) -> RuleRow:
    head_name, action, point, threshold, was_rule = (
        field(form, f"rule-{number}-{name}") for name in ("head", "action", "point", "threshold", "was_rule")
    )
    spared = tuple(form.get(f"rule-{number}-spared", ()))
    return RuleRow(head_name, action, point, threshold, spared, was_rule=bool(was_rule))


def _said(row: RuleRow, within: tuple[str, int]) -> dict[str, Any]:
    if not row.head:
        raise _fault(within, "head", "a rule without a head")
    rule: dict[str, Any] = {"head": row.head, "action": row.action}
    if row.point in ("", EXPLICIT):
        rule["threshold"] = percent_said(row.threshold, (*within, "threshold"))
    elif row.threshold.strip():
        raise _fault(within, "threshold_beside", "a threshold beside an operating point")
    else:
        rule["operating_point"] = row.point
    if row.head in HEAD_NAMES and head(row.head).lexicon:
        rule["spared"] = list(row.spared)
    elif row.spared:
        raise _fault(within, "spared", "this head tells no severities")
    return rule


def _fault(within: tuple[str, int], name: str, detail: str) -> InvalidInput:
    return InvalidInput(Fault(pointer((*within, name)), detail))
