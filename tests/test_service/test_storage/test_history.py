"""What the store tells about the past: the audit, restrictions, labels, and what the machine decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from service.domain import Action, PolicyVersion, RegisteredArticle
from service.labels import Labels, file_of
from service.review_domain import ReviewAction
from service.statements import STATEMENT_FIELDS, statement_of
from service.storage.accounts import MakeLink
from service.storage.audit_reading import AuditFilters
from service.storage.exports import forget
from service.storage.history_store import HistoryStore
from service.storage.sessions import NoteFailures
from service.storage.store import Store
from service.storage.undoing import UndoReview
from tests.test_service.reviewed import MINUTE, put, review, sampling
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW

Acted = Callable[[Store], Awaitable[Any]]


async def filled(store: Store) -> None:
    """Two held comments, one rejected and one approved; one drawn; a policy; on another site one more."""
    await put(store, "h-1")
    await put(store, "h-2")
    await put(store, "s-1", Action.ALLOW, score=0.2, sampled=True)
    await put(store, "b-1", site="blog")
    await review(store, "h-1", ReviewAction.REJECT, {"profanity": 1}, by="reviewer:ann")
    await review(store, "h-2", ReviewAction.APPROVE, {"profanity": 0}, by="reviewer:bob", at=NOW + 2 * MINUTE)
    assert await store.save_policy(PolicyVersion("default", 2, {"of": 2}, NOW + 3 * MINUTE), "reviewer:ada")


def test_the_audit_newest_first(address: str) -> None:
    """Of one site, filtered by each field, a page at a time; a policy's maker is in it."""

    async def act(store: Store) -> None:
        await filled(store)
        history = HistoryStore(store)

        async def told(limit: int = 9, before: int | None = None, **filters: Any) -> list[tuple[str, str, str]]:
            rows = await history.audit("default", AuditFilters(**filters), before, limit)
            return [(row.entry.actor, row.entry.action, row.entry.comment_id) for row in rows]

        everything = [
            ("reviewer:ada", "put_policy", ""), ("reviewer:bob", "review", "h-2"), ("reviewer:ann", "review", "h-1"),
        ]  # fmt: skip
        assert await told() == everything
        assert await told(actor="reviewer:bob") == everything[1:2]
        assert await told(action="review") == everything[1:]
        assert await told(comment_id="h-1") == everything[2:]
        assert await told(since=NOW + 2 * MINUTE) == everything[:2]
        assert await told(until=NOW + 2 * MINUTE) == everything[2:]
        first = await history.audit("default", AuditFilters(), None, 1)
        assert await told(before=first[0].number) == everything[1:]
        assert first[0].entry.detail == {"from": 1, "to": 2}
        assert await history.audit("news", AuditFilters(), None, 9) == []
        # What is about no one site stands among the rest for whoever may see it, also from page to page.
        assert await store.changed(MakeLink("digest", None, NOW + 4 * MINUTE, NOW + 5 * MINUTE, "command"))
        assert await store.changed(NoteFailures(None, 1, 0, NOW + 6 * MINUTE))
        assert await told() == everything
        everything = [("nobody", "sign_in_failed", ""), ("command", "make_link", ""), *everything]
        assert await told(general_too=True) == everything
        rows = await history.audit("default", AuditFilters(general_too=True), None, 3)
        assert [row.entry.action for row in rows] == ["sign_in_failed", "make_link", "put_policy"]
        assert await told(general_too=True, before=rows[-1].number) == everything[3:]
        assert await told(general_too=True, action="make_link") == everything[1:2]
        assert await store.findings() == []

    with_store(address, act)


def test_restrictions_of_machine_and_people(address: str) -> None:
    """Every decision that labels, holds or rejects is stated, with who made it; nothing of a text or an author."""

    async def act(store: Store) -> None:
        await filled(store)
        history = HistoryStore(store)
        found = await history.restrictions("default", None, None, None, 9)
        assert [(one.decision.action, one.review is None) for one in found] == [
            (Action.HOLD, True), (Action.HOLD, True), (Action.REJECT, False),
        ]  # fmt: skip
        assert await history.restrictions("default", None, None, found[0].place, 1) == found[1:2]
        assert await history.restrictions("default", NOW + MINUTE, None, None, 9) == found[2:]
        assert await history.restrictions("default", None, NOW + MINUTE, None, 9) == found[:2]
        stated = [statement_of(one) for one in found]
        assert all(tuple(one) == STATEMENT_FIELDS for one in stated)
        assert len({one["puid"] for one in stated}) == len(stated)
        assert [one["automated_decision"] for one in stated] == [
            "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY",
        ]  # fmt: skip
        assert not any(word in str(stated) for word in ("ferry", "u-7", "Ann", "h-1", "reviewer"))

    with_store(address, act)


async def labels_of(store: Store, site: str = "default", **since: Any) -> list[Any]:
    return [row async for rows in Labels(HistoryStore(store)).rows(site, **since) for row in rows]


def test_labels_with_their_context(address: str) -> None:
    """A line for each review that stands and answers a question: the text it was about, article, parent, provenance."""

    async def act(store: Store) -> None:
        await store.save_article(
            RegisteredArticle("default", "a-1", "The pier", "It burnt.", kind="news", work="Piers")
        )
        await put(store, "p", Action.ALLOW, text="Who lit it?", article_id="a-1")
        await put(store, "c", article_id="a-1", parent_id="p", text="A dull bl00dy ferry")
        await put(store, "d", Action.ALLOW, sampled=True, policy=await sampling(store, 0.05))
        await put(store, "e")
        await put(store, "f")
        await review(store, "c", ReviewAction.REJECT, {"profanity": 1, "spoiler": 0}, second=True)
        await review(store, "c", ReviewAction.LABEL, {"profanity": 0}, by="reviewer:bob", at=NOW + 2 * MINUTE)
        await review(store, "d", labels={"profanity": 0}, at=NOW + 3 * MINUTE)
        await review(store, "e")
        undone = await review(store, "f", labels={"profanity": 0})
        await store.change(UndoReview("default", undone.review.number, "reviewer:ann", NOW + MINUTE))
        first, second, third = await labels_of(store)
        assert first["text"] == "A dull bl00dy ferry"
        assert first["labels"] == {"profanity": 1, "off_topic": None, "spoiler": 0}
        assert first["context"] == {
            "article": {"id": "default:a-1", "title": "The pier", "body": "It burnt."},
            "parent": "Who lit it?", "work": "Piers", "kind": "news",
        }  # fmt: skip
        chosen = [
            (one["provenance"]["selected_by"], one["provenance"]["sampling_weight"]) for one in (first, second, third)
        ]
        assert chosen == [("policy", 1.0), ("audit", 1.0), ("sample", 20.0)]
        names = [one["provenance"]["by"] for one in (first, second, third)]
        assert names[0] == names[2] != names[1]
        assert "ann" not in str((first, second, third))
        assert first["provenance"]["shown_score"] == 0.9
        assert [one["id"] for one in await labels_of(store, since=NOW + 3 * MINUTE)] == [third["id"]]
        assert await labels_of(store, "blog") == []
        await store.erase_comment(("default", "c"))
        assert [one["text"] for one in await labels_of(store)] == [third["text"]]

    with_store(address, act)


def test_what_is_erased_leaves_exports_too(address: str, tmp_path: Path) -> None:
    """From our folder, as a comment of its own and as what another one answers; other lines stay as they are."""
    folder = tmp_path / "labels"
    file = file_of(folder, "default")

    async def act(_: Store) -> None:
        store = Store(address, labels=folder)
        await store.start(or_raise=True)
        await put(store, "p", text="Who lit the pier?")
        await put(store, "c", parent_id="p", text="The watchman's cousin")
        await put(store, "d", text="Nobody of ours")
        for name in "pcd":
            await review(store, name, labels={"profanity": 0})
        folder.mkdir()
        lines = [f"{encoded}\n" for encoded in map(encode, await labels_of(store))]
        file.write_text("not of ours\n" + "".join(lines))
        assert await store.erase_comment(("default", "p"))
        left = file.read_text()
        assert left.splitlines()[0] == "not of ours"
        assert left.splitlines()[2] == lines[2].strip()
        assert "Who lit" not in left
        assert "watchman" in left
        await store.erase_comment(("default", "c"))
        assert file.read_text() == "not of ours\n" + lines[2]
        assert [path.name for path in folder.iterdir()] == [file.name]
        assert file.stat().st_mode & 0o077 == 0
        forget(tmp_path / "nowhere", [("default", "d")])
        await store.close()

    with_store(address, act)


def encode(row: Any) -> str:
    import json

    return json.dumps(row, ensure_ascii=False)


def test_what_the_machine_decided(address: str) -> None:
    """Each comment's newest text once, the newest first, as the machine decided it, with the review that stands."""

    async def act(store: Store) -> None:
        await filled(store)
        await put(store, "new", at=NOW + timedelta(hours=1))
        await put(store, "gone")
        await store.erase_comment(("default", "gone"))
        history = HistoryStore(store)
        found = await history.past("default", None, None, 9, texts=True)
        assert [one.comment_id for one in found] == ["new", "s-1", "h-2", "h-1"]
        assert [one.decision.action for one in found] == [Action.HOLD, Action.ALLOW, Action.HOLD, Action.HOLD]
        judged = [one.judged and one.judged[0] for one in found]
        assert judged == [None, None, ReviewAction.APPROVE, ReviewAction.REJECT]
        assert found[0].text == "The ferry new was late again"
        assert found[0].scores.heads["profanity"].score == 0.9
        assert await history.past("default", None, found[1].place, 9, texts=True) == found[2:]
        assert [one.comment_id for one in await history.past("default", NOW + MINUTE, None, 9, texts=False)] == ["new"]
        assert (await history.past("default", None, None, 1, texts=False))[0].text is None

    with_store(address, act)
