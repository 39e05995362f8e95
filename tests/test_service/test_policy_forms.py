"""A policy as a form: sent as it is, it is the same policy; what will not do is told at its field; nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scores import OperatingPoint, Severity
from service.api.page_gate import Form
from service.api.policy_documents import read_policy
from service.domain import Action
from service.errors import AlreadyTrying, Conflict, Fault, InvalidInput
from service.policy import DEFAULT, EXPLICIT, Policy, Rule, content_of
from service.review.faults import FieldFault
from service.review.policy_faults import MOST_LINES, faults_of
from service.review.policy_forms import LISTS, RATES, PolicyForm, form_of, form_sent, policy_in
from service.review.quantities import percent_said, percent_written
from service.review.texts import TEXTS

POINTS = {
    head: {
        name: OperatingPoint(head, name, threshold, 0.03)
        for name, threshold in (("precision>=0.7", 0.3), ("precision>=0.9", 0.6), ("precision>=0.99", None))
    }
    for head in ("profanity", "off_topic", "spoiler")
}
SHARE = st.floats(0, 1).map(lambda share: round(share, 9))
RULE = st.one_of(
    st.builds(
        Rule,
        st.just("profanity"),
        st.just("precision>=0.9"),
        st.sampled_from([Action.HOLD, Action.REJECT]),
        st.frozensets(st.sampled_from(Severity)),
    ),
    st.builds(
        Rule,
        st.sampled_from(["off_topic", "spoiler"]),
        st.just(EXPLICIT),
        st.just(Action.LABEL),
        threshold=st.floats(1e-9, 1).map(lambda share: round(share, 9)).filter(bool),
    ),
)
TERMS = st.lists(st.text("abcdefg", min_size=1, max_size=8), unique=True, max_size=5).map(tuple)
POLICY = st.builds(
    Policy,
    st.just(""),
    st.lists(RULE, max_size=4).map(tuple),
    TERMS.map(lambda terms: tuple(f"{term}x" for term in terms)),
    st.sampled_from([Action.LABEL, Action.HOLD, Action.REJECT]),
    TERMS.map(lambda terms: tuple(f"{term}y" for term in terms)),
    TERMS.map(frozenset),
    st.integers(0, 100),
    SHARE,
    SHARE,
    SHARE,
    st.integers(0, 1000),
)


def sent(shown: PolicyForm, **changed: list[str]) -> Form:
    """What a browser sends of a form, with those fields otherwise; an empty list for one that it leaves out."""
    form: dict[str, list[str]] = {name: [value] for name, value in shown.values.items()}
    form |= {"blocked_terms_action": [shown.blocked_terms_action], "follows": [str(shown.follows)]}
    for number, row in enumerate(shown.rows):
        said = {"head": row.head, "action": row.action, "point": row.point or "precision>=0.7"}
        said |= {"threshold": row.threshold, **({"was_rule": "1"} if row.was_rule else {})}
        form |= {f"rule-{number}-{name}": [value] for name, value in said.items()}
        form[f"rule-{number}-spared"] = list(row.spared)
    return {name: values for name, values in (form | changed).items() if values}


@given(POLICY)
def test_sent_as_it_is(policy: Policy) -> None:
    """It is that very policy, so that saving it makes no new version: its terms in their order, shares to the last
    digit."""
    form = form_sent(sent(form_of(policy, 7)))
    assert content_of(policy_in(form, POINTS)) == content_of(policy)
    assert form.follows == 7


@given(st.floats(0, 1))
def test_percent_there_and_back(share: float) -> None:
    """Just what is read as that share again, with a comma as well, if it is short."""
    written = percent_written(share)
    assert percent_said(written, ()) == share
    assert (percent_said("2,5", ()), percent_said(" 2.5 % ", ()), percent_said("100", ())) == (0.025, 0.025, 1.0)


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"rule-1-threshold": "60"}, "rule-1-threshold", "threshold_beside"),
    ({"rule-1-threshold": "abc"}, "rule-1-threshold", "threshold_beside"),
    ({"rule-1-point": "explicit"}, "rule-1-threshold", "threshold"),
    ({"rule-1-point": "explicit", "rule-1-threshold": "abc"}, "rule-1-threshold", "threshold"),
    ({"rule-1-point": "explicit", "rule-1-threshold": "0"}, "rule-1-threshold", "threshold"),
    ({"rule-1-point": "explicit", "rule-1-threshold": "nan"}, "rule-1-threshold", "threshold"),
    ({"rule-1-spared": "mild"}, "rule-1-spared", "spared"),
    ({"rule-1-point": "precision>=0.99"}, "rule-1-point", "operating_point"),
    ({"rule-1-point": "precision>=2"}, "rule-1-point", "operating_point"),
    ({"rule-1-head": "sarcasm"}, "rule-1-head", "head"),
    ({"rule-1-action": "explode"}, "rule-1-action", "action"),
    ({"rule-2-threshold": "60"}, "rule-2-head", "head"),
    ({"rule-3-spared": "mild"}, "rule-2-head", "head"),
    ({"sample_rate": "many"}, "sample_rate", "share"),
    ({"sample_rate": "101"}, "sample_rate", "share"),
    ({"report_weight": "1,000"}, "report_weight", "share"),
    ({"golden_every": "2.5"}, "golden_every", "count"),
    ({"hold_new_authors": "101"}, "hold_new_authors", "count"),
    ({"blocked_terms": "good\n\nc++"}, "blocked_terms", "term"),
    ({"blocked_terms": "a", "allowed_terms": "b\na"}, "allowed_terms", "term"),
    ({"allowed_terms": "x" * 101}, "allowed_terms", "term"),
    ({"exempt_authors": "u" * 201}, "exempt_authors", "author"),
    ({"blocked_terms": "\n".join(map(str, range(1001)))}, "blocked_terms", "many"),
]


@pytest.mark.parametrize(("changed", "name", "words"), FAULTS)
def test_what_will_not_do(changed: dict[str, str], name: str, words: str) -> None:
    """Told in words of the catalogue at a field that the form has; what was sent stays as it was."""
    form = form_sent(sent(form_of(DEFAULT, 1), **{field: [value] for field, value in changed.items()}))
    with pytest.raises(InvalidInput) as refused:
        policy_in(form, POINTS)
    (fault,) = faults_of(refused.value, form, POINTS)
    template: str = getattr(TEXTS.policy_fault, words)
    assert (fault.name, fault.words[:20]) == (name, template.format(entry=entry_in(fault.words), most="")[:20])
    assert fault.label
    assert all(value in repr(form) for value in changed.values() if len(value) < 9 and "\n" not in value)


def entry_in(words: str) -> str:
    return words.partition("“")[2].partition("”")[0]


def test_a_rule_is_taken_away() -> None:
    """With no head it is gone, whatever else stands in its row; rows to spare that nobody touched are nothing."""
    form = form_sent(sent(form_of(DEFAULT, 1), **{"rule-0-head": [""]}))
    assert policy_in(form, POINTS).rules == DEFAULT.rules[1:]


def test_all_at_once() -> None:
    """In the order of the form, one fault a field, each in the words that it has alone."""
    changed = {
        "rule-1-spared": ["mild"],
        "rule-1-threshold": ["60"],
        "rule-0-point": ["precision>=0.99"],
        "rule-2-threshold": ["7"],
        "blocked_terms": ["fine\nc++\nboth\nd--e??"],
        "allowed_terms": ["both\nx@y\nallowed"],
        "exempt_authors": ["u-1\n" + "u" * 201],
        "golden_every": ["2.5"],
        "sample_rate": ["many"],
        "hold_new_authors": ["-1"],
    }
    form = form_sent(sent(form_of(DEFAULT, 1), **changed))
    faults = {fault.name: fault.words for fault in found(form)}
    assert list(faults) == [
        *("rule-0-point", "rule-1-threshold", "rule-1-spared", "rule-2-head"),
        *("blocked_terms", "allowed_terms", "exempt_authors"),
        *("hold_new_authors", "sample_rate", "golden_every"),
    ]
    assert "“c++”, “d--e??” will not do" in faults["blocked_terms"]
    assert "“x@y”, “both” will not do" in faults["allowed_terms"]


def test_a_long_list_of_faults() -> None:
    """Of very many lines the first ones are told."""
    lines = [f"{number}?" for number in range(MOST_LINES + 5)]
    form = form_sent(sent(form_of(DEFAULT, 1), blocked_terms=["\n".join(lines)]))
    (fault,) = found(form)
    assert all(f"“{line}”" in fault.words for line in lines[:MOST_LINES])
    assert lines[MOST_LINES] not in fault.words
    assert fault.words.endswith(TEXTS.policy_fault.more)


def found(form: PolicyForm) -> list[FieldFault]:
    with pytest.raises(InvalidInput) as refused:
        policy_in(form, POINTS)
    return faults_of(refused.value, form, POINTS)


@given(POLICY)
def test_nothing_is_found_in_what_will_do(policy: Policy) -> None:
    """Whatever else was refused about it."""
    form = form_sent(sent(form_of(policy, 7)))
    assert faults_of(InvalidInput(Fault("#", "odd")), form, POINTS) == []


@pytest.mark.parametrize("changed", [{"blocked_terms_action": ["explode"]}, {"follows": ["0"]}])
def test_what_no_form_of_ours_sends(changed: dict[str, list[str]]) -> None:
    """Is told at no field."""
    form = form_sent(sent(form_of(DEFAULT, 1), **changed))
    assert found(form) == [FieldFault(TEXTS.policy_fault.rest)]


def test_refused_for_what_others_do() -> None:
    """There is nothing to mend in it."""
    form = form_of(DEFAULT, 1)
    newer = Conflict(Fault("#/follows", "newer"))
    assert faults_of(newer, form, POINTS) == [FieldFault(TEXTS.policy_fault.follows)]
    assert faults_of(AlreadyTrying(), form, POINTS) == [FieldFault(TEXTS.tried.busy)]


@pytest.mark.parametrize("name", [*RATES, *LISTS])
def test_every_field_has_its_words(name: str) -> None:
    """Its label as well."""
    wrong = "\n".join(["?"] * 2)
    (fault,) = found(form_sent(sent(form_of(DEFAULT, 1), **{name: ["u" * 201 if name == "exempt_authors" else wrong]})))
    assert (fault.name, fault.label) == (name, getattr(TEXTS.policy_field, name))


def test_the_api_reads_the_same() -> None:
    """The form goes by the API's way: what it makes of the built-in policy, too."""
    said = {"rules": [{"head": "spoiler", "action": "label", "operating_point": "precision>=0.7"}]}
    policy, _ = read_policy(json.dumps(said).encode(), POINTS)
    assert policy_in(form_sent(sent(form_of(policy, 1))), POINTS) == policy
