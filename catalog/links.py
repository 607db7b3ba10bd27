"""Addresses that lead out: which may, and our own label (the sub-id) inside them."""

from urllib.parse import urlsplit

from catalog.models import Offer

# Stands in `Offer.tracking_template` where the sub-id goes. Letters and digits alone pass through the rules
# of every network as they are, and 64 bytes is the least that a network takes (NETWORKS.md 4).
PLACEHOLDER = "subidgoeshere0000"


def way_out(offer: Offer, place: str) -> str:
    """Return the address that a click on the offer's button leads to, with the sub-id for `place`.

    The sub-id names product and place (`p123-top`), never a person. Raises ValueError where the stored
    address is no web address.
    """
    sub_id = f"p{offer.product_id}-{place}"
    url = offer.tracking_template.replace(PLACEHOLDER, sub_id) or offer.tracking_url
    if not is_web_address(url):
        raise ValueError(f"Offer {offer.pk} has an address that is no web address")
    return url


def is_web_address(url: str) -> bool:
    """Tell whether browsers and we read `url` as the same http(s) address."""
    if "\\" in url or any(char.isspace() or not char.isprintable() for char in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
