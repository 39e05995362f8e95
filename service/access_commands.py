"""The commands of ``python -m service`` that say who may call. Each returns an exit code, as ``__main__`` says."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from service.credentials import digest_of, new_key
from service.errors import AccessRefused
from service.people import People
from service.principals import COMMAND, ApiKey, Role, Scope
from service.settings import Settings
from service.storage.keys import RevokeKey, SaveKey
from service.storage.store import Store


def add_access_commands(commands: Any, site: Callable[[str], str]) -> None:
    """``keys`` and ``reviewers``; ``site`` checks a site's name."""
    keys = commands.add_parser("keys", help="make, list and revoke keys").add_subparsers(
        required=True, metavar="ACTION"
    )
    make = keys.add_parser("create", help="make a key; it is shown once")
    make.add_argument("--name", required=True, type=_name, help="what it is for, so that you know it again")
    make.add_argument("--scopes", required=True, type=_scopes, help="one or more of score,submit,review,admin")
    make.add_argument("--site", type=site, help="the one site that it is for; any if left out")
    make.add_argument("--limit", type=_limit, metavar="N", help="calls a minute (VERGER_CALLS_PER_MINUTE)")
    make.set_defaults(run=lambda options: _run(options, _create))
    keys.add_parser("list", help="every key there ever was").set_defaults(run=lambda options: _run(options, _list))
    revoke = keys.add_parser("revoke", help="end a key for good, everywhere within 2 seconds")
    revoke.add_argument("id", metavar="ID")
    revoke.set_defaults(run=lambda options: _run(options, _revoke))
    people = commands.add_parser("reviewers", help="say who may sign in").add_subparsers(
        required=True, metavar="ACTION"
    )
    add = people.add_parser("add", help="make an account, and a link that sets its password")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", type=Role, choices=list(Role), default=Role.REVIEWER)
    add.add_argument("--site", type=site, help="the one site that they review; any if left out")
    add.add_argument("--port", type=_port, help=_WHERE)
    add.set_defaults(run=lambda options: _run(options, _add))
    people.add_parser("list", help="every account").set_defaults(run=lambda options: _run(options, _accounts))
    for action, what in _ACTIONS.items():
        one = people.add_parser(action, help=what)
        one.add_argument("name", metavar="NAME")
        if action == "link":
            one.add_argument("--port", type=_port, help=_WHERE)
        if action == "role":
            one.add_argument("role", type=Role, choices=list(Role))
        one.set_defaults(run=lambda options: _run(options, _change), action=action)


_WHERE = "the port that the service listens on here (VERGER_PORT, 8000), if browsers find it by no VERGER_PUBLIC_URL"
_ACTIONS = {
    "link": "print a new link that sets the account's password",
    "disable": "sign them out everywhere, and let them in no more",
    "enable": "let them in again",
    "role": "make a reviewer an admin, or the other way round",
}


def _name(given: str) -> str:
    if not given.isprintable() or not 1 <= len(given) <= 100:
        raise ArgumentTypeError("a name has 1 to 100 characters that can be seen")
    return given


def _scopes(given: str) -> frozenset[Scope]:
    try:
        return frozenset(Scope(name.strip()) for name in given.split(","))
    except ValueError:
        raise ArgumentTypeError(f"{given!r} is not one or more of {','.join(Scope)}") from None


def _limit(given: str) -> int:
    return _whole(given, 1, 1_000_000_000)


def _port(given: str) -> int:
    return _whole(given, 1, 65_535)


def _whole(given: str, least: int, most: int) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) <= 10 and least <= int(given) <= most):
        raise ArgumentTypeError(f"{given!r} is not a number from {least} to {most}")
    return int(given)


def _run(options: Namespace, act: Callable[[Store, Settings, Namespace], Awaitable[None]]) -> int:
    async def run() -> None:
        settings = Settings()
        store = Store(settings.store)
        await store.start(or_raise=True)
        try:
            await act(store, settings, options)
        finally:
            await store.close()

    asyncio.run(run())
    return 0


async def _create(store: Store, settings: Settings, options: Namespace) -> None:
    identity, key = new_key()
    kept = ApiKey(
        identity, options.name, digest_of(key), options.scopes, options.site, options.limit, datetime.now(UTC)
    )
    if not await store.changed(SaveKey(kept, COMMAND)):
        raise AccessRefused("the id drawn for it is taken: try again")
    print(key)


async def _list(store: Store, settings: Settings, options: Namespace) -> None:
    for key in await store.keys():
        state = f"revoked {_day(key.revoked_at)}" if key.revoked_at else f"used {_day(key.used_at)}"
        limit = f"{key.per_minute or settings.calls_per_minute}/min"
        scopes = ",".join(scope for scope in Scope if scope in key.scopes)
        print(key.id, scopes, key.site or "any-site", limit, f"made {_day(key.made_at)}", state, key.name, sep="  ")


async def _revoke(store: Store, settings: Settings, options: Namespace) -> None:
    if not await store.changed(RevokeKey(options.id, datetime.now(UTC), COMMAND)):
        raise AccessRefused(f"there is no good key {options.id!r}")
    print(f"{options.id} is revoked")


async def _add(store: Store, settings: Settings, options: Namespace) -> None:
    token = await People(store).add(options.name, options.role, options.site)
    if token is None:
        raise AccessRefused(f"there is an account {options.name!r} already")
    _print_link(settings, options, token)


async def _accounts(store: Store, settings: Settings, options: Namespace) -> None:
    for account in await People(store).all():
        if account.disabled_at:
            state = f"disabled {_day(account.disabled_at)}"
        else:
            state = "signs in" if account.password else "has no password yet"
        print(account.name, account.role, account.site or "any-site", f"made {_day(account.made_at)}", state, sep="  ")


async def _change(store: Store, settings: Settings, options: Namespace) -> None:
    people, name = People(store), options.name
    if options.action == "link":
        token = await people.link(name)
        if token is None:
            raise AccessRefused(f"there is no account {name!r}, or it is disabled")
        _print_link(settings, options, token)
        return
    if options.action == "role":
        changed = await people.set_role(name, options.role)
    else:
        changed = await people.set_disabled(name, options.action == "disable")
    if not changed:
        raise AccessRefused(f"there is no account {name!r}, or it is so already")
    print(f"{name}: done")


def _print_link(settings: Settings, options: Namespace, token: str) -> None:
    at = settings.public_url or f"http://127.0.0.1:{options.port or settings.port}"
    print(f"Good once, for 15 minutes: {at}/review/welcome#{token}")
    if not (settings.public_url or options.port or "port" in settings.model_fields_set):
        print("If the service listens elsewhere, --port or VERGER_PORT says where.", file=sys.stderr)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "never"
