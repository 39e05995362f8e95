"""What waits, and what is known of a comment → plain values that a template shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from models.heads import HEADS
from models.scores import HeadScore, Span
from service.desk import Waiting
from service.domain import Assessment, Reason, RegisteredArticle, StoredComment
from service.priority import scores_of
from service.review.marking import Run, runs
from service.review.reasons import head_name, in_question, why
from service.review.texts import TEXTS, percent
from service.review_domain import Appeal, Entry, Report, ReportState, ReviewAction

COVERED_FROM: Final = 0.5
"""A stretch that gives an ending away as likely as not is covered until somebody asks for it."""
SPOILER: Final = "spoiler"
PROFANITY: Final = "profanity"
NEW_BELOW: Final = 3
"""An author with fewer comments that stand is called new."""
_EXCERPT: Final = 280


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A head's answer: the score in words, or why there is none."""

    head: str
    name: str
    score: float | None
    words: str


@dataclass(frozen=True, slots=True)
class ArticleView:
    """The article, with the stretch of its body apart that the comment comes closest to."""

    article: RegisteredArticle
    before: str = ""
    nearest: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What people said of a comment before it came here."""

    reports: Sequence[Report] = ()
    appeals: Sequence[Appeal] = ()
    #: How many comments of the author stand, up to a few; null where it is not known who wrote it.
    standing: int | None = None


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment as a person reads it."""

    comment: StoredComment
    runs: Sequence[Run]
    scores: Sequence[ScoreView]
    article: ArticleView | None
    parent: StoredComment | None
    why: Sequence[str]
    heard: Heard
    entry: Entry | None
    #: Action → head → the answer that goes without saying once that is decided.
    presets: Mapping[str, Mapping[str, int]]

    @property
    def id(self) -> str:
        """Of the comment."""
        return self.comment.id

    @property
    def has_cover(self) -> bool:
        """Whether anything of it is covered."""
        return any(run.is_covered for run in self.runs)

    @property
    def parent_runs(self) -> Sequence[Run]:
        """The text that it answers, as any other is shown."""
        return () if self.parent is None else text_runs(self.parent.text or "", self.parent.assessment)

    @property
    def open_reports(self) -> list[Report]:
        """The first few that count, the heaviest first."""
        found = [one for one in self.heard.reports if one.state is ReportState.OPEN]
        return sorted(found, key=lambda one: -one.weight)

    @property
    def appeal(self) -> Appeal | None:
        """The one that waits for an answer."""
        return next((one for one in self.heard.appeals if one.review is None), None)

    @property
    def is_new_author(self) -> bool:
        """Few comments of the author stand."""
        return self.heard.standing is not None and self.heard.standing < NEW_BELOW


def waiting_view(waiting: Waiting, heard: Heard) -> CommentView:
    """What a person needs to judge it."""
    return comment_view(waiting.comment, waiting.article, waiting.parent, waiting.entry, heard)


def comment_view(
    comment: StoredComment,
    article: RegisteredArticle | None,
    parent: StoredComment | None,
    entry: Entry | None,
    heard: Heard,
) -> CommentView:
    """The same of any comment, whether it waits or not."""
    return CommentView(
        comment=comment,
        runs=text_runs(comment.text or "", comment.assessment),
        scores=[_score(head.name, comment) for head in HEADS],
        article=None if article is None else _article(article, comment),
        parent=parent,
        why=[] if entry is None else why(entry, comment, heard.reports),
        heard=heard,
        entry=entry,
        presets=presets(entry, comment, heard.reports),
    )


def text_runs(text: str, assessment: Assessment) -> Sequence[Run]:
    """A text, or the beginning of it, with profane words marked and what gives an ending away covered."""
    heads = assessment.scores.heads
    words = _spans(heads.get(PROFANITY))
    is_labelled = any(isinstance(one, Reason) and one.head == SPOILER for one in assessment.decision.reasons)
    covers = [one for one in _spans(heads.get(SPOILER)) if is_labelled or one.score >= COVERED_FROM]
    if is_labelled and not covers:
        covers = [Span(0, len(text), 1.0)]
    return runs(text, words, _joined(text, covers))


def excerpt(comment: StoredComment) -> Sequence[Run]:
    """The beginning of it."""
    return text_runs((comment.text or "")[:_EXCERPT], comment.assessment)


def presets(entry: Entry | None, comment: StoredComment, reports: Sequence[Report]) -> Mapping[str, Mapping[str, int]]:
    """What each decision says about the heads in question, unless its reviewer answers them otherwise."""
    asked = in_question(entry, comment, reports)
    scored = scores_of(comment.assessment.scores)
    strongest = max(asked, key=lambda head: scored.get(head, 0.0), default=None)
    labelled = SPOILER if SPOILER in asked else strongest
    return {
        ReviewAction.APPROVE.value: dict.fromkeys(asked, 0),
        ReviewAction.LABEL.value: {} if labelled is None else {labelled: 1},
        ReviewAction.REJECT.value: {asked[0]: 1} if len(asked) == 1 else {},
        ReviewAction.ESCALATE.value: {},
    }


def preset_words(preset: Mapping[str, int]) -> str:
    """For the button: what it says beside what it does."""
    answers = {1: TEXTS.answer.yes, 0: TEXTS.answer.no}
    return ", ".join(f"{head_name(head)}: {answers[label]}" for head, label in preset.items())


def _score(head: str, comment: StoredComment) -> ScoreView:
    answer = comment.assessment.scores.heads.get(head)
    score = None if answer is None else answer.score
    if score is not None:
        return ScoreView(head, head_name(head), score, percent(score))
    reason = comment.assessment.withheld.get(head) or (None if answer is None or answer.why is None else answer.why)
    return ScoreView(head, head_name(head), None, getattr(TEXTS.no_score, str(reason), TEXTS.no_score.unknown))


def _article(article: RegisteredArticle, comment: StoredComment) -> ArticleView:
    body = article.body or ""
    answer = comment.assessment.scores.heads.get("off_topic")
    nearest = None if answer is None else answer.nearest
    # An article that was put anew may be shorter than the one the comment was compared with.
    if nearest is None or nearest.end > len(body):
        return ArticleView(article, before=body)
    return ArticleView(article, body[: nearest.start], body[nearest.start : nearest.end], body[nearest.end :])


def _joined(text: str, covers: Sequence[Span]) -> list[Span]:
    """Stretches with nothing but white space between them are one: whoever asks for one wants the other."""
    found: list[Span] = []
    for cover in sorted(covers, key=lambda one: one.start):
        if found and not text[found[-1].end : cover.start].strip():
            found[-1] = replace(found[-1], end=max(found[-1].end, cover.end))
        else:
            found.append(cover)
    return found


def _spans(answer: HeadScore | None) -> Sequence[Span]:
    return () if answer is None or answer.spans is None else answer.spans
