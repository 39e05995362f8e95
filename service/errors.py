"""What can go wrong, by name. ``api/errors.py`` alone knows what HTTP makes of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent: where (a JSON pointer as a URI fragment, ``#/text``) and why."""

    pointer: str
    detail: str


class ServiceError(Exception):
    """The parent of every named error. Its text may be shown to the caller."""


class InvalidInput(ServiceError):
    """It is JSON, but not what was asked for; ``fault`` says which field."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.pointer}: {fault.detail}")
        self.fault = fault


class InputTooLarge(InvalidInput):
    """A text, a list or the whole is over its limit."""


class NotJson(InvalidInput):
    """It cannot be read as JSON in UTF-8."""


class UnsupportedContent(ServiceError):
    """Another content type or content encoding than the ones read here."""


class Unauthenticated(ServiceError):
    """No key, or not the right one."""


class OpenModeRefused(ServiceError):
    """Without a key the service answers this machine only, and this call came from elsewhere or through a proxy."""


class SignInNeeded(Unauthenticated):
    """A page for those who are signed in, and nobody is, or no longer."""


class SignInRefused(ServiceError):
    """The name or the password is wrong, or the account is disabled: which of them is not said."""


class LinkRefused(ServiceError):
    """A one-time link that was used, is too old, or never was."""


class ScopeMissing(ServiceError):
    """The key or the person may not do this."""


class OtherSite(ServiceError):
    """The key or the person belongs to one site, and this is about another."""


class ForeignRequest(ServiceError):
    """A browser sent this, and not from one of our pages."""


class TooMany(ServiceError):
    """More calls than are answered; ``retry_after`` is in seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class BundleRefused(ServiceError):
    """The bundle to start with failed a check; it says which had passed and which did not."""


class UnreadableFile(ServiceError):
    """A file of comments is not in the form it should be in, so none of its rows can be told apart."""


class AccessRefused(ServiceError):
    """A key or an account cannot be changed in this way; the reason says why."""


class KeyRequired(ServiceError):
    """Listening beyond this machine without a key."""


class Overloaded(ServiceError):
    """As much is waiting as may wait; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("too many comments are waiting to be scored; try again shortly")
        self.retry_after = retry_after


class NotReady(ServiceError):
    """No bundle is loaded, or the service is shutting down."""

    def __init__(self) -> None:
        super().__init__("no bundle is loaded")
        self.retry_after = 1


class NotFound(ServiceError):
    """Nothing by that id on that site."""


class Erased(ServiceError):
    """It was erased for good: nothing by that id is taken in again."""

    def __init__(self, detail: str = "this comment was erased, and is not taken in again") -> None:
        super().__init__(detail)


class Conflict(InvalidInput):
    """It contradicts what is stored under the same id; ``fault`` says in which field."""


class StaleRevision(Conflict):
    """An edit that is older than the text that is stored."""


class Claimed(Conflict):
    """Somebody else holds the comment at this moment."""

    def __init__(self) -> None:
        super().__init__(Fault("#/comment_id", "somebody else holds this comment"))


class Decided(Conflict):
    """There is a decision already, by somebody else or by the same person."""


class NothingToAppeal(Conflict):
    """The comment is shown as it is."""

    def __init__(self) -> None:
        super().__init__(Fault("#", "this comment is shown, so there is nothing to appeal against"))


class AppealAnswered(Conflict):
    """A person decided about this text, and another one about the appeal against that."""

    def __init__(self) -> None:
        super().__init__(Fault("#", "the appeal against a person's decision about this text was answered"))


class CountChanged(Conflict):
    """As many as were to be decided at once are not there; ``count`` are."""


class AlreadyTrying(Conflict):
    """A draft policy is being tried on this site; one at a time."""

    def __init__(self) -> None:
        super().__init__(Fault("#", "another draft is being tried on this site at this moment"))


class StoreUnavailable(ServiceError):
    """The store is out of reach or full up: nothing was stored. ``retry_after`` is in seconds."""

    def __init__(self, detail: str = "the store is out of reach") -> None:
        super().__init__(detail)
        self.retry_after = 2


class StoreRefused(ServiceError):
    """The store, a backup or what is asked of it cannot be used as it is; the reason says what to do."""


class ForeignPackage(ServiceError):
    """``models`` was imported from somewhere else than beside ``service``."""
