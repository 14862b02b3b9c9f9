"""Where a request comes from."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from starlette.requests import Request


def address_of(request: Request) -> str:
    """The address of the client that counts as one caller: of IPv6 the /64 that a household or a machine is given.

    What a proxy says of the client is the server's business (``--forwarded-allow-ips``), never read from a header here.
    """
    client = request.scope["client"]
    return _counted(client[0] if client else "")


@lru_cache(maxsize=65_536)
def _counted(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)).network_address) + "/64"


def is_loopback(request: Request) -> bool:
    """Whether the client is this machine."""
    host = request.client.host if request.client else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
