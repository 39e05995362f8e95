"""Reading a request's body: its content type, its size, and the JSON in it."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar
from urllib.parse import quote

import msgspec
from msgspec.json import Decoder
from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from service.errors import Fault, InputTooLarge, InvalidInput, NotJson, UnsupportedContent

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"

In = TypeVar("In")
Path = tuple[str | int, ...]
"""Where a part stands in the whole: names and positions from the outside in."""

_MISFIT: Final = re.compile(r"(?P<reason>.*?)(?: - at `\$(?P<path>[.\w\[\]]*)`)?", re.DOTALL)
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_FIELD: Final = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_SHOWN_CHARACTERS: Final = 100
# Half of a surrogate pair, escaped: a first without its second, or a second without its first.
_HALF: Final = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|"
    rb"[c-fC-F][0-9a-fA-F]{2}(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))"
)


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """By name; of those sent more than once the first counts. Made once a request."""
    state: dict[str, Any] = scope["state"]
    if "headers" not in state:
        state["headers"] = dict(reversed(scope["headers"]))
    found: dict[bytes, bytes] = state["headers"]
    return found


def content_type(request: Request, *allowed: str) -> str:
    """The body's media type, one of ``allowed``. Raises ``UnsupportedContent``."""
    headers = headers_of(request.scope)
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise UnsupportedContent("compressed bodies are not read: leave Content-Encoding out")
    sent = headers.get(b"content-type", b"").decode("latin-1")
    if sent in allowed:
        return sent
    kind, _, parameters = sent.lower().partition(";")
    charset = parameters.replace('"', "").replace(" ", "")
    if kind.strip() not in allowed or charset not in ("", "charset=utf-8"):
        raise UnsupportedContent(f"Content-Type should be {' or '.join(allowed)}, in UTF-8")
    return kind.strip()


async def read(request: Request, limit: int) -> bytes:
    """The whole body, or ``InputTooLarge`` as soon as it is known to be over ``limit`` bytes."""
    declared = headers_of(request.scope).get(b"content-length", b"")
    if declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    parts, size, has_more = [], 0, True
    while has_more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
        has_more = message.get("more_body", False)
    return b"".join(parts)


def too_large(limit: int) -> InputTooLarge:
    """What to raise for a body or line over ``limit`` bytes."""
    return InputTooLarge(Fault("#", f"at most {limit} bytes are read"))


def decode(decoder: Decoder[In], raw: bytes, within: Path = ()) -> In:
    """What ``raw`` holds; faults point ``within`` the whole that it is a part of.

    Raises:
        NotJson: it is no JSON in UTF-8, or nested too deeply.
        InputTooLarge: a text or list in it is over its limit.
        InvalidInput: a field is wrong, unknown or missing.
    """
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), within) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        whole, halves = _without_halves(raw)
        if not halves:
            raise NotJson(Fault(pointer(within), _reason(error))) from None
    return decode(decoder, whole, within)


def decode_value(value: object, kind: type[In], within: Path, *, strict: bool = True) -> In:
    """``value``, which did not come in JSON, checked as if it had; not ``strict``, numbers may be written out.

    Raises as ``decode`` does.
    """
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), within) from None


def _without_halves(raw: bytes) -> tuple[bytes, int]:
    """Each lone surrogate as a NUL, and how many: the parser refuses the one without saying where, and reads the other.

    Escaped backslashes are written in their other form first, so that what still looks like an escape is one.
    """
    return _HALF.subn(rb"\\u0000", raw.replace(rb"\\", rb"\u005c"))


def pointer(path: Path) -> str:
    """A JSON pointer as a URI fragment (RFC 6901 §6), e.g. ``#/context/parent``."""
    return "#" + "".join("/" + _step(str(step)[:_SHOWN_CHARACTERS]) for step in path)


def _step(name: str) -> str:
    return quote(name.replace("~", "~0").replace("/", "~1"), errors="backslashreplace")


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _misfit(message: str, within: Path) -> InvalidInput:
    """msgspec says in words what is wrong and where; this is the only place that reads them."""
    found = _MISFIT.fullmatch(message)
    assert found is not None
    reason, path = found["reason"], found["path"] or ""
    steps: Path = (*within, *(name or int(position) for name, position in _STEP.findall(path)))
    if field := _FIELD.fullmatch(reason):
        detail = "unknown field" if field[1] == "contains unknown" else "required"
        return InvalidInput(Fault(pointer((*steps, field[2])), detail))
    # Where a value is not one of a few, the reason quotes it, however long it is.
    fault = Fault(pointer(steps), reason.replace("`", "")[:_SHOWN_CHARACTERS])
    return InputTooLarge(fault) if "of length <=" in reason else InvalidInput(fault)
