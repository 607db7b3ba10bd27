"""What the advertiser pushed: products, mapped categories, and what publishers see of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from importer.sandbox.catalogue.families import DEPARTMENTS, FAMILIES
from importer.sandbox.credentials import TRADEDOUBLER_SITE_ID
from importer.sandbox.own_shop import OWN_FEEDS, PROGRAMS, OwnFeed

CATEGORIES: dict[int, str] = {
    **{10 + place: names[0] for place, names in enumerate(DEPARTMENTS.values())},
    **{100 + place: family.category("en")[1] for place, family in enumerate(FAMILIES)},
}
FEEDS = {feed.feed_id: feed for feed in OWN_FEEDS}


@dataclass(slots=True)
class Held:
    """A product as it was posted, with the prices that it had."""

    product: Mapping
    modified_ms: int
    prices: list[tuple[str, int]] = field(default_factory=list)  # text and time, the newest last


class Shelf:
    """The pushed products of every feed. Used by many threads at once."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        with self.lock:
            self.products: dict[int, dict[str, Held]] = {feed_id: {} for feed_id in FEEDS}
            self.mappings: dict[tuple[int, str], int] = {}
            self.updated_at: dict[int, float] = {}

    def put(self, feed_id: int, products: Iterable[Mapping], *, replaces: bool) -> None:
        """Store products; `replaces`: they are all that the feed has from now on."""
        now = int(time.time() * 1000)
        with self.lock:
            old = self.products[feed_id]
            new = {} if replaces else old
            for product in products:
                key, price = str(product["sourceProductId"]), str(product["price"])
                prices = list(old[key].prices) if key in old else []
                if not prices or prices[-1][0] != price:
                    prices.append((price, now))
                new[key] = Held(product, now, prices)
            self.products[feed_id] = new
            self.updated_at[feed_id] = time.time()

    def delete(self, feed_id: int, ids: Iterable[str] | None) -> None:
        """Delete products, or (None) all of them."""
        with self.lock:
            if ids is None:
                self.products[feed_id] = {}
            else:
                for key in ids:
                    self.products[feed_id].pop(key, None)
            self.updated_at[feed_id] = time.time()

    def category_of(self, feed_id: int, product: Mapping) -> tuple[int, str] | None:
        """Return the Tradedoubler category that a product is mapped to, by id or by its own name."""
        for each in product.get("categories") or ():
            number = int(each.get("id") or 0) or self.mappings.get((feed_id, str(each.get("name") or "")), 0)
            if number in CATEGORIES:
                return number, CATEGORIES[number]
        return None

    def own_categories(self, feed_id: int) -> dict[str, int]:
        """Return the feed's own categories, each with the one it is mapped to, 0 for none."""
        with self.lock:
            found = {name: number for (feed, name), number in self.mappings.items() if feed == feed_id}
            for held in self.products[feed_id].values():
                for each in held.product.get("categories") or ():
                    if (name := str(each.get("name") or "")) and not each.get("id"):
                        found.setdefault(name, 0)
        return found

    def visible(self, feed_id: int) -> Iterator[tuple[str, Held]]:
        """Yield what publishers see of a feed: what is mapped."""
        with self.lock:
            held = list(self.products[feed_id].items())
        return ((key, one) for key, one in held if self.category_of(feed_id, one.product))

    def render(self, feed: OwnFeed, key: str, held: Held, *, base: str, is_own: bool, history: bool) -> dict:
        """Return a product as a search shows it: its owner gets the bare address, others a link."""
        product, category = held.product, self.category_of(feed.feed_id, held.product)
        image = dict(product.get("productImage") or {})
        categories = [
            {
                "name": str(each.get("name") or (category[1] if category else "")),
                **({"id": category[0], "tdCategoryName": category[1]} if category else {}),
            }
            for each in product.get("categories") or ()
        ]
        identifiers = {
            name: str(value)
            for name in ("ean", "upc", "isbn", "mpn", "sku")
            if (value := product.get(name) or (product.get("identifiers") or {}).get(name))
        }
        url = str(product["productUrl"])
        prices = held.prices if history else held.prices[-1:]
        texts = ("brand", "manufacturer", "model", "size", "shortDescription")
        offer = {
            "feedId": feed.feed_id,
            "sourceProductId": key,
            "id": str(uuid5(NAMESPACE_URL, f"{feed.feed_id}-{key}")),
            "programName": PROGRAMS[feed.program_id],
            "programLogo": "",
            "productUrl": url if is_own else _link(base, feed, key, url),
            "priceHistory": [
                {"price": {"value": text, "currency": feed.currency}, "date": moment}
                for text, moment in prices
            ],
            "modified": held.modified_ms,
            "availability": str(product.get("availability") or ""),
            "condition": str(product.get("condition") or ""),
            "deliveryTime": str(product.get("deliveryTime") or ""),
            "shippingCost": str(product.get("shippingCost") or ""),
        }
        if product.get("inStock") is not None:
            offer["inStock"] = int(product["inStock"])
        return {
            "name": product["name"],
            "language": feed.language,
            "groupingId": str(uuid5(NAMESPACE_URL, identifiers.get("ean") or key))[:8],
            "description": product["description"],
            **{name: str(product.get(name) or "") for name in texts},
            "productImage": image,
            "identifiers": identifiers,
            "categories": categories,
            "fields": list(product.get("fields") or ()),
            "offers": [offer],
        }

    def feed_row(self, feed: OwnFeed) -> dict:
        """Return a feed as `productFeeds` lists it."""
        moment = datetime.fromtimestamp(self.updated_at.get(feed.feed_id, 1767225600), UTC)
        unmapped = sum(not number for number in self.own_categories(feed.feed_id).values())
        return {
            "feedId": feed.feed_id,
            "name": feed.name,
            "active": True,
            "sendToNewPF": False,
            "visible": True,
            "currencyISOCode": feed.currency,
            "languageISOCode": feed.language,
            "secret": False,
            "numberOfUnmappedCategories": unmapped,
            "numberOfProducts": len(self.products[feed.feed_id]),
            # The hour has one digit before ten: so has the real one.
            "lastModifiedTime": f"{moment:%Y-%m-%d}T{moment.hour}:{moment:%M:%S}.374+0000",
            "programs": [{"programId": feed.program_id, "name": PROGRAMS[feed.program_id]}],
        }

    def last_update(self, feed_id: int) -> str:
        """Return when a feed was written last: no zone, as Tradedoubler says it."""
        moment = datetime.fromtimestamp(self.updated_at.get(feed_id, 1767225600), UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def _link(base: str, feed: OwnFeed, key: str, url: str) -> str:
    product = quote(f"{feed.feed_id}-{key}", safe="")
    return (
        f"{base}/click?a({TRADEDOUBLER_SITE_ID})p({feed.program_id})product({product})ttid(3)"
        f"url({quote(url, safe='')})"
    )
