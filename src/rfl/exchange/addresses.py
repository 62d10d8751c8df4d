"""Where a peer's address may lead: to the public internet, or to networks that the society names.

An address comes from a descriptor, which a trusted peer writes and may change. It must not make
this node call machines of the society's own house, or the metadata service of its host.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from rfl.errors import Misconfigured

Network = IPv4Network | IPv6Network
_HTTPS: Final = 443


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return networks that stand between commas, as 10.8.0.0/16, or raise Misconfigured."""
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as cause:
        raise Misconfigured("RFL_PEER_NETWORKS must be networks such as 10.8.0.0/16.") from cause


def require_allowed(url: str, networks: Sequence[Network]) -> None:
    """Return if every address of the URL's host is public or in these networks, or raise OSError.

    The name is asked for once more when the call is made. An answer that is another one by then
    meets the certificate: a machine of the house has none for the peer's name.
    """
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or _HTTPS, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as cause:
        raise ConnectionError("the peer's name leads nowhere") from cause
    for *_kind, address in found:
        if not _may_be_called(ip_address(str(address[0]).partition("%")[0]), networks):
            raise ConnectionError("the peer's address is not a public one")


def _may_be_called(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in one for one in networks) or (plain.is_global and not plain.is_multicast)
