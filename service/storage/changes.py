"""Every kind of change there is to the store, and the statements that make it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from service.storage.accounts import (
    AddAccount,
    ChangeAccount,
    MakeLink,
    SetPassword,
    UseLink,
    add_account,
    change_account,
    make_link,
    set_password,
    use_link,
)
from service.storage.appeals import AddAppeal, add_appeals
from service.storage.articles import DropArticle, SaveArticle, drop_articles, save_articles
from service.storage.claims import Claim, Release, claim, release
from service.storage.comments import SaveComment, save_comments
from service.storage.deciding import SaveReview, save_reviews
from service.storage.erasure import EraseComment, erase_comments
from service.storage.golden import DropGolden, MakeGolden, drop_golden, make_golden
from service.storage.keys import RevokeKey, SaveKey, TouchKeys, revoke_key, save_key, touch_keys
from service.storage.leases import HoldLease, hold_lease
from service.storage.outbox import DropSettled, Settle, drop_settled, settle
from service.storage.policies import SavePolicy, save_policy
from service.storage.records import SetAside, UndoSetAside, set_aside, undo_set_aside
from service.storage.reports import AddReport, add_reports
from service.storage.sessions import (
    EndEverySession,
    EndSession,
    NoteFailures,
    SeeSession,
    StartSession,
    end_every_session,
    end_session,
    note_failures,
    see_session,
    start_session,
)
from service.storage.undoing import UndoReview, undo_reviews
from service.storage.webhooks import (
    AddPing,
    AddWebhook,
    DropWebhook,
    Resend,
    ResendDead,
    add_ping,
    add_webhook,
    drop_webhook,
    resend,
    resend_dead,
)

Apply = Callable[[AsyncConnection, Sequence[Any]], Awaitable[Sequence[Any]]]

_TOGETHER: Final[dict[type, Apply]] = {
    SaveArticle: save_articles,
    DropArticle: drop_articles,
    SaveComment: save_comments,
    EraseComment: erase_comments,
    AddReport: add_reports,
    AddAppeal: add_appeals,
    SaveReview: save_reviews,
    UndoReview: undo_reviews,
}
"""What comes often enough to be made with few statements for many."""

_EACH: Final[dict[type, Callable[[AsyncConnection, Any], Awaitable[Any]]]] = {
    SavePolicy: save_policy,
    Claim: claim,
    Release: release,
    SetAside: set_aside,
    UndoSetAside: undo_set_aside,
    MakeGolden: make_golden,
    DropGolden: drop_golden,
    SaveKey: save_key,
    RevokeKey: revoke_key,
    TouchKeys: touch_keys,
    AddAccount: add_account,
    ChangeAccount: change_account,
    MakeLink: make_link,
    UseLink: use_link,
    SetPassword: set_password,
    StartSession: start_session,
    SeeSession: see_session,
    EndSession: end_session,
    EndEverySession: end_every_session,
    NoteFailures: note_failures,
    AddWebhook: add_webhook,
    DropWebhook: drop_webhook,
    AddPing: add_ping,
    Resend: resend,
    ResendDead: resend_dead,
    Settle: settle,
    DropSettled: drop_settled,
    HoldLease: hold_lease,
}
"""What is made one after the other."""


def _one_by_one(change: Callable[[AsyncConnection, Any], Awaitable[Any]]) -> Apply:
    async def apply(connection: AsyncConnection, changes: Sequence[Any]) -> list[Any]:
        return [await change(connection, one) for one in changes]

    return apply


APPLY: Final[dict[type, Apply]] = {**_TOGETHER, **{kind: _one_by_one(change) for kind, change in _EACH.items()}}
"""Kind of change → what makes such changes in a transaction, and gives an outcome for each, in order."""
