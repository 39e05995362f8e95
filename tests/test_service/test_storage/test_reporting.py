"""What a store promises about reports, appeals and the queue, whichever kind of store it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain import Action, Decision, PolicyVersion, Reason, RegisteredArticle, State
from service.policy import DEFAULT, content_of
from service.review_domain import Cause, ReportState, ReviewAction
from service.revisions import revised
from service.storage.appeals import AddAppeal, Appealed
from service.storage.deciding import Reviewed
from service.storage.listing import COUNTED, Filters, Order, place_of
from service.storage.reports import AddReport
from tests.test_service.test_storage.working import KEY, REASONS, Work, at_work
from tests.test_service.test_storage.written import NOW, assessment, sent


def test_reports_of_a_text(address: str) -> None:
    """One counts for each reporter and reason; what was dismissed stays so until the text changes."""

    async def act(work: Work) -> None:
        assert await work.report("r-1") is None
        await work.put()
        assert await work.report("r-1") is ReportState.OPEN
        assert await work.report("r-1") is ReportState.OPEN
        assert await work.report("r-1", "other") is ReportState.OPEN
        history = await work.desk.history(KEY)
        assert history is not None
        assert len(history.reports) == 2
        assert (await work.comment()).state is State.ALLOWED
        await work.done("ann", ReviewAction.APPROVE, labels={"spoiler": 0})
        assert await work.report("r-2") is ReportState.DISMISSED
        assert await work.report("r-2", "other") is ReportState.DISMISSED
        assert await work.report("r-2", "profanity") is ReportState.OPEN
        assert await work.waiting() == [("c-1", Cause.REPORT)]
        await work.done("ann", ReviewAction.APPROVE, labels={"spoiler": 0, "profanity": 0})
        await work.put(text="Hello, and the butler did it")
        history = await work.desk.history(KEY)
        assert history is not None
        assert {(one.revision, one.state) for one in history.reports} == {(2, ReportState.OPEN)}
        assert await work.waiting() == [("c-1", Cause.REPORT)]

    at_work(address, act)


def test_a_review_answers_for_the_text_that_was_reported(address: str) -> None:
    """And for no other: who reported a foul text is not wrong because its author mended it, nor right once an edit."""

    async def record(work: Work, reporter: str) -> tuple[int, int]:
        found = await work.desk.reporter("default", reporter)
        assert found is not None
        return found.agreed, found.disagreed

    async def act(work: Work) -> None:
        await work.put(text="Foul")
        await work.report("mended")
        await work.put(text="Harmless")
        assert await work.waiting() == [("c-1", Cause.REPORT)]
        await work.done("ann", ReviewAction.APPROVE, revision=2)
        assert await record(work, "mended") == (0, 0)
        assert await work.waiting() == []

        await work.put("c-2", text="Foul")
        await work.report("right", name="c-2")
        await work.done("ann", ReviewAction.REJECT, name="c-2")
        for revision in (2, 3, 4):
            await work.put("c-2", text=f"Foul, {revision}")
            last = await work.done("ann", ReviewAction.REJECT, name="c-2", revision=revision)
        assert await record(work, "right") == (1, 0)
        assert isinstance(await work.desk.undo("default", last.review.number, "ann"), Reviewed)
        assert await record(work, "right") == (1, 0)
        assert (await work.waiting())[0] == ("c-2", Cause.REPORT)

    at_work(address, act)


def test_reported_again_after_an_edit(address: str) -> None:
    """The reader looked at the new text: that report is a new one, and is answered for it, once."""

    async def act(work: Work) -> None:
        await work.put(text="Foul")
        assert await work.report("r-1") is ReportState.OPEN
        await work.done("ann", ReviewAction.REJECT)
        await work.put(text="Foul still")
        report = AddReport(*KEY, "r-1", "spoiler", "Again", work.tick())
        again, retried = await work.desk.report(report), await work.desk.report(report)
        assert again is not None
        assert retried is not None
        assert (again.is_new, again.report.note, retried.is_new) == (True, "Again", False)
        await work.done("ann", ReviewAction.REJECT, revision=2)
        (reporter,) = await work.desk.reporters("default", None, 9)
        assert (reporter.reports, reporter.open, reporter.agreed) == (1, 0, 2)

    at_work(address, act)


def test_a_reporter_is_set_aside(address: str) -> None:
    """What only they reported waits no more, until it is undone; nothing else of theirs changes."""

    async def act(work: Work) -> None:
        for name in ("c-1", "c-2"):
            await work.put(name)
            await work.report("r-1", name=name)
        await work.report("r-2", name="c-2")
        assert await work.desk.open_reports_of("default", "r-1", 9) == [("default", "c-1"), ("default", "c-2")]
        done = await work.desk.set_aside("default", "r-1", "ann")
        assert done is not None
        assert done[1] == 2
        assert await work.waiting() == [("c-2", Cause.REPORT)]
        assert await work.desk.set_aside("default", "r-1", "ann") is None
        await work.put("c-1", text="Another text")
        assert await work.waiting() == [("c-2", Cause.REPORT)]
        assert await work.desk.undo_set_aside("default", done[0], "ann") == 2
        assert await work.desk.undo_set_aside("default", done[0], "ann") == 0
        assert await work.desk.undo_set_aside("default", 99, "ann") is None
        assert len(await work.waiting()) == 2

    at_work(address, act)


def test_a_site_wants_more_evidence(address: str) -> None:
    """Whatever it is that its place follows from anew: a report, an edit, an undo."""

    async def act(work: Work) -> None:
        content = content_of(replace(DEFAULT, report_weight=0.5))
        assert await work.store.save_policy(PolicyVersion("default", 2, content, NOW), "ann")
        await work.put()
        assert await work.report("r-1") is ReportState.OPEN
        assert await work.waiting() == []
        await work.put(text="Hello again")
        assert await work.waiting() == []
        done = await work.desk.set_aside("default", "r-1", "ann")
        assert done is not None
        await work.desk.undo_set_aside("default", done[0], "ann")
        assert await work.waiting() == []
        review = await work.done("ann", ReviewAction.APPROVE, revision=2)
        await work.desk.undo("default", review.review.number, "ann")
        assert await work.waiting() == []

    at_work(address, act)


def test_a_good_reporters_report_is_on_top(address: str) -> None:
    """After ten that reviewers agreed with; two hundred strangers' reports of one comment stay below what is held."""

    async def act(work: Work) -> None:
        for number in range(10):
            await work.put(f"old-{number}")
            await work.report("good", name=f"old-{number}")
            await work.done("ann", ReviewAction.LABEL, name=f"old-{number}", labels={"spoiler": 1})
        await work.put("held", Action.HOLD, scores={"profanity": 0.95, "spoiler": 0.02})
        await work.put("innocent", scores={"profanity": 0.01, "spoiler": 0.02})
        await asyncio.gather(*(work.report(f"fresh-{n}", name="innocent") for n in range(200)))
        await work.put("spoilt", scores={"profanity": 0.01, "spoiler": 0.02})
        await work.report("good", name="spoilt")
        assert [name for name, _ in await work.waiting()] == ["spoilt", "held", "innocent"]

    at_work(address, act)


@pytest.mark.parametrize("order", Order)
def test_paging_through_the_queue(address: str, order: Order) -> None:
    """Every entry once, in order, however it is cut; filters leave out the others."""

    async def act(work: Work) -> None:
        for number in range(7):
            await work.put(f"h-{number}", Action.HOLD, reasons=(Reason("profanity", 0.5, 0.4, "x"),))
            await work.put(f"l-{number}", Action.LABEL)
        everything = [name for name, _ in await work.waiting(order=order)]
        assert len(everything) == 14
        found, after = [], None
        while True:
            page, _ = await work.desk.queue("default", Filters(), order, after, 3)
            if not page:
                break
            found += [one.comment_id for one in page]
            after = place_of(page[-1], order)
        assert found == everything
        held = await work.waiting(Filters(cause=Cause.HOLD, action=Action.HOLD, head="profanity", max_score=0.6))
        assert {name for name, _ in held} == {f"h-{number}" for number in range(7)}
        assert await work.waiting(Filters(min_score=0.99)) == []
        assert await work.waiting(Filters(max_age=timedelta(0))) == []
        assert len(await work.waiting(Filters(min_age=timedelta(0)))) == 14
        assert await work.desk.queue("elsewhere", Filters(), order, None, 9) == ([], 0)

    at_work(address, act)


def test_openings_of_articles(address: str) -> None:
    """So many characters of the body, whatever they are in bytes; one without a body has none."""

    async def act(work: Work) -> None:
        body = "Ä🛳é" * 1_000
        for name, text in (("long", body), ("short", "Ä"), ("none", None)):
            await work.store.save_article(RegisteredArticle("default", name, "Ferries", text))
        keys = [("default", name) for name in ("long", "short", "none", "unknown")]
        found = await work.desk.openings(keys, 501)
        assert {name: one.body for (_, name), one in found.items()} == {"long": body[:501], "short": "Ä", "none": None}
        assert {one.title for one in found.values()} == {"Ferries"}

    at_work(address, act)


def test_counting_ends(address: str) -> None:
    """Beyond a thousand it is only known that there are more."""

    async def act(work: Work) -> None:
        scored = replace(assessment(), decision=Decision(Action.HOLD, REASONS[Action.HOLD], "default@1"))
        ones = [revised(None, sent(f"c-{n}"), scored, "salt", NOW) for n in range(COUNTED + 5)]
        assert all(await asyncio.gather(*(work.store.save_comment(one, "salt") for one in ones)))
        _, count = await work.desk.queue("default", Filters(), Order.PRIORITY, None, 1)
        assert count == COUNTED + 1

    at_work(address, act)


def test_appeals(address: str) -> None:
    """One for each text that is not simply shown."""

    async def act(work: Work) -> None:
        await work.put()
        assert await work.desk.appeal(AddAppeal(*KEY, None, work.tick())) is Appealed.NOTHING_TO_APPEAL
        await work.done("ann", ReviewAction.REJECT)
        assert await work.desk.appeal(AddAppeal(*KEY, "But why", work.tick())) is Appealed.NEW
        assert await work.desk.appeal(AddAppeal(*KEY, "Again", work.tick())) is Appealed.KNOWN
        assert await work.waiting() == [("c-1", Cause.APPEAL)]
        done = await work.done("bob", ReviewAction.APPROVE)
        assert (done.state, await work.waiting()) == (State.ALLOWED, [])
        await work.desk.undo("default", done.review.number, "bob")
        assert await work.waiting() == [("c-1", Cause.APPEAL)]

    at_work(address, act)


def test_an_appeal_against_a_person(address: str) -> None:
    """Is another one than that against the machine, which it answered; there is no third."""

    async def act(work: Work) -> None:
        await work.put(action=Action.HOLD)
        outcomes = []
        for who in ("ann", "bob"):
            outcomes += [await work.desk.appeal(AddAppeal(*KEY, f"To {who}", work.tick())) for _ in range(2)]
            assert await work.waiting() == [("c-1", Cause.APPEAL)]
            await work.done(who, ReviewAction.REJECT)
            assert await work.waiting() == []
        assert outcomes == [Appealed.NEW, Appealed.KNOWN] * 2
        assert await work.desk.appeal(AddAppeal(*KEY, "Again", work.tick())) is Appealed.ANSWERED
        _, appeals = await work.desk.heard(KEY)
        assert [(one.note, one.review) for one in appeals] == [("To ann", 1), ("To bob", 2)]
        await work.put(text="Hello again", action=Action.HOLD)
        assert await work.desk.appeal(AddAppeal(*KEY, None, work.tick())) is Appealed.NEW

    at_work(address, act)


def test_reports_of_what_was_erased(address: str) -> None:
    """Are not open any more, set aside or not; what was answered before still counts."""

    async def act(work: Work) -> None:
        for name in ("c-1", "c-2"):
            await work.put(name)
            await work.report("r-1", name=name)
        await work.report("r-2")
        done = await work.desk.set_aside("default", "r-2", "ann")
        assert done is not None
        await work.done("ann", ReviewAction.LABEL, name="c-2")
        for name in ("c-1", "c-2"):
            assert await work.store.erase_comment(("default", name))
        assert await work.desk.undo_set_aside("default", done[0], "ann") == 0
        found = await work.desk.reporters("default", None, 9)
        assert [(one.reports, one.open, one.agreed) for one in found] == [(2, 0, 1), (1, 0, 0)]
        history = await work.desk.history(KEY)
        assert history is not None
        assert {one.state for one in history.reports} == {ReportState.ERASED}
        assert await work.desk.open_reports_of("default", "r-1", 9) == []

    at_work(address, act)
