"""Policies of sites: read, and followed by a next version; none is ever overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api import limits
from service.api.body import JSON, content_type, read
from service.api.callers import principal_of
from service.api.documents import gives, json_answer, reads, site_in_path
from service.api.paths import query_of, site_in, version_of
from service.api.policy_documents import PolicyIn, PolicyOut, read_policy
from service.domain import PolicyVersion
from service.errors import Conflict, Fault, NotFound, StoreUnavailable
from service.policies import Policies, name_of, policy_of
from service.policy import BUILT_IN, DEFAULT, Policy, content_of
from service.scoring.engine import Engine
from service.storage.store import Store

_WRITING: Final = (400, 401, 403, 409, 413, 415, 422, 503)
_READING: Final = (401, 403, 404, 422, 503)
_NAMED: Final[dict[str, Any]] = site_in_path()
_ONE_OF_THEM: Final[dict[str, Any]] = site_in_path("version")
_ATTEMPTS: Final = 5


def policy_routes(store: Store, policies: Policies, engine: Engine) -> APIRouter:
    """``/v1/policies/{site}``."""
    router = APIRouter(tags=["policies"])

    @router.put(
        "/v1/policies/{site}",
        responses=gives(PolicyOut, *_WRITING, first=201),
        response_class=Response,
        openapi_extra={**reads(PolicyIn), **_NAMED},
    )
    async def put_policy(request: Request) -> Response:
        """Give the site its next policy, which counts from now on. What is in force already makes no new version."""
        content_type(request, JSON)
        query_of(request, site=False)
        site = site_in(request)
        asked, follows = read_policy(await read(request, limits.POLICY_BYTES), engine.live.operating_points)
        kept, is_new = await put(store, policies, site, asked, follows, principal_of(request).name)
        return json_answer(_answer(site, kept), 201 if is_new else 200)

    @router.get(
        "/v1/policies/{site}",
        responses=gives(PolicyOut, *_READING),
        response_class=Response,
        openapi_extra=_ONE_OF_THEM,
    )
    async def get_policy(request: Request) -> Response:
        """The policy in force, or an earlier version (``?version=``; they are counted from 1, the built-in one)."""
        site, version = site_in(request), version_of(query_of(request, "version", site=False))
        if version == BUILT_IN:
            return json_answer(_answer(site, None))
        found = await store.policy(site, version)
        if found is None and version is not None:
            raise NotFound("no such version of this site's policy")
        return json_answer(_answer(site, found))

    return router


async def put(
    store: Store, policies: Policies, site: str, asked: Policy, follows: int | None, by: str
) -> tuple[PolicyVersion | None, bool]:
    """The policy in force from now on (null: the built-in one), and whether it is new.

    Raises:
        Conflict: the newest version is not the one that it ``follows``.
        StoreUnavailable: nothing was changed.
    """
    for _ in range(_ATTEMPTS):
        newest = await store.policy(site)
        version = BUILT_IN if newest is None else newest.version
        content = content_of(asked)
        if content_of(DEFAULT if newest is None else policy_of(newest)) == content:
            return newest, False
        if follows is not None and follows != version:
            raise Conflict(Fault("#/follows", f"the newest version is {version}"))
        following = PolicyVersion(site, version + 1, content, datetime.now(UTC))
        if await store.save_policy(following, by):
            policies.keep(following)
            return following, True
    raise StoreUnavailable("this policy is being changed by others; try again shortly")


def _answer(site: str, kept: PolicyVersion | None) -> dict[str, Any]:
    """As ``PolicyOut`` has it."""
    if kept is None:
        built_in = {"site": site, "version": BUILT_IN, "name": DEFAULT.name, "made_at": None}
        return {**built_in, **content_of(DEFAULT)}
    made = {"site": site, "version": kept.version, "name": name_of(kept), "made_at": kept.made_at}
    return {**made, **content_of(policy_of(kept))}
