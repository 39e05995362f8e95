"""Statements about reviews as they are kept: rows that are added, never changed but for being undone or erased."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from service.domain import Action
from service.review_domain import Cause, Opinion, Review, ReviewAction, Role, SelectedBy
from service.storage.among import among
from service.storage.articles import Key
from service.storage.review_tables import reviews


async def insert_reviews(connection: AsyncConnection, made: Sequence[tuple[Review, int | None]]) -> list[Review]:
    """With their numbers; no two are about one comment. Beside each stands the decision that it replaces, if any."""
    rows = []
    for review, replaced in made:
        row = {**asdict(review), **asdict(review.opinion), "digest": _digest(review), "replaced": replaced}
        del row["opinion"], row["number"]
        rows.append(row)
    await connection.execute(insert(reviews), rows)
    # Asked for afterwards: SQLite gives numbers back in order only for one row at a time.
    of = (reviews.c.site, reviews.c.comment_id)
    newest = select(*of, func.max(reviews.c.number).label("number")).group_by(*of)
    keys = [(review.opinion.site, review.opinion.comment_id) for review, _ in made]
    numbers = {
        (row.site, row.comment_id): row.number for row in await connection.execute(newest.where(among(*of, keys)))
    }
    return [replace(review, number=numbers[key]) for (review, _), key in zip(made, keys, strict=True)]


async def read_reviews(connection: AsyncConnection, key: Key) -> list[Review]:
    """All of a comment's, undone ones too, the first one first."""
    wanted = select(reviews).where(reviews.c.site == key[0], reviews.c.comment_id == key[1])
    return [review_of(row) for row in await connection.execute(wanted.order_by(reviews.c.number))]


async def read_standing(
    connection: AsyncConnection, site: str, reviewer: str, first: int, last: int, most: int
) -> list[int]:
    """The numbers of that reviewer's reviews, from the first to the last number, in order; none where one of them was
    taken back."""
    mine = (reviews.c.site == site, reviews.c.reviewer == reviewer, reviews.c.number.between(first, last))
    wanted = select(reviews.c.number, reviews.c.undone_at).where(*mine).order_by(reviews.c.number).limit(most)
    found = (await connection.execute(wanted)).all()
    return [row.number for row in found] if all(row.undone_at is None for row in found) else []


async def changed_reviews(connection: AsyncConnection) -> list[str]:
    """Every review that is not what was stored, in words."""
    return [
        f"reviews: number {row.number} was changed"
        async for row in await connection.stream(select(reviews).order_by(reviews.c.number))
        if row.digest != _digest(review_of(row))
    ]


def review_of(row: Row[Any]) -> Review:
    """As it was kept."""
    names = ("reviewer", "labels", "note")
    opinion = Opinion(
        row.site,
        row.comment_id,
        row.revision,
        action=ReviewAction(row.action),
        **{name: getattr(row, name) for name in names},
    )
    kept = ("sampling_weight", "shown_scores", "policy", "bundle", "text_hash", "wants_second")
    return Review(
        number=row.number,
        opinion=opinion,
        role=Role(row.role),
        cause=row.cause and Cause(row.cause),
        selected_by=SelectedBy(row.selected_by),
        machine_action=Action(row.machine_action),
        reviewed_at=row.reviewed_at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        **{name: getattr(row, name) for name in kept},
    )


def _digest(review: Review) -> str:
    """Over all of a review but its note, which erasure takes, and whether it was undone, which the audit has."""
    said = asdict(review) | asdict(review.opinion) | {"reviewed_at": review.reviewed_at.isoformat()}
    for name in ("number", "opinion", "note", "undone_at", "undone_by"):
        said.pop(name)
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
