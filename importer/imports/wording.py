"""What becomes of an item, in words."""

from collections.abc import Iterable
from typing import Any

from catalog.services.bulk_data import OfferData


def describe_update(offer: Any, data: OfferData, changed: list[str], said: Iterable[str]) -> str:
    """Return what an update changes of a stored offer (`changed`), and what is new of its product."""
    parts = ["listed again"] if offer.expired_at else []
    if "price" in changed or "currency" in changed:
        parts.append(f"price from {offer.price} {offer.currency} to {data.price} {data.currency}")
    if "in_stock" in changed:
        parts.append({True: "back in stock", False: "out of stock", None: "stock unknown"}[data.in_stock])
    parts += [_CALLED.get(name, name.replace("_", " ")) for name in changed if name not in _SAID_ABOVE]
    parts += [f"{name if name == 'title' else _CALLED.get(name, name)} in the feed" for name in said]
    return f"Updated {', '.join(parts)}."


_SAID_ABOVE = {"price", "currency", "in_stock", "source_digest"}
_CALLED = {
    "tracking_url": "link",
    "tracking_template": "the link's sub-id",
    "title": "the shop's title",
    "gtin": "EAN",
    "images": "pictures",
    "attributes": "properties",
    "category_ids": "categories",
}
