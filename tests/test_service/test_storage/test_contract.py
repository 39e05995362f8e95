"""What a store promises, whichever kind it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models.scores import HeadScore, Severity
from service.domain import ARTICLE_UNKNOWN, Author, RegisteredArticle, SentComment, State, StoredComment
from service.revisions import new_salt, revised
from service.storage.review_store import ReviewStore
from service.storage.store import Store
from tests.test_service.test_storage.conftest import with_store
from tests.test_service.test_storage.written import NOW, TEXT, assessment, save, sent

ARTICLE = RegisteredArticle(
    "default", "a-1", "Ferry", "It is late.\n\n🚢 Again.", "https://x.example/ä", "news", "w", "local", NOW
)


def test_articles(address: str) -> None:
    """Registered, replaced as a whole, told apart by site, deleted once."""

    async def act(store: Store) -> None:
        key = ("default", "a-1")
        assert await store.articles([key]) == {}
        assert await store.save_article(ARTICLE)
        assert await store.articles([key, ("default", "a-2"), ("other", "a-1")]) == {key: ARTICLE}
        plain = RegisteredArticle("default", "a-1", "Ferry")
        assert not await store.save_article(plain)
        assert await store.articles([key]) == {key: plain}
        assert await store.save_article(replace(ARTICLE, site="other"))
        assert list(await asyncio.gather(store.drop_article(key), store.drop_article(key))) == [True, False]
        assert list(await store.articles([key, ("other", "a-1")])) == [("other", "a-1")]

    with_store(address, act)


def test_articles_of_one_group(address: str) -> None:
    """Handed in at once under one id, the last one stays and the first one was new."""

    async def act(store: Store) -> None:
        several = [replace(ARTICLE, title=f"Ferry {number}") for number in range(5)]
        assert await asyncio.gather(*map(store.save_article, several)) == [True, False, False, False, False]
        (kept,) = (await store.articles([("default", "a-1")])).values()
        assert kept.title == "Ferry 4"

    with_store(address, act)


@pytest.mark.parametrize(
    "one",
    [
        sent(),
        sent(author=None, lang=None, created_at=None),
        sent(author=Author("u")),
        sent(name="9" * 20, article_id="a/1 %\u202e", parent_id="🙂", revised_at=NOW),
        sent(text="🦀é\u0301\u200b\r\n\ufffd" * 2_000),
        sent(created_at=datetime.min.replace(tzinfo=UTC), revised_at=datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_comment_comes_back_as_it_was(address: str, one: SentComment) -> None:
    """To the last bit and microsecond, after the store was closed and opened again."""

    async def store_it(store: Store) -> StoredComment:
        comment, stored = await save(store, one)
        assert stored
        return comment

    async def read_it(store: Store) -> StoredComment | None:
        return await store.comment(("default", one.id))

    assert with_store(address, store_it) == with_store(address, read_it)


def test_withheld_heads_come_back(address: str) -> None:
    """A head that was not asked is kept with its reason."""
    scored = assessment()
    heads = {"profanity": HeadScore(0.5)}
    partly = replace(scored, scores=scored.scores._replace(heads=heads), withheld={"off_topic": ARTICLE_UNKNOWN})
    comment = revised(None, sent(), partly, "salt", NOW)

    async def act(store: Store) -> None:
        assert await store.save_comment(comment, "salt")
        assert await store.comment(("default", "c-1")) == comment

    with_store(address, act)


def test_revisions(address: str) -> None:
    """The next revision goes in, any other does not; every one is kept."""

    async def act(store: Store) -> None:
        first, _ = await save(store, sent())
        assert not (await save(store, sent(text="Other")))[1]
        second, stored = await save(store, sent(text="Better put", revised_at=NOW), first)
        assert stored
        assert not (await save(store, sent(text="Too late"), first))[1]
        history = await ReviewStore(store).history(("default", "c-1"))
        assert history is not None
        assert history.comment == second
        assert [one.revision for one in history.past] == [1, 2]
        assert [one.text_hash for one in history.past] == [first.text_hash, second.text_hash]
        assert [one.text for one in history.past] == [first.text, second.text]
        assert [one.assessment for one in history.past] == [first.assessment, second.assessment]
        assert await store.findings() == []

    with_store(address, act)


def test_one_of_many_at_once(address: str) -> None:
    """Fifty callers with one id: one of them was first, and its text is the one that is kept."""

    async def act(store: Store) -> None:
        tried = await asyncio.gather(*(save(store, sent(text=f"Take {number}")) for number in range(50)))
        (winner,) = [comment for comment, stored in tried if stored]
        assert await store.comment(("default", "c-1")) == winner

    with_store(address, act)


def test_two_replicas_at_once(address: str) -> None:
    """Two stores on one database, each with its own writer: every id is stored once, and nothing fails."""

    async def act(store: Store) -> None:
        other = Store(address)
        await other.start(or_raise=True)
        try:
            sending = [
                save(one, sent(name=f"c-{number}", text=f"Take {take}"))
                for number in range(60)
                for take, one in enumerate((store, other))
            ]
            tried = await asyncio.gather(*sending)
            both = [replace(ARTICLE, id=f"a-{number // 2}") for number in range(60)]
            registering = [(store, other)[number % 2].save_article(one) for number, one in enumerate(both)]
            are_new = await asyncio.gather(*registering)
        finally:
            await other.close()
        assert [are_new[place] + are_new[place + 1] for place in range(0, 60, 2)] == [1] * 30
        assert sorted(comment.id for comment, stored in tried if stored) == sorted(f"c-{n}" for n in range(60))
        assert await store.findings() == []

    with_store(address, act)


def test_one_bad_change_fails_alone(address: str) -> None:
    """A change that the database refuses takes none of its group with it."""

    async def act(store: Store) -> None:
        bad = revised(None, sent(name="bad"), assessment(bundle=None), new_salt(), NOW)  # type: ignore[arg-type]

        async def refused() -> bool:
            with pytest.raises(IntegrityError):
                await store.save_comment(bad, "salt")
            return True

        async def accepted(number: int) -> bool:
            return (await save(store, sent(name=f"c-{number}")))[1]

        assert all(await asyncio.gather(*map(accepted, range(10)), refused(), *map(accepted, range(10, 20))))
        assert await store.comment(("default", "bad")) is None

    with_store(address, act)


async def everything(store: Store) -> str:
    """All that the store holds, as text."""
    async with store.reading() as connection:
        tables = (
            *("articles", "comments", "revisions", "scores", "decisions", "audit", "policies", "outbox"),
            *("keys", "accounts", "links", "sessions"),
        )
        rows = [(await connection.execute(text(f"SELECT * FROM {table}"))).all() for table in tables]
    return repr(rows)


def test_erasure(address: str) -> None:
    """Text, author and spans of every revision are gone; what counts is kept; the audit says so once and holds."""

    async def act(store: Store) -> None:
        first, _ = await save(store, sent())
        second, _ = await save(store, sent(text="A second thought"), first)
        await save(store, replace(sent(), site="other"))
        assert TEXT in await everything(store)
        assert await store.erase_comment(("default", "c-1"))
        assert await store.erase_comment(("default", "c-1"))
        assert not await store.erase_comment(("default", "c-2"))
        kept = await store.comment(("default", "c-1"))
        assert kept is not None
        assert (kept.state, kept.text, kept.author, kept.revision) == (State.ERASED, None, None, 2)
        assert kept.assessment.scores.heads["profanity"] == HeadScore(1 / 3, severity=Severity.MILD)
        assert kept.assessment.decision == second.assessment.decision
        assert not (await save(store, sent(text="Back again"), second))[1]
        elsewhere = await store.comment(("other", "c-1"))
        assert elsewhere is not None
        assert elsewhere.text == TEXT
        await store.erase_comment(("other", "c-1"))
        left = await everything(store)
        assert not [part for part in (TEXT, "second thought", "u-7", "Ann Onymous", "friggin") if part in left]
        assert left.count("'erase'") == 2
        assert first.text_hash in left
        assert await store.findings() == []

    with_store(address, act)


def test_retention(address: str) -> None:
    """What is older goes, of every site and however much it is; what is newer stays, an old comment's new text too."""

    async def act(store: Store) -> None:
        now = datetime.now(UTC)
        old, new = now - timedelta(days=31), now - timedelta(days=29)
        await asyncio.gather(*(save(store, sent(name=f"old-{number}"), at=old) for number in range(700)))
        await save(store, replace(sent(name="old"), site="other"), at=old)
        await save(store, sent(name="new"), at=new)
        first, _ = await save(store, sent(name="edited"), at=old)
        await save(store, sent(name="edited", text="Again"), first, at=new)
        assert await store.erase_older(timedelta(days=30)) == 701
        assert await store.erase_older(timedelta(days=30)) == 0
        kept = [await store.comment(("default", name)) for name in ("old-0", "old-699", "new", "edited")]
        assert [one and one.state for one in kept] == [State.ERASED, State.ERASED, State.HELD, State.HELD]
        assert await store.findings() == []

    with_store(address, act)


def test_erasing_much_at_once(address: str) -> None:
    """However long the list, and whatever on it was never there."""

    async def act(store: Store) -> None:
        await save(store, sent())
        await store.erase_again([("default", f"never-{number}") for number in range(6_000)] + [("default", "c-1")])
        kept = await store.comment(("default", "c-1"))
        assert kept is not None
        assert kept.state is State.ERASED

    with_store(address, act)


def test_replies(address: str) -> None:
    """Oldest first, page by page, each once, of this site only."""

    async def act(store: Store) -> None:
        times = [NOW + timedelta(microseconds=number // 2) for number in range(9)]
        for number, at in enumerate(times):
            await save(store, sent(name=f"r-{number}", parent_id="c-1"), at=at)
        await save(store, replace(sent(name="r-x", parent_id="c-1"), site="other"))
        await save(store, sent(name="r-y", parent_id="c-2"))
        names, after = [], None
        while page := await store.replies(("default", "c-1"), after, 2):
            names += [one.id for one in page]
            after = (page[-1].received_at, page[-1].id)
        assert names == [f"r-{number}" for number in range(9)]

    with_store(address, act)
