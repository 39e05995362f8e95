"""Who is in doubt waits for the second tier, and nobody else does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import partial

import pytest

from models.comment import Comment
from models.scores import CommentScores, HeadScore
from service.domain import Question, Scored
from service.errors import NotReady, Overloaded
from service.scoring.batcher import Batcher
from service.scoring.second_look import SecondLook
from service.telemetry import Metrics


class Held:
    """Answers of a first tier whose doubts wait until they are let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.started = threading.Event()
        self.looked: list[str] = []

    def run(self, questions: Sequence[Question]) -> list[Scored]:
        plain = CommentScores({"spoiler": HeadScore(0.5)})
        texts = [one.comment.text for one in questions]
        return [Scored(plain, "b", {}, partial(self._look, text) if "?" in text else None) for text in texts]

    def _look(self, text: str) -> CommentScores:
        self.started.set()
        assert self.go.wait(30)
        self.looked.append(text)
        if "fail" in text:
            raise ValueError(text)
        return CommentScores({"spoiler": HeadScore(0.9, second_tier=True)})


def second_look(held: Held, most: int) -> SecondLook:
    batcher: Batcher[Question, Scored] = Batcher(held.run, weigh=lambda one, last: 1)
    return SecondLook(batcher, Metrics(), max_waiting=most)


def question(text: str) -> Question:
    return Question(Comment(text))


def test_nobody_waits_for_others_doubts() -> None:
    """While one look lasts, others are answered, further doubts queue, and beyond the bound they are refused."""

    async def run() -> None:
        held = Held()
        scorer = second_look(held, 2)
        waiting = [asyncio.ensure_future(scorer.submit(question(f"doubt {i}?"))) for i in range(2)]
        assert await asyncio.to_thread(held.started.wait, 30)
        assert (await scorer.submit(question("plain"))).scores.heads["spoiler"].score == 0.5
        with pytest.raises(Overloaded):
            await scorer.submit(question("one more?"))
        scorer.refuse_if_full()
        assert not any(one.done() for one in waiting)
        held.go.set()
        assert [(await one).scores.heads["spoiler"].score for one in waiting] == [0.9, 0.9]
        assert (await scorer.submit(question("again?"))).scores.heads["spoiler"].second_tier
        scorer.close()

    asyncio.run(run())


def test_a_batch_takes_one_place_in_the_queue() -> None:
    """However many of it are in doubt, others get between; one that fails fails alone."""

    async def run() -> None:
        held = Held()
        scorer = second_look(held, 2)
        asked = ["a?", "plain", "fail?", "b?"]
        batch = asyncio.ensure_future(scorer.submit_all(question(text) for text in asked))
        assert await asyncio.to_thread(held.started.wait, 30)
        between = asyncio.ensure_future(scorer.submit(question("between?")))
        await asyncio.sleep(0.01)
        held.go.set()
        results = await batch
        assert held.looked == ["a?", "between?", "fail?", "b?"]
        assert isinstance(results[2], ValueError)
        told = [one.scores.heads["spoiler"].score for one in results if isinstance(one, Scored)]
        assert told == [0.9, 0.5, 0.9]
        assert (await between).look_again is None
        scorer.close()

    asyncio.run(run())


def test_who_gives_up_is_not_looked_at() -> None:
    """A caller that is cancelled while it waits costs nobody anything; its place is free."""

    async def run() -> None:
        held = Held()
        scorer = second_look(held, 2)
        first = asyncio.ensure_future(scorer.submit(question("first?")))
        gone = asyncio.ensure_future(scorer.submit(question("gone?")))
        assert await asyncio.to_thread(held.started.wait, 30)
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0)
        last = asyncio.ensure_future(scorer.submit(question("last?")))
        await asyncio.sleep(0.01)
        held.go.set()
        await asyncio.gather(first, last)
        assert held.looked == ["first?", "last?"]
        scorer.close()
        with pytest.raises(NotReady):
            await scorer.submit(question("closed?"))

    asyncio.run(run())
