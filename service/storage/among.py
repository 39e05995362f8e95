"""Many rows by their keys at once: looking them up, and changing them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, false, or_

C = TypeVar("C")


def among(
    site: ColumnElement[Any], identity: ColumnElement[Any], keys: Iterable[tuple[str, Any]]
) -> ColumnElement[bool]:
    """Whether a row's site and id are one of the keys; by the index that begins with them.

    Site by site: for a list of pairs, ``(site, id) IN (VALUES …)``, SQLite uses no index and reads the whole table.
    """
    of_site: dict[str, set[Any]] = {}
    for name, one in keys:
        of_site.setdefault(name, set()).add(one)
    return or_(false(), *(and_(site == name, identity.in_(sorted(ids))) for name, ids in sorted(of_site.items())))


def apart(changes: Iterable[C], key: Callable[[C], Hashable]) -> Iterator[list[C]]:
    """In their order, in groups that name no key twice."""
    group: dict[Hashable, C] = {}
    for change in changes:
        if key(change) in group:
            yield list(group.values())
            group = {}
        group[key(change)] = change
    yield list(group.values())
