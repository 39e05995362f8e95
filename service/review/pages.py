"""From a template and values to a page: escaped, from here alone, and never a text that is not in the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from service.api.page_gate import CSRF_FIELD, visitor_of
from service.api.paths import cursor
from service.credentials import csrf_of
from service.review.actors import actor_words
from service.review.audit_words import deed_words
from service.review.contexts import preset_words
from service.review.keys import KEYS
from service.review.marking import pieces
from service.review.reasons import point_name
from service.review.texts import TEXTS, counted, percent, since, span_of

_FOLDER: Final = Path(__file__).resolve().parent
STATIC: Final = {"review.css": "text/css", "review.js": "text/javascript", "icon.svg": "image/svg+xml"}
"""The files that pages load, with their types."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Under no-referrer, which is for everything else, browsers would send forms with the origin "null".
HEADERS: Final = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "counted": lambda count, forms: counted(forms, count),
    "cursor": cursor,
    "deed": deed_words,
    "digits": lambda given: given if given and given.isdecimal() else "",
    "local": lambda moment, zone: moment.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
    "percent": percent,
    "pieces": pieces,
    "point_name": point_name,
    "preset_words": preset_words,
    "quoted": lambda value: quote(value, safe=""),
    "since": since,
    "span_of": span_of,
    "who": actor_words,
}


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """The whole answer. Templates see ``texts``, ``visitor`` (null before one signs in) and its forms' ``csrf``."""
    visitor = visitor_of(request)
    known = {
        "texts": TEXTS,
        "visitor": visitor,
        "csrf_field": CSRF_FIELD,
        "csrf": None if visitor is None else csrf_of(visitor.token),
        "zone": request.app.state.time_zone,
        "keys_of_page": KEYS,
    }
    rendered = _TEMPLATES.get_template(template).render(**known, **values)
    return Response(rendered, status, {**HEADERS, "Cache-Control": "no-store"}, "text/html")


def static_file(name: str) -> bytes:
    """One of ``STATIC``."""
    return (_FOLDER / "static" / name).read_bytes()
