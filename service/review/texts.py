"""Every text of the pages, from one catalogue that can be translated: a file per language, the same names in each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

_FOLDER: Final = Path(__file__).resolve().parent / "languages"


def catalogue(language: str = "en") -> SimpleNamespace:
    """The texts of a language: ``texts.sign_in.title``. Where one names ``{name}``, a template ``.format``s it."""
    found: SimpleNamespace = _named(tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
    return found


def _named(texts: Mapping[str, Any] | str) -> Any:
    if isinstance(texts, str):
        return texts
    return SimpleNamespace(**{name: _named(inner) for name, inner in texts.items()})


TEXTS: Final = catalogue()


def percent(share: float) -> str:
    """A share of 0 to 1 as people say it; what is nearly nothing or nearly all is not said to be that."""
    if 0 < share < 0.005:
        return str(TEXTS.number.nearly_none)
    if 0.995 <= share < 1:
        return str(TEXTS.number.nearly_all)
    return str(TEXTS.number.percent.format(number=round(share * 100)))


def counted(forms: SimpleNamespace, count: int, **values: object) -> str:
    """The form for one, or the one for many (``forms.one``, ``forms.many``)."""
    form: str = forms.one if count == 1 else forms.many
    return form.format(count=f"{count:,}", **values)


def span_of(time: timedelta) -> str:
    """How long that is, in its largest unit."""
    seconds = max(0, int(time.total_seconds()))
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= length:
            return counted(getattr(TEXTS.age, unit), seconds // length)
    return str(TEXTS.age.now)


def since(moment: datetime) -> str:
    """How long ago that was."""
    return span_of(datetime.now(UTC) - moment)
