"""Where an address that an administrator typed may lead: into the world, never to a machine inside, unless the installation names it.

A name is looked up once for a session, and calls go to the address that was checked: what the name means a moment later does not count.
"""

import asyncio
import logging
import re
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from pyreqwest.http import Url

from providers.errors import Misconfigured, NotSent

log = logging.getLogger(__name__)

# what the ipaddress module takes for the world, and is not: relays, translators and the address at which one cloud serves its machines
_INSIDE = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "64:ff9b:1::/48", "100::/64", "2001::/23", "fec0::/10")))
_TRANSLATED = ip_network("64:ff9b::/96")  # an IPv4 address in its last 32 bits
_PLAIN = re.compile(r"https?://(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?(?:[/?][\x21-\x5b\x5d-\x7e]*)?", re.ASCII)


class Place(NamedTuple):
    """A host as the client will understand it, and a port."""

    host: str
    port: int
    secure: bool


def place_of(url: str) -> Place | None:
    """Where a URL leads; None for what two readers could understand in two ways (user names, backslashes, other scripts)."""
    if not _PLAIN.fullmatch(url) or "#" in url:
        return None
    try:
        read = Url(url)
    except ValueError:
        return None
    host, port = read.host_str, read.port_or_known_default
    if not host or not port or host.endswith(".") or read.username or read.password:  # a dot at the end is another name to the client
        return None
    return Place(host.strip("[]"), port, read.scheme == "https")


def is_named(place: Place, named: Collection[str]) -> bool:
    """Whether the installation's settings allow this host, although it may be inside."""
    return place.host in {name.strip().strip("[]").lower() for name in named}


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the world, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else None)
        if inner is not None:
            return is_public(inner)
    inside = any(address in network for network in _INSIDE if network.version == address.version)
    return address.is_global and not (inside or address.is_multicast or address.is_reserved or address.is_unspecified)


def is_inside(place: Place, named: Collection[str]) -> bool:
    """Whether the address itself, without any look-up, is one that is refused."""
    address = _literal(place)
    return address is not None and not is_public(address) and not is_named(place, named)


def _literal(place: Place) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(place.host)
    except ValueError:
        return None


async def checked(place: Place, named: Collection[str], seconds: float) -> str:
    """An address of the place to connect to. Raises NotSent when it has none, Misconfigured when one of them is inside."""
    found = [place.host] if _literal(place) else await _look_up(place, seconds)
    if not is_named(place, named) and not all(is_public(ip_address(address)) for address in found):
        log.warning("a gateway's address leads inside", extra={"host": f"{place.host[:2]}•••", "port": place.port})
        raise Misconfigured("The gateway's address leads to a machine inside, which this installation does not allow.", reason="inside_address")
    return found[0]


async def _look_up(place: Place, seconds: float) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        rows = await asyncio.wait_for(loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM), seconds)
    except (OSError, UnicodeError, TimeoutError):
        raise NotSent("The gateway's name could not be looked up.", reason="not_reached", detail="its name could not be looked up") from None
    found = list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))
    if not found:
        raise NotSent("The gateway's name has no address.", reason="not_reached")
    return found
