"""In whose name a request acts."""

from __future__ import annotations

from starlette.requests import Request

from service.domain import DEFAULT_SITE
from service.errors import Fault, InvalidInput, OtherSite
from service.principals import Principal


def principal_of(request: Request) -> Principal:
    """Who calls, as the gate found out."""
    principal: Principal = request.scope["state"]["principal"]
    return principal


def site_for(principal: Principal, named: str | None) -> str:
    """The site that a call is about: the one it names, else the caller's own. Raises ``OtherSite``."""
    if principal.site is None:
        return named or DEFAULT_SITE
    if named is not None and named != principal.site:
        raise OtherSite(f"only the site {principal.site!r} is open to you")
    return principal.site


def reviewer_of(request: Request, named: str | None) -> str:
    """Whose review it is: a person's own; a system with people of its own names them. Raises ``InvalidInput``."""
    caller = principal_of(request)
    if named is None:
        return caller.name
    if caller.is_person:
        raise InvalidInput(Fault("#/reviewer", "whoever is signed in reviews in their own name"))
    return f"{caller.name}/{named}"
