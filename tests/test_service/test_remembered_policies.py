"""Policies in memory: a site's newest counts, and a store that cannot be asked stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from service.domain import PolicyVersion
from service.errors import StoreUnavailable
from service.policies import FRESH_SECONDS, REMEMBERED_SITES, Policies
from service.policy import DEFAULT, content_of
from service.scoring.engine import Engine
from service.settings import SHIPPED_BUNDLE
from service.telemetry import Metrics
from tests.test_service.test_storage.written import NOW


class Kept:
    """Policies of sites, as whoever keeps them would tell; out of reach when ``is_out``, silent when ``is_stuck``."""

    def __init__(self) -> None:
        self.versions: dict[str, PolicyVersion] = {}
        self.asked: list[str] = []
        self.is_out = False
        self.is_stuck = False

    def put(self, site: str, version: int) -> PolicyVersion:
        made = PolicyVersion(site, version, content_of(replace(DEFAULT, sample_rate=version / 10)), NOW)
        self.versions[site] = made
        return made

    async def __call__(self, site: str) -> PolicyVersion | None:
        self.asked.append(site)
        if self.is_stuck:
            await asyncio.Event().wait()
        if self.is_out:
            raise StoreUnavailable
        await asyncio.sleep(0)
        return self.versions.get(site)


Act = Callable[[Policies, Kept, list[float]], Coroutine[Any, Any, None]]


@pytest.fixture
def with_policies() -> Callable[[Act], None]:
    """Runs something with policies, who keeps them, and a clock that stands until it is set."""

    def run(act: Act) -> None:
        kept, now = Kept(), [100.0]
        policies = Policies(kept, Engine(SHIPPED_BUNDLE, Metrics()), clock=lambda: now[0])
        asyncio.run(act(policies, kept, now))

    return run


async def name(policies: Policies, site: str) -> str:
    return (await policies.of(site)).policy.name


def test_asked_again_when_it_is_no_longer_fresh(with_policies: Callable[[Act], None]) -> None:
    """Not before; a change made elsewhere then counts, and one that stayed keeps its finders."""

    async def act(policies: Policies, kept: Kept, now: list[float]) -> None:
        assert await name(policies, "blog") == "default@1"
        kept.put("blog", 2)
        now[0] += FRESH_SECONDS / 2
        assert await name(policies, "blog") == "default@1"
        now[0] += FRESH_SECONDS
        second = await policies.of("blog")
        assert (second.policy.name, second.policy.sample_rate) == ("blog@2", 0.2)
        now[0] += FRESH_SECONDS
        assert await policies.of("blog") is second
        assert kept.asked == ["blog"] * 3

    with_policies(act)


@pytest.mark.parametrize("how", ["is_out", "is_stuck"])
def test_an_outage_leaves_the_last_one(
    with_policies: Callable[[Act], None], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The last known counts, the built-in one where none is known; and not every comment asks in vain."""
    monkeypatch.setattr("service.policies.PATIENCE_SECONDS", 0.01)

    async def act(policies: Policies, kept: Kept, now: list[float]) -> None:
        kept.put("blog", 3)
        assert await name(policies, "blog") == "blog@3"
        setattr(kept, how, True)
        now[0] += FRESH_SECONDS
        assert [await name(policies, site) for site in ("blog", "news", "blog", "news")] == [
            "blog@3",
            "default@1",
        ] * 2
        assert kept.asked == ["blog", "blog"]
        assert (await policies.known("blog")).policy.name == "blog@3"
        with pytest.raises(StoreUnavailable):
            await policies.known("news")
        setattr(kept, how, False)
        kept.put("news", 2)
        now[0] += FRESH_SECONDS
        assert await name(policies, "news") == "news@2"

    with_policies(act)


def test_what_is_put_here_counts_at_once(with_policies: Callable[[Act], None]) -> None:
    """Also against an older answer that is still on its way."""

    async def act(policies: Policies, kept: Kept, now: list[float]) -> None:
        kept.put("blog", 2)
        assert await name(policies, "blog") == "blog@2"
        now[0] += FRESH_SECONDS
        asking = asyncio.create_task(name(policies, "blog"))
        await asyncio.sleep(0)
        assert kept.asked == ["blog"] * 2
        policies.keep(PolicyVersion("blog", 3, content_of(DEFAULT), NOW))
        assert await name(policies, "blog") == "blog@3"
        assert await asking == "blog@3"
        assert await name(policies, "blog") == "blog@3"

    with_policies(act)


def test_one_asks_for_many(with_policies: Callable[[Act], None]) -> None:
    """Whoever comes meanwhile goes on with what is known."""

    async def act(policies: Policies, kept: Kept, now: list[float]) -> None:
        await policies.of("blog")
        now[0] += FRESH_SECONDS
        await asyncio.gather(*(policies.of("blog") for _ in range(50)))
        assert kept.asked == ["blog"] * 2

    with_policies(act)


def test_sites_are_not_remembered_without_end(with_policies: Callable[[Act], None]) -> None:
    """Names that nobody has a policy for fill no memory."""

    async def act(policies: Policies, kept: Kept, now: list[float]) -> None:
        for number in range(REMEMBERED_SITES + 50):
            await policies.of(f"site-{number}")
        assert len(policies._remembered) == REMEMBERED_SITES

    with_policies(act)
