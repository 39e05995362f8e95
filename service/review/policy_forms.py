"""A policy as the fields of a form, and back by the way that the API takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.heads import HEAD_NAMES, head
from models.scores import Severity
from service.api import limits
from service.api.body import decode_value
from service.api.page_gate import Form, field
from service.api.policy_documents import read_policy
from service.domain import OperatingPoints
from service.policy import EXPLICIT, Policy, Rule

SHARES: Final = ("sample_rate", "second_opinion_rate", "report_weight")
COUNTS: Final = ("hold_new_authors", "golden_every")
LISTS: Final = ("blocked_terms", "allowed_terms", "exempt_authors")
_BLANK_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as its row has it; all empty for none."""

    head: str = ""
    action: str = "hold"
    point: str = ""
    #: In percent.
    threshold: str = ""
    spared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """What the fields hold. Lists have an entry a line, shares are in percent."""

    rows: Sequence[RuleRow]
    values: dict[str, str]
    blocked_terms_action: str
    #: The version that it was made from.
    follows: int


def form_of(policy: Policy, version: int) -> PolicyForm:
    """The policy in fields, with rows to spare."""
    values = {name: f"{getattr(policy, name) * 100:g}" for name in SHARES}
    values |= {name: str(getattr(policy, name)) for name in COUNTS}
    values |= {name: "\n".join(sorted(getattr(policy, name))) for name in LISTS}
    return PolicyForm(
        [*map(_row, policy.rules), *[RuleRow()] * _BLANK_ROWS], values, policy.blocked_terms_action.value, version
    )


def form_sent(form: Form) -> PolicyForm:
    """What was sent, as it was, so that nothing is lost where it will not do."""
    rows = [_row_sent(form, number) for number in range(limits.RULES) if f"rule-{number}-head" in form]
    said = [row for row in rows if row.head]
    return PolicyForm(
        rows=[*said, *[RuleRow()] * _BLANK_ROWS],
        values={name: field(form, name).replace("\r\n", "\n") for name in (*SHARES, *COUNTS, *LISTS)},
        blocked_terms_action=field(form, "blocked_terms_action"),
        follows=decode_value(field(form, "follows"), int, ("follows",), strict=False),
    )


def policy_in(sent: PolicyForm, points: OperatingPoints) -> Policy:
    """The policy that the fields say; it has no name yet. Raises ``InvalidInput``."""
    said: dict[str, Any] = {
        "rules": [_said(row, number) for number, row in enumerate(row for row in sent.rows if row.head)],
        "blocked_terms_action": sent.blocked_terms_action,
        "follows": sent.follows,
    }
    for name in SHARES:
        said[name] = _percent(sent.values[name] or "0", (name,))
    for name in COUNTS:
        said[name] = decode_value(sent.values[name] or "0", int, (name,), strict=False)
    for name in LISTS:
        said[name] = [line.strip() for line in sent.values[name].split("\n") if line.strip()]
    policy, _ = read_policy(json.dumps(said).encode(), points)
    return policy


def _row(rule: Rule) -> RuleRow:
    threshold = "" if rule.threshold is None else f"{rule.threshold * 100:.6g}"
    spared = tuple(severity.value for severity in Severity if severity in rule.spared)
    return RuleRow(rule.head, rule.action.value, rule.operating_point, threshold, spared)


def _row_sent(form: Form, number: int) -> RuleRow:
    head_name, action, point, threshold = (
        field(form, f"rule-{number}-{name}") for name in ("head", "action", "point", "threshold")
    )
    return RuleRow(head_name, action, point, threshold, tuple(form.get(f"rule-{number}-spared", ())))


def _said(row: RuleRow, number: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"head": row.head, "action": row.action}
    if row.point in ("", EXPLICIT):
        rule["threshold"] = _percent(row.threshold, ("rules", number, "threshold"))
    else:
        rule["operating_point"] = row.point
    if row.head in HEAD_NAMES and head(row.head).lexicon:
        rule["spared"] = list(row.spared)
    return rule


def _percent(given: str, within: tuple[str | int, ...]) -> float:
    return decode_value(given.strip().removesuffix("%").strip(), float, within, strict=False) / 100
