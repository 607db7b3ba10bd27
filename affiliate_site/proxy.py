"""Who asks, where a proxy stands between."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


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
