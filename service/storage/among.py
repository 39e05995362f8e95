"""Looking up many rows by their keys at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_


def among(
    site: ColumnElement[Any], identity: ColumnElement[Any], keys: Iterable[tuple[str, str]]
) -> ColumnElement[bool]:
    """Whether a row's site and id are one of the keys; by the index that begins with them.

    Site by site: for a list of pairs, ``(site, id) IN (VALUES …)``, SQLite uses no index and reads the whole table.
    """
    of_site: dict[str, set[str]] = {}
    for name, one in keys:
        of_site.setdefault(name, set()).add(one)
    return or_(false(), *(and_(site == name, identity.in_(sorted(ids))) for name, ids in sorted(of_site.items())))
