"""Comments that were stored, decided about and reviewed, for tests of what is told about them afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from models.scores import CommentScores, HeadScore
from service.domain import Action, Assessment, Author, Decision, Ground, PolicyVersion, Reason, SentComment, SiteReason
from service.policy import DEFAULT, content_of
from service.review_domain import Opinion, ReviewAction
from service.revisions import new_salt, revised
from service.storage.deciding import Reviewed, SaveReview
from service.storage.ruling import Refusal
from service.storage.store import Store
from tests.test_service.test_storage.written import NOW

MINUTE = timedelta(minutes=1)


async def put(
    store: Store,
    name: str,
    action: Action = Action.HOLD,
    *,
    score: float = 0.9,
    head: str = "profanity",
    sampled: bool = False,
    policy: str = "default@1",
    text: str | None = None,
    at: datetime = NOW,
    site: str = "default",
    article_id: str | None = None,
    parent_id: str | None = None,
) -> None:
    """A comment by that author-of-many, scored on one head and 0.1 on the others."""
    scores = {one: HeadScore(0.1) for one in ("profanity", "off_topic", "spoiler")}
    scores[head] = HeadScore(score)
    reasons: tuple[Reason | SiteReason, ...] = () if action is Action.ALLOW else (Reason(head, score, 0.5, "explicit"),)
    if sampled:
        reasons = (*reasons, SiteReason(Ground.SAMPLE))
    decision = Decision(action, reasons, policy)
    assessment = Assessment(CommentScores(scores, "en", 0.9), {}, decision, "2026.11.1")
    words = text or f"The ferry {name} was late again"
    sent = SentComment(site, name, words, article_id, parent_id, Author("u-7", "Ann Onymous"), created_at=at)
    salt = new_salt()
    assert await store.save_comment(revised(None, sent, assessment, salt, at), salt)


async def sampling(store: Store, rate: float, version: int = 2) -> str:
    """What decisions by a policy are called that draws that share of the comments; it is stored as the newest."""
    content = content_of(replace(DEFAULT, sample_rate=rate))
    assert await store.save_policy(PolicyVersion("default", version, content, NOW), "key:x")
    return f"default@{version}"


async def review(
    store: Store,
    name: str,
    action: ReviewAction = ReviewAction.APPROVE,
    labels: Mapping[str, int] | None = None,
    *,
    by: str = "reviewer:ann",
    at: datetime = NOW + MINUTE,
    site: str = "default",
    second: bool = False,
) -> Reviewed:
    """Somebody's opinion about the comment's first text, taken in."""
    opinion = Opinion(site, name, 1, by, action, labels or {}, "no note")
    outcome = await store.change(SaveReview(opinion, at, wants_second=second))
    assert not isinstance(outcome, Refusal), outcome
    assert isinstance(outcome, Reviewed)
    return outcome
