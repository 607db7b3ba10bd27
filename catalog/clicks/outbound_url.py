"""Addresses that lead out: which may, and our own label (the sub-id) inside them."""

import re
from collections.abc import Collection

from django.conf import settings

from catalog.clicks.subid import make_sub_id
from catalog.lib.addresses import parse_origin
from catalog.models import Offer

# Stands in `Offer.tracking_template` where the sub-id goes. Letters and digits alone pass through the rules
# of every network as they are, and 64 bytes is the least that a network takes (docs/networks/README.md).
PLACEHOLDER = "subidgoeshere0000"
STRANGE_HOST = "Its link leads to {host}, which is neither the network's nor the shop's."
_DIGIT = re.compile(r"\d")


class LinkRefused(Exception):
    """A sentence on why no visitor is sent to an address."""


def outbound_url(offer: Offer, place: str, *, domains: Collection[str]) -> str:
    """Return the address that a click on the offer's button leads to, with the sub-id for `place`.

    Raises LinkRefused where `refusal` has something against the stored address.
    """
    sub_id = make_sub_id(offer.product_id, place, offer.pk)
    url = offer.tracking_template.replace(PLACEHOLDER, sub_id) or offer.tracking_url
    if reason := refusal(url, domains):
        raise LinkRefused(reason)
    return url


def refusal(url: str, domains: Collection[str]) -> str:
    """Return why no visitor may be sent to `url`, or "".

    It must be https, on one of `domains` or below one. `ALLOW_PRIVATE_HOSTS` may do without both.
    """
    scheme, host = parse_origin(url)
    if not host:
        return "Its link is no web address."
    if host in settings.ALLOW_PRIVATE_HOSTS:
        return ""
    if scheme != "https":
        return "Its link is not secure (http instead of https)."
    if not is_within(host, domains):
        return STRANGE_HOST.format(host=host)
    return ""


def is_within(host: str, domains: Collection[str]) -> bool:
    """Tell whether `host` is one of the domains or below one. A `#` in a domain stands for a digit."""
    return any(
        host == domain
        or host.endswith(f".{domain}")
        or ("#" in domain and f".{_DIGIT.sub('#', host)}".endswith(f".{domain}"))
        for domain in domains
    )


def secured(url: str) -> str:
    """Return `url` with https where it is http, as old feeds write it; not on one of ALLOW_PRIVATE_HOSTS."""
    return "https" + url[len("http") :] if insecure_host(url) else url


def insecure_host(url: str) -> str:
    """Return the host that `url` would reach by http; "" where it is no such address."""
    if url[:5].lower() != "http:":  # nearly every link; an import asks ten times for each
        return ""
    scheme, host = parse_origin(url)
    return host if scheme == "http" and host not in settings.ALLOW_PRIVATE_HOSTS else ""
