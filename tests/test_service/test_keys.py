"""Keys: made by a command, seen by a server that runs, known through an outage; and buckets of leave."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import httpx
import pytest

from service.__main__ import main
from service.attempts import Attempts, Failures
from service.buckets import Buckets
from service.credentials import KEY, digest_of, new_key
from service.errors import StoreUnavailable, TooMany
from service.keys import FRESH_SECONDS, RENEWED_SECONDS, Keys
from service.principals import ApiKey, Scope
from tests.test_service.conftest import fresh_store, running

MOMENT = datetime(2026, 5, 1, tzinfo=UTC)


def command(store: str, *arguments: str, code: int = 0) -> str:
    """What ``python -m service`` prints, to wherever it belongs."""
    told, complained = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told), redirect_stderr(complained):
        patch.setenv("VERGER_STORE", store)
        try:
            ended = main(list(arguments))
        except SystemExit as refused:
            ended = int(refused.code or 0)
    assert ended == code, complained.getvalue()
    return (complained if code else told).getvalue().strip()


def status(client: httpx.Client, key: str | None, path: str = "/v1/bundles") -> int:
    return client.get(path, headers={} if key is None else {"Authorization": f"Bearer {key}"}).status_code


def comes_to(client: httpx.Client, key: str | None, expected: int) -> bool:
    """Asks until it is so; a server that never sees it ends this after a minute."""
    until = time.monotonic() + 60
    while status(client, key) != expected:
        if time.monotonic() > until:
            return False
    return True


def test_a_key_from_its_making_to_its_end() -> None:
    """Open mode ends with the first one, it is good where it runs already, and revoked it lets nobody in again."""
    store = fresh_store()
    with running(store=store) as client:
        assert status(client, None) == 200
        key = command(store, "keys", "create", "--name", "shop", "--scopes", "score,submit", "--site", "blog")
        found = KEY.fullmatch(key)
        assert found
        assert comes_to(client, None, 401)
        assert status(client, key) == 200
        assert status(client, key, "/v1/policies/blog") == 403
        listed = command(store, "keys", "list")
        assert "score,submit" in listed
        assert "blog" in listed
        assert key not in listed
        assert command(store, "keys", "revoke", found[1]) == f"{found[1]} is revoked"
        assert comes_to(client, key, 401)
        assert status(client, None) == 401
        assert "no good key" in command(store, "keys", "revoke", found[1], code=2)
    kept = b"".join(path.read_bytes() for path in Path(store).parent.iterdir())
    assert key.encode() not in kept
    assert found[1].encode() in kept


def test_who_reads_what_is_about_no_one_site() -> None:
    """Whoever may see every site; the admin of one site is told of that site alone."""
    store = fresh_store()
    with running(store=store) as client:
        mine = command(store, "keys", "create", "--name", "mine", "--scopes", "admin", "--site", "blog")
        every = command(store, "keys", "create", "--name", "every", "--scopes", "admin")
        command(store, "reviewers", "add", "ann")
        assert comes_to(client, every, 200)
        for key, told in (
            (mine, [("make_key", "blog")]),
            (every, [("make_link", None), ("add_account", None), ("make_key", None), ("make_key", "blog")]),
        ):
            headers = {"Authorization": f"Bearer {key}"}
            page = client.get("/v1/audit", params={"site": "blog"}, headers=headers).json()["entries"]
            assert [(one["action"], one["site"]) for one in page] == told
            file = client.get("/v1/audit/export", params={"site": "blog"}, headers=headers).text
            assert [json.loads(line) for line in file.splitlines()] == page


def test_beyond_this_machine_a_key_in_the_store_is_enough() -> None:
    """Once one was made, it is no longer for want of a key that it does not start."""
    store, elsewhere = fresh_store(), ("serve", "--host", "192.0.2.1", "--port", "0")
    assert "a key is needed" in command(store, *elsewhere, code=2)
    command(store, "keys", "create", "--name", "shop", "--scopes", "score")
    assert "assign requested address" in command(store, *elsewhere, code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("keys", "create", "--name", "x", "--scopes", "everything"),
        ("keys", "create", "--name", "x", "--scopes", ""),
        ("keys", "create", "--name", "x", "--scopes", "score", "--limit", "0"),
        ("keys", "create", "--name", "x", "--scopes", "score", "--site", "a b"),
        ("keys", "create", "--name", "", "--scopes", "score"),
        ("keys", "revoke", "none"),
        ("reviewers", "add", "a b"),
        ("reviewers", "add", "ann", "--role", "owner"),
        ("reviewers", "disable", "nobody"),
        ("reviewers", "link", "nobody"),
        ("reviewers", "role", "nobody", "admin"),
    ],
)
def test_a_command_that_cannot_be_done(arguments: tuple[str, ...]) -> None:
    """Ends with 2 and the reason, and makes nothing."""
    store = fresh_store()
    assert command(store, *arguments, code=2)
    assert command(store, "keys", "list") + command(store, "reviewers", "list") == ""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("keys", "create", "--name", "n", "--scopes", "foo"), "'foo' is not one or more of score,submit,review,admin"),
        (("keys", "create", "--name", "n", "--scopes", "score", "--limit", "0"), "from 1 to"),
        (("keys", "create", "--name", "", "--scopes", "score"), "1 to 100 characters"),
        (("reviewers", "add", "ann", "--port", "http"), "from 1 to 65535"),
    ],
)
def test_a_command_says_what_it_takes(arguments: tuple[str, ...], reason: str) -> None:
    """Not how the code calls it."""
    told = command(fresh_store(), *arguments, code=2)
    assert reason in told
    assert "invalid _" not in told


def test_reviewers_by_command() -> None:
    """Added, listed, disabled, let in again; a link each time one is asked for."""
    store = fresh_store()
    first = command(store, "reviewers", "add", "Ann", "--role", "admin", "--site", "blog")
    assert "http://127.0.0.1:8000/review/welcome#" in first
    assert "http://127.0.0.1:8299/review/welcome#" in command(store, "reviewers", "link", "ann", "--port", "8299")
    assert command(store, "reviewers", "link", "ann") != first
    assert "already" in command(store, "reviewers", "add", "ann", code=2)
    command(store, "reviewers", "disable", "ann")
    assert "disabled" in command(store, "reviewers", "list")
    command(store, "reviewers", "enable", "ann")
    command(store, "reviewers", "role", "ann", "reviewer")
    assert command(store, "reviewers", "list").split()[:3] == ["ann", "reviewer", "blog"]


class Place:
    """Where keys are kept, and what happens to be wrong with it; and the time."""

    def __init__(self) -> None:
        self.keys: list[ApiKey] = []
        self.is_out = False
        self.asked = 0
        self.touched: list[tuple[str, ...]] = []
        self.now = 1000.0

    async def fetch(self) -> Sequence[ApiKey]:
        self.asked += 1
        if self.is_out:
            raise StoreUnavailable
        return list(self.keys)

    async def touch(self, ids: tuple[str, ...], at: datetime) -> None:
        self.touched.append(ids)

    def add(self) -> str:
        identity, key = new_key()
        self.keys.append(ApiKey(identity, "x", digest_of(key), frozenset({Scope.SCORE}), None, None, MOMENT))
        return key

    def known(self, first: str | None = None) -> Keys:
        return Keys(self.fetch, self.touch, first=first, per_minute=60, clock=lambda: self.now)


def test_calls_cost_no_reading() -> None:
    """Within a second nothing is asked for; within two it is asked beside the call; later the call waits for it."""

    async def act() -> None:
        place = Place()
        keys, key = place.known(), place.add()
        for _ in range(100):
            await keys.settle()
            assert keys.holder(key)
        assert place.asked == 1
        place.now += RENEWED_SECONDS
        another = place.add()
        await keys.settle()
        assert keys.holder(another) is None
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert keys.holder(another)
        place.keys.clear()
        place.now += FRESH_SECONDS
        await keys.settle()
        assert keys.holder(key) is None

    asyncio.run(act())


def test_an_outage_ends_no_key() -> None:
    """Those known stay good; of others nobody can say; the one from the environment needs no store."""

    async def act() -> None:
        place = Place()
        key, keys = place.add(), place.known("the-first-key-of-all")
        await keys.settle()
        place.is_out = True
        later = place.add()
        place.now += FRESH_SECONDS
        await keys.settle()
        assert keys.holder(key)
        assert keys.holder("the-first-key-of-all")
        with pytest.raises(StoreUnavailable):
            keys.holder(later)
        place.is_out = False
        place.now += 10
        await keys.settle()
        assert keys.holder(later)

    asyncio.run(act())


def test_whether_there_are_keys() -> None:
    """Not known before the store said so; a key that was revoked counts."""

    async def act() -> None:
        place = Place()
        keys = place.known()
        place.is_out = True
        await keys.settle()
        assert keys.has_any is None
        assert place.known("the-first-key-of-all").has_any
        place.is_out = False
        place.now += 10
        await keys.settle()
        assert keys.has_any is False
        key = place.add()
        (kept,) = place.keys
        place.keys = [ApiKey(kept.id, "x", kept.digest, kept.scopes, None, None, MOMENT, revoked_at=MOMENT)]
        place.now += 10
        await keys.settle()
        assert keys.has_any
        assert keys.holder(key) is None

    asyncio.run(act())


def test_when_it_was_used_last_is_noted_seldom() -> None:
    """Once, and not with every call."""

    async def act() -> None:
        place = Place()
        key, keys = place.add(), place.known()
        for _ in range(5):
            await keys.settle()
            keys.holder(key)
            await asyncio.sleep(0)
        place.now += FRESH_SECONDS
        await keys.settle()
        await asyncio.sleep(0)
        assert place.touched == [(place.keys[0].id,)]

    asyncio.run(act())


def test_buckets() -> None:
    """So many at once, so many in the long run, each name by itself, and it says when to come back."""
    now = [0.0]
    buckets = Buckets(3, 0.5, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 2]
    assert buckets.take("b") == 0
    now[0] += 2
    assert [buckets.take("a") for _ in range(2)] == [0, 2]
    now[0] += 1000
    assert buckets.take("a", 20) == 0
    assert buckets.take("a") > 30
    buckets.give_back("a", 20)
    assert buckets.take("a") == 0


def test_attempts_from_everywhere() -> None:
    """Against guesses from many places new places wait, and the place where that person was does not."""
    now = [0.0]
    attempts = Attempts(clock=lambda: now[0])
    attempts.begin("ann", "home")
    assert attempts.succeeded("ann", "home") is None
    for number in range(40):
        attempts.begin("ann", f"place {number}")
    with pytest.raises(TooMany):
        attempts.begin("ann", "a new place")
    attempts.begin("ann", "home")
    attempts.begin("bea", "a new place")
    assert [attempts.failed("ann") for _ in range(3)] == [Failures(1), None, None]
    now[0] += 601
    assert attempts.failed("ann", was_blocked=True) == Failures(3, blocked=1)
    assert attempts.failed("ann") is None
    assert attempts.succeeded("ann", "home") == Failures(1)
