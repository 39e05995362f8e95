"""What the store tells about the past: the audit, what the machine decided, what people said. It changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.storage.articles import Key
from service.storage.audit_reading import AuditFilters, AuditRow, read_audit
from service.storage.erasure import read_erased_since
from service.storage.labelling import Labelled, read_labelled, read_pseudonym_key
from service.storage.measuring import Counts, Opinions, read_counts, read_opinions
from service.storage.past_decisions import Past, Place, read_past_decisions
from service.storage.restrictions import Restriction, read_restrictions
from service.storage.store import Store


class HistoryStore:
    """Every method may raise ``StoreUnavailable``. Each page of a list is as it is when it is read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def audit(self, site: str, filters: AuditFilters, before: int | None, limit: int) -> list[AuditRow]:
        """A page of the audit, the newest first."""
        async with self._store.reading() as connection:
            return await read_audit(connection, site, filters, before, limit)

    async def past(
        self, site: str, since: datetime | None, before: Place | None, limit: int, *, texts: bool
    ) -> Sequence[Past]:
        """A page of what the machine decided, the newest first; erased comments are left out."""
        async with self._store.reading() as connection:
            return await read_past_decisions(connection, site, since, before, limit, texts=texts)

    async def restrictions(
        self, site: str, since: datetime | None, until: datetime | None, after: Place | None, limit: int
    ) -> list[Restriction]:
        """A page of the decisions that restricted a comment, the oldest first."""
        async with self._store.reading() as connection:
            return await read_restrictions(connection, site, since, until, after, limit)

    async def pseudonym_key(self) -> bytes:
        """What keys the names under which reviewers stand in exports."""
        async with self._store.reading() as connection:
            return await read_pseudonym_key(connection)

    async def labelled(
        self, site: str, since: datetime | None, after: int, limit: int
    ) -> tuple[Sequence[Labelled], int | None]:
        """A page of the reviews that hold labels, the first one first, and where to go on."""
        async with self._store.reading() as connection:
            return await read_labelled(connection, site, since, after, limit)

    async def erased_since(self, site: str, since: datetime) -> list[Key]:
        """The site's comments that were erased from then on."""
        async with self._store.reading() as connection:
            return await read_erased_since(connection, site, since)

    async def counts(self, site: str, since: datetime, until: datetime) -> Counts:
        """Everything that is counted by the store itself."""
        async with self._store.reading() as connection:
            return await read_counts(connection, site, since, until)

    async def opinions(self, site: str, since: datetime, until: datetime, most: int) -> Opinions:
        """What people said, the newest first, up to ``most`` reviews."""
        async with self._store.reading() as connection:
            return await read_opinions(connection, site, since, until, most)
