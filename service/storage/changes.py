"""Every kind of change there is to the store, and the statements that make it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.accounts import APPLY_ACCOUNTS
from service.storage.appeals import AddAppeal, add_appeals
from service.storage.articles import DropArticle, SaveArticle, drop_articles, save_articles
from service.storage.claims import Claim, Release, claim, release
from service.storage.comments import SaveComment, save_comments
from service.storage.deciding import SaveReview, save_reviews
from service.storage.erasure import EraseComment, erase_comments
from service.storage.golden import DropGolden, MakeGolden, drop_golden, make_golden
from service.storage.keys import APPLY_KEYS
from service.storage.policies import SavePolicy, save_policies
from service.storage.records import SetAside, UndoSetAside, set_aside, undo_set_aside
from service.storage.reports import AddReport, add_reports
from service.storage.sessions import APPLY_SESSIONS
from service.storage.telling import APPLY_TELLING
from service.storage.undoing import UndoReview, undo_reviews

Apply = Callable[[AsyncConnection, Any], Awaitable[Sequence[Any]]]

APPLY: Final[dict[type, Apply]] = {
    SaveArticle: save_articles,
    DropArticle: drop_articles,
    SaveComment: save_comments,
    EraseComment: erase_comments,
    SavePolicy: save_policies,
    AddReport: add_reports,
    AddAppeal: add_appeals,
    Claim: claim,
    Release: release,
    SaveReview: save_reviews,
    UndoReview: undo_reviews,
    SetAside: set_aside,
    UndoSetAside: undo_set_aside,
    MakeGolden: make_golden,
    DropGolden: drop_golden,
    **APPLY_KEYS,
    **APPLY_ACCOUNTS,
    **APPLY_SESSIONS,
    **APPLY_TELLING,
}
"""Kind of change → what makes such changes in a transaction, and gives an outcome for each, in order."""
