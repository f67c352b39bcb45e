"""Which addresses events may be sent to: the form of a URL, and the reach of what it names.

Nothing is looked up or connected to here; who connects looks the name up once and asks
`is_public` of each address it has (tasks/webhook_network.py).
"""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST_URL = 2000

_PRINTABLE = re.compile(r"[!-~]+")
_PLACE = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]*)?")
# Python 3.11 takes these for public: the IETF's own block, the way to 6to4 relays, and one cloud's
# own services, which answer inside of it only
_NOT_PUBLIC = [ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")]
_UNICAST = IPv6Network("2000::/3")
# the IETF's own block with Teredo, documentation, 6to4, documentation
_NOT_UNICAST = [
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
_NAT64 = IPv6Network("64:ff9b::/96")


class UnfitUrl(Exception):  # noqa: N818 - what it says, not how it went wrong
    """Nothing can be sent to this URL; the sentence says why."""


def host_of(url: str) -> str:
    """The host that a URL of an endpoint names, a literal IPv6 address without its brackets.

    Raises UnfitUrl.
    """
    if len(url) > LONGEST_URL:
        raise UnfitUrl(f"Must have at most {LONGEST_URL} characters.")
    if not _PRINTABLE.fullmatch(url):
        raise UnfitUrl("Must be printable ASCII without blanks (names in their xn-- form).")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnfitUrl("Must be a URL.") from None
    if not url.startswith(("http://", "https://")):
        raise UnfitUrl("Must begin with http:// or https://.")
    if "@" in parts.netloc:
        raise UnfitUrl("Must not name a user or password.")
    if not parts.hostname or not _PLACE.fullmatch(parts.netloc):
        raise UnfitUrl("Must name a host.")
    if port == 0:
        raise UnfitUrl("Must name a port from 1 to 65535, or none.")
    return parts.hostname


def is_local_name(host: str) -> bool:
    """Whether the name means this machine itself, whatever a name server says (RFC 6761)."""
    return host.lower().rstrip(".").rpartition(".")[2] == "localhost"


def is_public(address: str) -> bool:
    """Whether an IP address, in its usual spelling, is one of the public internet.

    IPv4 within IPv6 (mapped, NAT64) is judged as what it leads to; other tunnels are refused.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        within = ip.ipv4_mapped or _behind_nat64(ip)
        return _is_public_v6(ip) if within is None else _is_public_v4(within)
    return _is_public_v4(ip)


def _behind_nat64(ip: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None


def _is_public_v4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in block for block in _NOT_PUBLIC)


def _is_public_v6(ip: IPv6Address) -> bool:
    return ip.is_global and ip in _UNICAST and not any(ip in block for block in _NOT_UNICAST)
