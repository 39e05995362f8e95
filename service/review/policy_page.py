"""A site's policy: in words, its versions, and for admins a form with a draft tried on the past before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from models.heads import HEAD_NAMES
from models.scores import Severity
from service.api.callers import principal_of
from service.api.page_gate import entered, field
from service.api.paths import query_of, site_of, version_of
from service.api.policies import put
from service.domain import Action, OperatingPoints, PolicyVersion
from service.errors import Conflict, InvalidInput, NotFound
from service.policies import Policies, policy_of
from service.policy import BUILT_IN, DEFAULT, Policy, Rule
from service.review.faults import FieldFault
from service.review.frame import Frame, leads_to
from service.review.policy_faults import faults_of
from service.review.policy_forms import RATES, PolicyForm, form_of, form_sent, policy_in
from service.review.reasons import head_name, point_name
from service.review.texts import TEXTS, percent
from service.scoring.engine import Engine
from service.storage.store import Store
from service.what_if import Tried, WhatIf

_VERSIONS: Final = 10
_ACTING: Final = tuple(action.value for action in Action if action is not Action.ALLOW)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One version of a policy."""

    policy: Policy
    version: int
    made_at: datetime | None


def policy_page_routes(store: Store, policies: Policies, engine: Engine, what_if: WhatIf, frame: Frame) -> APIRouter:
    """``/review/policy``."""
    router = APIRouter(include_in_schema=False)
    pages = _Pages(store, policies, engine, what_if, frame)
    router.get("/review/policy")(pages.policy)
    router.post("/review/policy")(pages.send)
    return router


class _Pages:
    def __init__(self, store: Store, policies: Policies, engine: Engine, what_if: WhatIf, frame: Frame) -> None:
        self._store = store
        self._policies = policies
        self._engine = engine
        self._what_if = what_if
        self._frame = frame

    async def policy(self, request: Request) -> Response:
        query = query_of(request, "version", "notice")
        site, version = site_of(query), version_of(query)
        shown = await self._version(site, version)
        return await self._page(request, site, shown, form_of(shown.policy, shown.version), notice=query.get("notice"))

    async def send(self, request: Request) -> Response:
        """Try the draft, or save it; where it will not do, the form comes back as it was sent."""
        site, form = site_of(query_of(request)), entered(request).form
        sent, shown = form_sent(form), await self._version(site, None)
        try:
            draft = policy_in(sent, self._engine.live.operating_points)
            if field(form, "action") == "save":
                by = principal_of(request).name
                _, is_new = await put(self._store, self._policies, site, draft, sent.follows, by)
                return leads_to("/review/policy", site, notice="saved" if is_new else "unchanged")
            tried = await self._what_if.tried(site, draft)
        except InvalidInput as error:
            status = 409 if isinstance(error, Conflict) else 422
            faults = faults_of(error, sent, self._engine.live.operating_points)
            return await self._page(request, site, shown, sent, status, faults=faults)
        return await self._page(request, site, shown, sent, tried=tried, draft=draft)

    async def _version(self, site: str, version: int | None) -> _Shown:
        found = None if version == BUILT_IN else await self._store.policy(site, version)
        if found is None and version not in (None, BUILT_IN):
            raise NotFound("no such version of this site's policy")
        return _shown(found)

    async def _versions(self, site: str) -> list[_Shown]:
        """The newest few, the newest first."""
        newest = await self._version(site, None)
        oldest = max(BUILT_IN, newest.version - _VERSIONS + 1)
        return [newest, *[await self._version(site, number) for number in range(newest.version - 1, oldest - 1, -1)]]

    async def _page(
        self,
        request: Request,
        site: str,
        shown: _Shown,
        form: PolicyForm,
        status: int = 200,
        *,
        notice: str | None = None,
        faults: Sequence[FieldFault] = (),
        tried: Tried | None = None,
        draft: Policy | None = None,
    ) -> Response:
        points = self._engine.live.operating_points
        values: dict[str, Any] = {"notice": notice, "faults": faults, "tried": tried, "draft": draft, "form": form}
        return await self._frame.show(
            request,
            "policy.html",
            site,
            "policy",
            status,
            kept=shown,
            sentences=policy_words(shown.policy, points),
            versions=await self._versions(site),
            points=points,
            point_names=list(dict.fromkeys(name for of_head in points.values() for name in of_head)),
            heads=HEAD_NAMES,
            actions=_ACTING,
            rates=RATES,
            severities=list(Severity),
            **values,
        )


def policy_words(policy: Policy, points: OperatingPoints) -> list[str]:
    """What the policy does, a sentence each."""
    said = [_rule_words(rule, points) for rule in policy.rules] or [TEXTS.policy.no_rules]
    counts = {
        "blocked_terms": len(policy.blocked_terms),
        "allowed_terms": len(policy.allowed_terms),
        "exempt_authors": len(policy.exempt_authors),
        "hold_new_authors": policy.hold_new_authors,
        "golden_every": policy.golden_every,
    }
    action = getattr(TEXTS.policy.acts, policy.blocked_terms_action.value)
    said += [getattr(TEXTS.policy, name).format(count=count, action=action) for name, count in counts.items() if count]
    for name in ("sample_rate", "second_opinion_rate", "report_weight"):
        if share := getattr(policy, name):
            said.append(getattr(TEXTS.policy, name).format(share=percent(share)))
    return said


def _rule_words(rule: Rule, points: OperatingPoints) -> str:
    point = points.get(rule.head, {}).get(rule.operating_point)
    threshold = rule.threshold if rule.threshold is not None else None if point is None else point.threshold
    acts = getattr(TEXTS.policy.acts, rule.action.value)
    if threshold is None:
        return str(
            TEXTS.policy.never.format(action=acts, head=head_name(rule.head), point=point_name(rule.operating_point))
        )
    words = TEXTS.policy.rule.format(
        action=acts, head=head_name(rule.head), threshold=percent(threshold), point=point_name(rule.operating_point)
    )
    if rule.spared:
        spared = ", ".join(getattr(TEXTS.severity, one.value) for one in Severity if one in rule.spared)
        words += " " + TEXTS.policy.spared.format(severities=spared)
    return str(words)


def _shown(found: PolicyVersion | None) -> _Shown:
    return _Shown(DEFAULT, BUILT_IN, None) if found is None else _Shown(policy_of(found), found.version, found.made_at)
