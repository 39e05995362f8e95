"""Every setting: type, default, help, environment name. Read once, when the program starts."""

from __future__ import annotations

import ipaddress
import re
import shlex
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SHIPPED_BUNDLE = Path(__file__).resolve().parent.parent / "models" / "default"


def _sendable(key: SecretStr) -> SecretStr:
    """A key as a header can hold it, and too long to be guessed."""
    if not re.fullmatch(r"[!-~]{16,}", key.get_secret_value()):
        raise ValueError("should be at least 16 characters of ASCII, none of them white space")
    return key


def _public(url: str) -> str:
    """Scheme, host and port as a browser says them, and nothing behind."""
    if not re.fullmatch(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?/?", url):
        raise ValueError("should be https://HOST or https://HOST:PORT, in lower case, with no path")
    return url.removesuffix("/").removesuffix(":443")


def _zone(name: str) -> str:
    """A time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("should be a time zone by its IANA name, such as Europe/Kyiv") from None
    return name


def _storable(store: str) -> str:
    """A path, or an address of a kind of database that is supported."""
    scheme, separator, _ = store.partition("://")
    if separator and scheme not in ("sqlite", "postgresql"):
        raise ValueError("should be a path, sqlite:///PATH or postgresql://USER@HOST/NAME")
    return store


def _hosts(listed: str) -> str:
    """Names, addresses and networks with commas between them."""
    for entry in filter(None, map(str.strip, listed.split(","))):
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            if not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9._-]{1,253}", entry):
                raise ValueError(
                    "should be names, addresses and networks (10.0.0.0/8) with commas between them"
                ) from None
    return listed


class Settings(BaseSettings):
    """Environment variables are the fields in capitals with ``VERGER_`` before them; an empty one counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix="VERGER_", env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    host: Annotated[str, Field(description="Address to listen on; any but loopback needs a key.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8000
    api_key: Annotated[
        Annotated[SecretStr, AfterValidator(_sendable)] | None,
        Field(
            description="The key that callers send as `Authorization: Bearer …`. Unset: open mode, until one is made."
        ),
    ] = None
    calls_per_minute: Annotated[
        int, Field(ge=1, description="Calls a minute that a key may make which has no limit of its own.")
    ] = 60_000
    public_url: Annotated[
        Annotated[str, AfterValidator(_public)] | None,
        Field(description="Where browsers find this service, by TLS: `https://comments.example.org`."),
    ] = None
    time_zone: Annotated[
        Annotated[str, AfterValidator(_zone)],
        Field(description="The time zone that the review page tells times in, by its IANA name."),
    ] = "UTC"
    bundle: Annotated[Path, Field(description="Directory of the bundle to score with.")] = SHIPPED_BUNDLE
    second_tier: Annotated[
        bool, Field(description="Whether a second tier looks again at comments that the first one is not sure about.")
    ] = False
    store: Annotated[
        Annotated[str, AfterValidator(_storable)],
        Field(description="Where comments are kept: a path (SQLite) or `postgresql://USER@HOST/NAME`.", repr=False),
    ] = "var/verger.db"
    labels: Annotated[
        Path, Field(description="Folder that `export-labels` writes to; what is erased leaves its files too.")
    ] = Path("var/labels")
    retention_days: Annotated[
        float | None,
        Field(gt=0, le=36_500, description="Days after which a stored comment's text and author are erased."),
    ] = None
    webhook_private: Annotated[
        Annotated[str, AfterValidator(_hosts)] | None,
        Field(description="Private hosts and networks that webhooks may be sent to, with commas between them."),
    ] = None
    queue_comments: Annotated[
        int, Field(ge=64, description="Comments that may wait to be scored; further ones are refused with 503.")
    ] = 1024
    spool_mib: Annotated[
        int, Field(ge=1, description="Most of a stream's unread answers kept on disk, in MiB, before reading stops.")
    ] = 1024
    stall_seconds: Annotated[
        float, Field(gt=0, description="Seconds after which a stream is ended whose spool stays full.")
    ] = 60.0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="The least level logged; `debug` has a line for every good answer too."),
    ] = "info"
    log_format: Annotated[Literal["text", "json"], Field(description="Log lines for people or for machines.")] = "text"

    @property
    def is_loopback(self) -> bool:
        """Nobody outside this machine can connect."""
        return is_loopback(self.host)

    def typed(self, command: str) -> str:
        """How one types that command of ours here: with this Python, store and port."""
        python = Path(sys.executable)
        if python.is_relative_to(Path.cwd()):
            python = python.relative_to(Path.cwd())
        # A database's address may hold its password.
        told = [name for name in ("store", "port") if name in self.model_fields_set and "://" not in self.store]
        settings = [f"VERGER_{name.upper()}={shlex.quote(str(getattr(self, name)))}" for name in told]
        return " ".join([*settings, shlex.quote(str(python)), "-m service", command])


@lru_cache(maxsize=64)  # Asked twice a request, nearly always of the same two; a sent one may be long.
def is_loopback(host: str) -> bool:
    """``localhost`` or an address that never leaves the machine; brackets around IPv6 are allowed."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False
