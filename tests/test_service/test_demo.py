"""The demo: what its files promise, and that a store filled with it shows a living queue."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from models.heads import HEAD_NAMES
from service.app import build
from service.demo.content import FOLDER, Content, article_of, author_id, comments_of, read_content
from service.desk import Waiting
from service.domain import DEFAULT_SITE, State, StoredComment
from service.reports import evidence
from service.review_domain import REPORT_REASONS, Cause, Review, ReviewAction, Role
from service.settings import Settings
from service.storage.listing import Filters, Order
from service.storage.review_store import History
from service.storage.schema import NEWEST
from tests.test_service.conftest import ROOT, environment

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def content() -> Content:
    """As it ships."""
    return read_content()


@dataclass(frozen=True)
class Filled:
    """A store after the demo, and what the command printed."""

    store: str
    printed: str
    queue: list[Waiting]
    histories: dict[str, History]

    @property
    def reviews(self) -> list[Review]:
        return [review for history in self.histories.values() for review in history.reviews]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, content: Content) -> Filled:
    """``python -m service demo`` in a fresh store, once for all of these tests."""
    store = str(tmp_path_factory.mktemp("demo") / "demo.db")
    ran = run("demo", store)
    assert (ran.returncode, ran.stderr) == (0, "")
    queue, histories = asyncio.run(read(store, content))
    return Filled(store, ran.stdout, queue, histories)


def run(command: str, store: str) -> subprocess.CompletedProcess[str]:
    """``python -m service COMMAND`` on that store."""
    line = [sys.executable, "-W", "error", "-m", "service", command]
    return subprocess.run(line, cwd=ROOT, env=environment(store=store), capture_output=True, text=True, check=False)


async def read(store: str, content: Content) -> tuple[list[Waiting], dict[str, History]]:
    """What waits, in order, and everything about every comment."""
    parts = build(Settings(store=store))
    await parts.store.start(or_raise=True)
    try:
        queue, _ = await parts.desk.queue(DEFAULT_SITE, Filters(), Order.PRIORITY, None, 1_000)
        found = {one: await parts.reviews.history((DEFAULT_SITE, one)) for one in content.comments}
        return queue, {one: history for one, history in found.items() if history is not None}
    finally:
        await parts.store.close()


def test_there_is_enough_to_read(content: Content) -> None:
    """Some ten articles of several kinds with real paragraphs, and some 300 comments, none without its article."""
    assert len(content.articles) >= 10
    assert len(content.comments) >= 300
    assert {"news", "tv", "film", "book", "game", "opinion", "recipe"} <= {
        one.kind for one in content.articles.values()
    }
    for article in content.articles.values():
        assert 3 <= len(article.body.strip().split("\n\n")) <= 6
        assert len(article.comments) >= 10
        assert len({one.id for one in article.comments}) == len(article.comments)


def test_threads_hang_together(content: Content) -> None:
    """Whatever is answered stands above the answer, under the same article."""
    for article in content.articles.values():
        above: set[int | None] = {None}
        for one in article.comments:
            assert one.answers in above
            above.add(one.id)


def test_everything_refers_to_something(content: Content) -> None:
    """Reports and the work at the desk are about comments that there are, by words that there are."""
    desk, known = content.desk, content.comments
    named = {one.comment for one in content.reports} | {one.comment for one in desk.golden}
    named |= {one.comment for one in (*desk.opinions, *desk.slips)}
    named |= {one.comment for one in desk.edits} | {one.comment for one in desk.appeals}
    assert not named - known.keys()
    assert {report.reason for report in content.reports} <= set(REPORT_REASONS)
    marks = [*(one.marks for one in known.values()), *(one.labels for one in [*desk.opinions, *desk.slips])]
    assert {mark for some in marks for mark in some} == set(HEAD_NAMES)
    for said in (desk.opinions, desk.slips):
        assert len({(one.by, one.comment) for one in said}) == len(said)
        assert {one.by for one in said} <= {one.by for one in desk.sittings}


def test_nothing_is_still_to_come(content: Content) -> None:
    """Two weeks up to now: neither comments nor what follows them lie ahead."""
    came = {
        sent.id: sent.created_at or NOW
        for name, article in content.articles.items()
        for sent in comments_of(name, article, NOW)
    }
    later = [(one.comment, one.hours) for one in content.reports]
    later += [(one.comment, one.hours) for one in content.desk.edits]
    later += [(one.comment, one.hours) for one in content.desk.appeals]
    assert max(came[comment] + timedelta(hours=hours) for comment, hours in later) < NOW
    assert NOW - timedelta(hours=12) < max(came.values()) < NOW
    assert min(came.values()) > NOW - timedelta(days=14)
    assert all(article_of(name, one, NOW).published_at for name, one in content.articles.items())


def test_there_is_something_of_everything(content: Content) -> None:
    """Other languages, hidden characters, one word, a very long one, and most of them nothing out of the ordinary."""
    written = list(content.comments.values())
    assert {"de", "pt"} <= {one.lang for one in written}
    assert sum(any(unicodedata.category(sign) == "Cf" for sign in one.text) for one in written) >= 4
    assert min(len(one.text.split()) for one in written) == 1
    assert max(len(one.text) for one in written) > 2_500
    assert sum(not one.marks for one in written) > 0.7 * len(written)


def test_the_files_are_readable() -> None:
    """None is longer than a file of ours should be."""
    files = list(FOLDER.rglob("*.toml"))
    assert files
    assert max(len(file.read_text(encoding="utf-8").splitlines()) for file in files) < 300


def test_it_says_what_it_made(filled: Filled, content: Content) -> None:
    """Three lines, with the counts that are in the store, and one that says how to sign in to just this store."""
    lines = filled.printed.splitlines()
    assert len(lines) == 4
    assert f"VERGER_STORE={filled.store} " in lines[3]
    assert lines[3].endswith(" -m service reviewers add NAME --role admin")
    assert f"{len(content.articles)} articles with {len(content.comments)} comments" in lines[0]
    assert f"{len(content.reports)} reports" in lines[1]
    assert f"{len(filled.reviews)} reviews" in lines[1]
    assert lines[2].startswith(f"{len(filled.queue)} comments wait")


def test_everything_is_as_it_was_stored(filled: Filled) -> None:
    """``check`` finds nothing wrong."""
    assert run("check", filled.store).stdout == f"the store has schema {NEWEST}\neverything is as it was stored\n"


def test_a_store_in_use_is_left_alone(filled: Filled) -> None:
    """Run again it refuses, and says why."""
    again = run("demo", filled.store)
    assert (again.returncode, again.stdout) == (2, "")
    assert "has comments already" in again.stderr


def test_the_queue_lives(filled: Filled) -> None:
    """Dozens wait, for most of the reasons there are, some since minutes and some since days."""
    causes = {one.entry.placement.cause for one in filled.queue}
    assert len(filled.queue) >= 25
    assert {Cause.HOLD, Cause.REPORT, Cause.SAMPLE, Cause.SECOND, Cause.APPEAL, Cause.ESCALATION} <= causes
    waited = sorted(datetime.now(UTC) - one.entry.entered_at for one in filled.queue)
    assert waited[0] < timedelta(hours=12)
    assert waited[-1] > timedelta(days=1)


def test_a_good_reporter_is_heard(filled: Filled) -> None:
    """One report by somebody who was right before stands near the top, whatever the model thinks of the comment."""
    [place] = [at for at, one in enumerate(filled.queue) if one.entry.comment_id == "finale-27"]
    assert place < 5
    assert filled.queue[place].entry.placement.score is not None


def test_a_crowd_hides_nothing(filled: Filled) -> None:
    """The news that 40 fresh accounts call a spoiler stays to be read, and waits below the one good report."""
    [place] = [at for at, one in enumerate(filled.queue) if one.entry.comment_id == "ferry-9"]
    entry = filled.queue[place].entry
    assert (entry.placement.reports, entry.placement.cause) == (40, Cause.REPORT)
    assert filled.histories["ferry-9"].comment.state is State.ALLOWED
    above = [one.entry.comment_id for one in filled.queue[:place]]
    assert "finale-27" in above
    of_crowd = evidence(report.weight for report in filled.histories["ferry-9"].reports)
    (good,) = filled.histories["finale-27"].reports
    assert of_crowd < good.weight / 2


def test_people_have_been_at_work(filled: Filled) -> None:
    """Several reviewers over many days, second opinions and golden comments, escalations, and slips taken back."""
    reviews = filled.reviews
    assert len({one.opinion.reviewer for one in reviews}) == 3
    assert len({one.reviewed_at.date() for one in reviews}) >= 8
    checking = [one for one in reviews if one.role is Role.CHECKING]
    assert any(one.cause is Cause.SECOND for one in checking)
    assert any(one.cause is None for one in checking)
    assert any(one.undone_at is not None for one in reviews)
    assert any(one.opinion.action is ReviewAction.ESCALATE for one in reviews)
    assert any(one.cause is Cause.APPEAL for one in reviews)


def test_comments_have_a_past(filled: Filled, content: Content) -> None:
    """Every comment is there, stored when it was written; edits are revisions, reports have answers."""
    comments: list[StoredComment] = [one.comment for one in filled.histories.values()]
    assert len(comments) == len(content.comments)
    assert all(one.received_at - (one.created_at or NOW) < timedelta(hours=1) for one in comments)
    edited = {one.id for one in comments if one.revision > 1}
    assert edited == {edit.comment for edit in content.desk.edits}
    states = {report.state.value for one in filled.histories.values() for report in one.reports}
    assert {"open", "upheld", "dismissed"} <= states


def test_authors_are_known_by_plain_ids() -> None:
    """Names make ids."""
    assert [author_id(name) for name in ("Cllr Jean Potts", "Gladys (81)")] == ["cllr-jean-potts", "gladys-81"]
