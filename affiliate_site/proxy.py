"""Who asks, where a proxy stands between."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_network(request: HttpRequest) -> str:
    """Return whose request it is, as far as an address says: an IPv4 address, the /64 of an IPv6 customer."""
    told = client_ip(request)
    try:
        address = ip_address(told)
    except ValueError:
        return told
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))


def client_ip(request: HttpRequest) -> str:
    """Return the address a request came from: the proxy's word for it where BEHIND_PROXY trusts one.

    That is the last entry of `X-Forwarded-For`: it is the proxy's own, those before it are the client's.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if not settings.BEHIND_PROXY:
        return peer
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(told))
    except ValueError:
        return peer
