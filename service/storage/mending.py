"""What code that knows of no queue left behind: it runs on this schema too, before an upgrade ends or after one is
taken back.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import State
from service.storage.queue import refresh
from service.storage.review_tables import queue
from service.storage.tables import comments

WAITS: Final = and_(queue.c.site == comments.c.site, queue.c.comment_id == comments.c.id)
#: Of a row of the queue with its comment.
IS_OUTDATED: Final[ColumnElement[bool]] = or_(
    comments.c.state == State.ERASED.value, queue.c.revision != comments.c.revision
)
#: Of a comment with its row of the queue, if there is one.
IS_UNSEEN: Final[ColumnElement[bool]] = and_(comments.c.state == State.HELD.value, queue.c.comment_id.is_(None))
_AT_ONCE: Final = 500
_KEY: Final = (comments.c.site, comments.c.id)


async def mend(connection: AsyncConnection) -> int:
    """Put what is held into the queue, and take out what was erased or edited; how many there were."""
    outdated = select(*_KEY).select_from(queue.join(comments, WAITS)).where(IS_OUTDATED)
    unseen = select(*_KEY).select_from(comments.outerjoin(queue, WAITS)).where(IS_UNSEEN)
    keys = [(row.site, row.id) for query in (outdated, unseen) for row in await connection.execute(query)]
    for start in range(0, len(keys), _AT_ONCE):
        await refresh(connection, keys[start : start + _AT_ONCE])
    return len(keys)
