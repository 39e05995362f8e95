"""Code of schema 0002, which landed first, runs on the newest schema too, and what it leaves behind is mended."""

from __future__ import annotations

import json

from sqlalchemy import text

from service.domain import Action, Ground, SiteReason
from service.review_domain import Cause, ReviewAction
from service.storage.listing import Filters, Order
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.working import Work, at_work

#: All that its code can make of a stored reason: one of its rules, or a head's score beside a threshold.
RULES = {"blocked_term", "allowed_term", "exempt_author", "new_author", "sample"}
OF_A_RULE = {"rule", "term", "start", "end"}
OF_A_HEAD = {"head", "score", "threshold", "operating_point"}
#: What its code does to a comment, as far as the queue is concerned: nothing.
SUBMITTED = "DELETE FROM queue WHERE comment_id = 'c-1'"
ERASED = "UPDATE comments SET state = 'erased' WHERE id = 'c-2'"
EDITED = "UPDATE queue SET revision = 0, priority = 0 WHERE comment_id = 'c-3'"


def test_it_can_read_every_reason(address: str) -> None:
    """Those that it knows nothing of look like ones that it knows; here they are what they were."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        await work.done("ann", ReviewAction.REJECT)
        edited = (SiteReason(Ground.REJECTED_BEFORE), SiteReason(Ground.BLOCKED_TERM, "ferry", 0, 5))
        await work.put("c-2", Action.HOLD, reasons=edited)
        async with work.store.reading() as connection:
            kept = (await connection.execute(text("SELECT reasons FROM decisions"))).scalars().all()
        for reason in (one for row in kept for one in (json.loads(row) if isinstance(row, str) else row)):
            assert reason.keys() == OF_A_HEAD or (reason.keys() == OF_A_RULE and reason["rule"] in RULES)
        assert (await work.comment()).assessment.decision.reasons == (SiteReason(Ground.REVIEW),)
        assert (await work.comment("c-2")).assessment.decision.reasons == edited

    at_work(address, act)


def test_what_it_wrote_reaches_a_person(address: str) -> None:
    """When a store is opened, what is held waits, what was erased does not, and edits are looked at anew."""

    async def older(store: Store) -> None:
        work = Work(store)
        for number in (1, 2, 3):
            await work.put(f"c-{number}", Action.HOLD)
        async with store._database.writing() as connection:
            for statement in (SUBMITTED, ERASED, EDITED):
                await connection.execute(text(statement))

    async def act(store: Store) -> None:
        page, _ = await Work(store).desk.queue("default", Filters(), Order.PRIORITY, None, 9)
        found = {one.comment_id: (one.placement.cause, one.revision) for one in page}
        assert found == {"c-1": (Cause.HOLD, 1), "c-3": (Cause.HOLD, 1)}
        assert not [line for line in await store.findings() if "queue" in line or "nobody" in line]

    with_store(address, older)
    with_store(address, act)
