"""The policy of each site: asked of whoever keeps them, and remembered, so that scoring never needs the store."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from service.domain import PolicyVersion
from service.errors import StoreUnavailable
from service.policy import DEFAULT, Policy, policy_from
from service.scoring.engine import Engine
from service.scoring.terms import TermFinder

Fetch = Callable[[str], Awaitable[PolicyVersion | None]]

FRESH_SECONDS: Final = 2.0
"""For how long a policy is used without asking again, so that a change made elsewhere counts that soon."""
PATIENCE_SECONDS: Final = 1.0
"""For how long a comment waits for an answer before it is decided by the policy that was known last."""
REMEMBERED_SITES: Final = 1_000


class SitePolicy:
    """A policy with what finds its terms."""

    def __init__(self, policy: Policy, engine: Engine) -> None:
        self.policy = policy
        self.blocked = TermFinder(policy.blocked_terms, lambda: engine.live.parts.reader)
        self.allowed = TermFinder(policy.allowed_terms, lambda: engine.live.parts.reader)
        self.has_terms = bool(policy.blocked_terms or policy.allowed_terms)


@dataclass(slots=True)
class _Remembered:
    policy: SitePolicy
    asked_at: float


class Policies:
    """Site → its newest policy. ``fetch`` gives it, null for the built-in one, or raises ``StoreUnavailable``."""

    def __init__(self, fetch: Fetch, engine: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._engine = engine
        self._clock = clock
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._built_in = SitePolicy(DEFAULT, engine)
        #: Until when the store is not asked again after it gave no answer.
        self._out_until = float("-inf")

    async def of(self, site: str) -> SitePolicy:
        """What counts for the site now. With the store out of reach, what was known last, or else the built-in one."""
        now = self._clock()
        known = self._remembered.get(site)
        if known is not None and now - known.asked_at < FRESH_SECONDS:
            return known.policy
        last = self._built_in if known is None else known.policy
        if now < self._out_until:
            return last
        if known is not None:
            # Whoever comes while this one asks goes on with what is known.
            known.asked_at = now
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self._fetch(site)
            newest = self._made(site, found)
        except (StoreUnavailable, TimeoutError):
            self._out_until = self._clock() + FRESH_SECONDS
            return last
        meanwhile = self._remembered.get(site)
        if meanwhile is not None and meanwhile is not known:
            # Another one was put here, or asked later than this.
            return meanwhile.policy
        return self._remember(site, newest, now)

    async def known(self, site: str) -> SitePolicy:
        """The same for what is stored, which is never decided by a guess. Raises ``StoreUnavailable``."""
        policy = await self.of(site)
        if site not in self._remembered:
            raise StoreUnavailable
        return policy

    def keep(self, found: PolicyVersion) -> None:
        """It was put here: from now on it counts."""
        self._remember(found.site, self._made(found.site, found), self._clock())

    def _made(self, site: str, found: PolicyVersion | None) -> SitePolicy:
        if found is None:
            return self._built_in
        name = name_of(found)
        known = self._remembered.get(site)
        # The same one again: its finders are worth keeping.
        return (
            known.policy if known and known.policy.policy.name == name else SitePolicy(policy_of(found), self._engine)
        )

    def _remember(self, site: str, policy: SitePolicy, now: float) -> SitePolicy:
        self._remembered[site] = _Remembered(policy, now)
        self._remembered.move_to_end(site)
        while len(self._remembered) > REMEMBERED_SITES:
            self._remembered.popitem(last=False)
        return policy


def name_of(found: PolicyVersion) -> str:
    """What decisions call it."""
    return f"{found.site}@{found.version}"


def policy_of(found: PolicyVersion) -> Policy:
    """The policy that is kept there."""
    return policy_from(name_of(found), found.content)
