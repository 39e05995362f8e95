"""Where webhooks may go: public addresses over TLS, and private ones where the operator listed them.

A name says nothing about where it leads, so it is looked up when something is sent, and what is connected to is the
address that was checked here.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_PORTS: Final = {"https": 443, "http": 80}
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
#: What C libraries take for numbers, and so for an address, where it is not written as one usually is.
_NUMERIC: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?")
#: Not for the world at large, whatever the standard library of this Python says.
_NOT_PUBLIC: Final = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "64:ff9b:1::/48", "fec0::/10"))
)
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")


class TargetRefused(Exception):
    """Nothing is sent there; the text says why, without the address that a name leads to."""


@dataclass(frozen=True, slots=True)
class Private:
    """The private places that the operator listed: names, addresses, networks."""

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = field(default=())

    @classmethod
    def of(cls, listed: str | None) -> Private:
        """From a list with commas, as the setting has it."""
        names, networks = set(), []
        for entry in filter(None, map(str.strip, (listed or "").split(","))):
            try:
                networks.append(ip_network(entry, strict=False))
            except ValueError:
                names.add(entry.lower().rstrip("."))
        return cls(frozenset(names), tuple(networks))

    def lists(self, address: Address) -> bool:
        """Whether it is listed, alone or in a network."""
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's address, taken apart."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str, private: Private) -> Target:
        """Raises ``TargetRefused`` where the address alone says that nothing may be sent there."""
        target = _taken_apart(url)
        if target.scheme == "http" and not (private.names or private.networks):
            raise TargetRefused("the address should begin with https://")
        literal = _literal(target.host)
        if literal is not None and not target.may_be(literal, private):
            raise TargetRefused("nothing is sent to private addresses that VERGER_WEBHOOK_PRIVATE does not list")
        return target

    def may_be(self, address: Address, private: Private) -> bool:
        """Whether something may be sent to that address under this target's name."""
        address = _innermost(address)
        if _is_public(address):
            # In the open, nobody on the way may read or change what is sent.
            return self.scheme == "https"
        if private.lists(address):
            return True
        return self.host in private.names and not _is_special(address)

    async def addresses(self, private: Private, resolve: Resolve) -> list[str]:
        """Where it leads now. Raises ``TargetRefused`` where nothing may be sent, ``OSError`` for nowhere."""
        found = [ip_address(one) for one in await resolve(self.host, self.port)]
        if not all(self.may_be(one, private) for one in found):
            raise TargetRefused("the name leads to an address that is not sent to")
        return list(map(str, found))


async def look_up(host: str, port: int) -> list[str]:
    """What the system says that a name stands for; an address stands for itself."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _taken_apart(url: str) -> Target:
    if not url.isascii() or re.search(r"[\s\x00-\x20\x7f\\]", url):
        raise TargetRefused("the address should be ASCII without white space; write other letters as xn--… and %…")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetRefused("not an address") from None
    if parts.scheme not in _PORTS:
        raise TargetRefused("the address should begin with https://")
    if "@" in parts.netloc or parts.fragment or "#" in url:
        raise TargetRefused("the address should hold neither a name and password nor a fragment")
    host = (parts.hostname or "").rstrip(".")
    if _literal(host) is None and (not _NAME.fullmatch(host) or len(host) > 253 or _looks_numeric(host)):
        raise TargetRefused("the address names no host")
    return Target(parts.scheme, host, _PORTS[parts.scheme] if port is None else port)


def _looks_numeric(host: str) -> bool:
    return _NUMERIC.fullmatch(host.rpartition(".")[2]) is not None


def _literal(host: str) -> Address | None:
    # These names never leave the machine, whatever else they may lead to (RFC 6761).
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(host)
    except ValueError:
        return None


def _innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, where a network would unwrap it."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_special(address: Address) -> bool:
    """Neither public nor what people build private networks of, such as where clouds tell machines their secrets."""
    is_odd = address.is_reserved and not address.is_loopback  # ::1 lies in a block that is reserved as a whole.
    return address.is_link_local or address.is_multicast or address.is_unspecified or is_odd


def _is_public(address: Address) -> bool:
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
