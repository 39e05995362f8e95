"""Everything that happened to a comment, as one list of what, when and by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain import STATE_AFTER
from service.review.actors import actor_words
from service.review.contexts import text_runs
from service.review.marking import Run
from service.review.reasons import head_name
from service.review.texts import TEXTS
from service.review_domain import Review
from service.storage.review_store import History


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: ``kind`` and ``chip`` say what it was, by the names that the catalogue has for them."""

    at: datetime
    kind: str
    words: str
    who: str | None = None
    note: str | None = None
    chip: str | None = None
    is_undone: bool = False
    #: A text that another one replaced.
    runs: Sequence[Run] = ()
    #: The review that can be taken back.
    review: int | None = None


def happenings(history: History) -> list[Happening]:
    """The first one first."""
    found = [*_of_texts(history), *_of_readers(history), *_of_reviews(history)]
    return sorted(found, key=lambda one: one.at)


def _of_texts(history: History) -> Iterator[Happening]:
    for past in history.past:
        words = TEXTS.history.received if past.revision == 1 else TEXTS.history.edited
        replaced = past.text if past.revision < history.comment.revision else None
        yield Happening(
            at=past.received_at,
            kind="text",
            words=words.format(revision=past.revision, bundle=past.assessment.bundle),
            chip=STATE_AFTER[past.assessment.decision.action].value,
            runs=() if replaced is None else text_runs(replaced, past.assessment),
        )


def _of_readers(history: History) -> Iterator[Happening]:
    for report in history.reports:
        state = getattr(TEXTS.report_state, report.state.value)
        words = TEXTS.history.report.format(reason=head_name(report.reason), state=state)
        yield Happening(report.received_at, "report", words, report.reporter, report.note)
    for appeal in history.appeals:
        yield Happening(appeal.received_at, "appeal", TEXTS.history.appeal, None, appeal.note)


def _of_reviews(history: History) -> Iterator[Happening]:
    standing = [one for one in history.reviews if one.undone_at is None]
    last = standing[-1].number if standing else None
    for review in history.reviews:
        opinion = review.opinion
        yield Happening(
            at=review.reviewed_at,
            kind="review",
            words=_review_words(review),
            who=actor_words(opinion.reviewer),
            note=opinion.note,
            chip=opinion.action.value,
            is_undone=review.undone_at is not None,
            review=review.number if review.number == last and not history.comment.erased_at else None,
        )
        if review.undone_at is not None:
            yield Happening(review.undone_at, "undo", TEXTS.history.undone, actor_words(review.undone_by or ""))


def _review_words(review: Review) -> str:
    answers = {1: TEXTS.answer.yes, 0: TEXTS.answer.no}
    labels = ", ".join(f"{head_name(head)}: {answers[label]}" for head, label in review.opinion.labels.items())
    form: str = getattr(TEXTS.history, f"{review.role.value}_review")
    return form.format(labels=labels or TEXTS.history.no_labels)
