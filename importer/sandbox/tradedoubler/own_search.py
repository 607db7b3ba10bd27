"""Search over what an advertiser pushed, for itself and, of what is mapped, for publishers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from importer.sandbox.catalogue.matching import split_words
from importer.sandbox.own_shop import OWN_FEEDS, OwnFeed
from importer.sandbox.tradedoubler.own_shelf import Held

if TYPE_CHECKING:
    from importer.sandbox.tradedoubler.api import Call


def published_feeds(call: Call) -> list[OwnFeed]:
    """Return the advertiser's feeds that publishers see: those that something is in."""
    return [feed for feed in OWN_FEEDS if call.state.shelf.products[feed.feed_id]]


def find_own(
    call: Call, feeds: Iterable[OwnFeed], start: int, count: int, *, is_own: bool
) -> tuple[int, list[dict]]:
    """Return how many pushed products match the keys of a search, and those of one page."""
    shelf = call.state.shelf
    found: list[tuple[OwnFeed, str, Held]] = []
    for feed in feeds:
        if call.value("currency").upper() not in ("", feed.currency):
            continue
        if call.value("language").lower() not in ("", feed.language):
            continue
        found += [
            (feed, key, held) for key, held in _candidates(call, feed, is_own) if _matches(call, feed, held)
        ]
    if order := _ORDERS.get(call.value("orderBy")):
        found.sort(key=lambda entry: order(entry[2]), reverse=call.value("orderBy").endswith("Desc"))
    rendered = [
        shelf.render(
            feed, key, held, base=call.request.base_url, is_own=is_own, history=call.flag("priceHistory")
        )
        for feed, key, held in found[max(start, 0) : max(start + count, 0)]
    ]
    return len(found), rendered


def _candidates(call: Call, feed: OwnFeed, is_own: bool) -> Iterator[tuple[str, Held]]:
    shelf = call.state.shelf
    ids = [text for text in call.keys.get("spId", []) if text]
    if ids:
        products = shelf.products[feed.feed_id]
        found = ((key, products[key]) for key in ids if key in products)
        return ((key, held) for key, held in found if is_own or shelf.category_of(feed.feed_id, held.product))
    return iter(list(shelf.products[feed.feed_id].items())) if is_own else shelf.visible(feed.feed_id)


def _matches(call: Call, feed: OwnFeed, held: Held) -> bool:
    product = held.product
    text = f"{product['name']} {product['description']} {product.get('brand') or ''}".lower()
    if not all(word in text for word in split_words(" ".join(call.keys.get("q", [])))):
        return False
    price = Decimal(str(product["price"]))
    if call.value("minPrice") and price < Decimal(call.value("minPrice")):
        return False
    if call.value("maxPrice") and price > Decimal(call.value("maxPrice")):
        return False
    identifiers = product.get("identifiers") or {}
    for name in ("ean", "upc", "isbn", "mpn", "sku", "brand", "model", "manufacturer", "condition"):
        wanted = {value.lower() for value in call.keys.get(name, []) if value}
        if wanted and str(product.get(name) or identifiers.get(name) or "").lower() not in wanted:
            return False
    if call.value("minInStock") and int(product.get("inStock") or 0) < int(call.value("minInStock")):
        return False
    names = " ".join(str(each.get("name") or "") for each in product.get("categories") or ()).lower()
    parts = [value.lower() for value in call.keys.get("category", []) if value]
    if parts and not any(part in names for part in parts):
        return False
    ids = {value for value in call.keys.get("tdCategoryId", []) if value}
    category = call.state.shelf.category_of(feed.feed_id, product)
    return not ids or (category is not None and str(category[0]) in ids)


_ORDERS: dict[str, Callable[[Held], Decimal | int]] = {
    "priceAsc": lambda held: Decimal(str(held.product["price"])),
    "priceDesc": lambda held: Decimal(str(held.product["price"])),
    "modificationDateAsc": lambda held: held.modified_ms,
    "modificationDateDesc": lambda held: held.modified_ms,
}
