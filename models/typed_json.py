"""JSON → frozen dataclasses by their annotations, refusing whatever is not exactly what they say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, NoReturn, get_args, get_origin, get_type_hints


def parse_json(content: str | bytes) -> object:
    """Strict JSON: ValueError on NaN, infinities, one key twice, nesting too deep, and bytes that are not UTF-8."""
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def decode(kind: Any, value: object, where: str) -> Any:
    """The value as ``kind``: a dataclass, Mapping[str, …], tuple, union, str, int, float, bool or None.

    ValueError names the place on unknown or missing fields, wrong types and numbers that are not finite. An integer
    may stand for a float, where the annotation does not also take integers; nothing else is converted.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return _one_of(arguments, value, where)
    if origin is tuple:
        return _tuple(arguments, value, where)
    if origin is Mapping:
        return {key: decode(arguments[1], each, f"{where}.{key}") for key, each in _object(value, where).items()}
    if is_dataclass(kind):
        return _record(kind, value, where)
    return _scalar(kind, value, where)


def _record(kind: Any, value: object, where: str) -> Any:
    document = _object(value, where)
    names = [field.name for field in fields(kind)]
    for unknown in sorted(document.keys() - set(names)):
        raise ValueError(f"{where}.{unknown}: unknown field")
    for missing in [name for name in names if name not in document]:
        raise ValueError(f"{where}.{missing}: missing")
    hints = get_type_hints(kind)
    arguments = {name: decode(hints[name], document[name], f"{where}.{name}") for name in names}
    try:
        return kind(**arguments)
    except ValueError as error:
        raise ValueError(f"{where}.{error}") from error


def _object(value: object, where: str) -> dict[str, object]:
    if type(value) is not dict:
        _refuse("an object", value, where)
    return value


def _tuple(kinds: tuple[Any, ...], value: object, where: str) -> tuple[Any, ...]:
    if type(value) is not list:
        _refuse("a list", value, where)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise ValueError(f"{where}: must have {len(kinds)} members, not {len(value)}")
    return tuple(decode(kind, each, f"{where}[{i}]") for i, (kind, each) in enumerate(zip(kinds, value, strict=True)))


def _one_of(kinds: tuple[Any, ...], value: object, where: str) -> Any:
    # The value's own type comes first, so that an integer stays one where both int and float are taken.
    reasons = []
    for kind in sorted(kinds, key=lambda kind: kind is not type(value)):
        try:
            return decode(kind, value, where)
        except ValueError as error:
            reasons.append(str(error))
    raise ValueError(reasons[0] if len(reasons) == 1 else f"{where}: fits none of its types ({'; '.join(reasons)})")


def _scalar(kind: type, value: object, where: str) -> object:
    if kind is float and type(value) is int:
        value = float(value) if abs(value) <= 1 << 53 else math.inf
    if type(value) is not kind:
        _refuse(kind.__name__, value, where)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where}: must be a finite number")
    return value


def _refuse(wanted: str, value: object, where: str) -> NoReturn:
    raise ValueError(f"{where}: must be {wanted}, not {type(value).__name__}")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("one key twice in an object")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
