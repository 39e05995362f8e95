"""What requests and answers about policies hold, and the way from the one to the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, TypedDict

import msgspec
from msgspec import Meta, Struct

from models.heads import HEAD_NAMES, head
from models.scores import Severity
from service.api import limits
from service.api.body import Path, decode
from service.api.schemas import HeadName, Id
from service.api.submissions import fault_at
from service.domain import Action, OperatingPoints
from service.policy import DEFAULT, EXPLICIT, Policy, Rule
from service.scoring.terms import words_of

Acting = Literal["label", "hold", "reject"]
Share = Annotated[float, Meta(ge=0, le=1)]
ListedTerm = Annotated[str, Meta(min_length=1, max_length=limits.TERM_CHARACTERS)]
Terms = Annotated[
    list[ListedTerm],
    Meta(max_length=limits.TERMS, description="Words of letters and digits, or emoji; spaces, ' and - between them."),
]


class RuleIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What to do where a head's score reaches a point: one that the bundle promises, or a threshold of the site's."""

    head: HeadName
    action: Acting
    operating_point: Annotated[str, Meta(max_length=40, examples=["precision>=0.9"])] | None = None
    threshold: Annotated[float, Meta(gt=0, le=1)] | None = None
    spared: (
        Annotated[
            list[Severity],
            Meta(
                max_length=len(Severity),
                description="Not where the strongest word is of these. Left out: mild words are not held or rejected.",
            ),
        ]
        | None
    ) = None


class PolicyIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A site's next policy, as a whole: what is left out is as in the built-in one."""

    rules: Annotated[list[RuleIn], Meta(max_length=limits.RULES)] | None = None
    blocked_terms: Terms = []
    blocked_terms_action: Acting = "hold"
    allowed_terms: Terms = []
    exempt_authors: Annotated[
        list[Id], Meta(max_length=limits.EXEMPT_AUTHORS, description="Whose comments no rule acts on.")
    ] = []
    hold_new_authors: Annotated[
        int,
        Meta(ge=0, le=limits.NEW_AUTHOR_COMMENTS, description="Hold an author's comments until so many of them stand."),
    ] = 0
    sample_rate: Annotated[Share, Meta(description="Of the comments with no reason to act, drawn by their id.")] = 0.0
    report_weight: Annotated[
        Share, Meta(description="What readers' reports of a comment weigh together before a person is asked.")
    ] = 0.0
    second_opinion_rate: Annotated[
        Share, Meta(description="Of the reviewed comments, that somebody else is to judge too.")
    ] = 0.0
    golden_every: Annotated[
        int,
        Meta(ge=0, le=limits.GOLDEN_EVERY, description="Reviews after which a golden comment is shown; 0 for never."),
    ] = 0
    follows: (
        Annotated[
            int,
            Meta(ge=1, le=limits.VERSIONS, description="The version this was made from; 409 if there is a newer one."),
        ]
        | None
    ) = None


class RuleOut(TypedDict):
    """A rule of a policy."""

    head: str
    action: Action
    operating_point: Annotated[str, Meta(description="`explicit` where the rule names its threshold.")]
    threshold: float | None
    spared: list[Severity]


class PolicyOut(TypedDict):
    """One version of a site's policy; version 1 is the built-in one, which was never made."""

    site: str
    version: int
    name: str
    made_at: datetime | None
    rules: list[RuleOut]
    blocked_terms: list[str]
    blocked_terms_action: Action
    allowed_terms: list[str]
    exempt_authors: list[str]
    hold_new_authors: int
    sample_rate: float
    report_weight: float
    second_opinion_rate: float
    golden_every: int


_POLICY: Final = msgspec.json.Decoder(PolicyIn)


def read_policy(raw: bytes, points: OperatingPoints) -> tuple[Policy, int | None]:
    """A policy that has no name yet, and the version it follows. Raises ``InvalidInput``."""
    asked = decode(_POLICY, raw)
    _check_terms(asked.blocked_terms, "blocked_terms")
    _check_terms(asked.allowed_terms, "allowed_terms")
    both = {words_of(term) for term in asked.blocked_terms}
    for position, term in enumerate(asked.allowed_terms):
        if words_of(term) in both:
            raise fault_at(("allowed_terms", position), "blocked and allowed at once")
    rules = asked.rules
    return Policy(
        "",
        DEFAULT.rules if rules is None else tuple(_rule(one, points, ("rules", i)) for i, one in enumerate(rules)),
        tuple(dict.fromkeys(asked.blocked_terms)),
        Action(asked.blocked_terms_action),
        tuple(dict.fromkeys(asked.allowed_terms)),
        frozenset(asked.exempt_authors),
        asked.hold_new_authors,
        asked.sample_rate,
        asked.report_weight,
        asked.second_opinion_rate,
        asked.golden_every,
    ), asked.follows


def _rule(asked: RuleIn, points: OperatingPoints, within: Path) -> Rule:
    if asked.head not in HEAD_NAMES:
        raise fault_at((*within, "head"), f"no such head; there are: {', '.join(HEAD_NAMES)}")
    if (asked.operating_point is None) == (asked.threshold is None):
        raise fault_at(within, "give either an operating point or a threshold")
    spared = asked.spared
    if spared and not head(asked.head).lexicon:
        raise fault_at((*within, "spared"), "this head tells no severities")
    if spared is None:
        spared = [Severity.MILD] if head(asked.head).lexicon and asked.action != "label" else []
    if asked.operating_point is not None:
        _check_point(asked.head, asked.operating_point, points, (*within, "operating_point"))
    point = asked.operating_point or EXPLICIT
    return Rule(asked.head, point, Action(asked.action), frozenset(spared), asked.threshold)


def _check_point(head_name: str, name: str, points: OperatingPoints, within: Path) -> None:
    known = points.get(head_name, {})
    kept = [point.name for point in known.values() if point.threshold is not None]
    if name not in known:
        raise fault_at(within, f"no such point; this head has: {', '.join(kept)}")
    if name not in kept:
        raise fault_at(within, f"the bundle's data cannot support it; this head has: {', '.join(kept)}")


def _check_terms(terms: Sequence[str], name: str) -> None:
    for position, term in enumerate(terms):
        if "\0" in term:
            raise fault_at((name, position), "NUL and lone surrogates are not text")
        if not words_of(term):
            raise fault_at((name, position), "there is no letter, digit or emoji in it")
        # A sign would be passed over, so that "c++" found every single c.
        if any(_is_sign(character) for character in term):
            raise fault_at((name, position), "letters, digits and emoji; only spaces, apostrophes and - between them")


def _is_sign(character: str) -> bool:
    if character in " '’-":
        return False
    # Separate letters, marks and the joiners of emoji are what words are made of.
    return unicodedata.category(character)[0] in "PCZ" or unicodedata.category(character) in ("Sm", "Sc", "Sk")
