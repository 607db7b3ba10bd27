"""Catalogue items as the Products API shows them (docs/networks/tradedoubler.md 2)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from importer.sandbox.catalogue.families import FAMILIES
from importer.sandbox.catalogue.item import Item, format_cents
from importer.sandbox.catalogue.items import Catalogue, mix
from importer.sandbox.links import tradedoubler_link

_IN_STOCK = ("in stock", "In Stock", "in_stock", "")
_OUT_OF_STOCK = ("out of stock", "Out Of Stock", "N", "No")
SALE_FIELDS = ("sale_price", "Prevoius_price", "strike_price", "price_without_discount")
_DAY_MS = 86_400_000
_FAMILY_IDS = {family.slug: 100 + place for place, family in enumerate(FAMILIES)}


class Renderer:
    """Writes items as the API's objects. Prices stand in `priceHistory` alone, dates in shuffled order."""

    def __init__(self, catalogue: Catalogue, base: str, history: bool, date_format: str) -> None:
        self.catalogue, self.base, self.history = catalogue, base, history
        self.iso = date_format.lower() == "iso8601"

    def product(self, item: Item, *, bulk: bool = False) -> dict:
        shop, seed = item.feed.shop, item.feed.feed_id
        fields = [{"name": "colour"}] if item.number % 3 == 0 else []
        price, sale = self._prices(item)
        if sale:
            fields.append(sale)
        if item.group_id:
            fields.append({"name": "item_group_id", "value": item.group_id})
        product = {
            "name": item.title,
            "language": shop.market.language,
            "groupingId": f"{item.article:x}",
            "description": item.description,
            "shortDescription": (item.description or "").split(".")[0],
            "brand": "" if seed % 5 == 4 and item.number % 4 == 0 else item.brand,
            "manufacturer": "",
            "model": item.model,
            "size": "",
            "productImage": {"url": ",".join(self.base + path for path in item.images)}
            if item.images
            else {},
            "identifiers": {"ean": item.gtin, "sku": item.sku},
            "categories": [] if bulk else self._categories(item),
            "fields": fields,
            "offers": [self._offer(item, price)],
        }
        if item.oddity == "no_name":
            del product["name"]
        if item.oddity == "upc":
            product["identifiers"] = {"upc": item.gtin, "sku": item.sku}
        if item.oddity == "no_ean":
            del product["identifiers"]["ean"]
        if item.family.slug == "book" and item.gtin:
            product["identifiers"]["isbn"] = item.gtin
        return product

    def _prices(self, item: Item) -> tuple[str | None, dict | None]:
        """Return history price and the shop's extra field: which of them is current differs per feed."""
        if item.old_cents is None or item.oddity:
            return item.price, None
        style = SALE_FIELDS[item.feed.feed_id % len(SALE_FIELDS)]
        if style == "sale_price":
            return format_cents(item.old_cents), {"name": style, "value": f"{item.price} {item.currency}"}
        return item.price, {"name": style, "value": format_cents(item.old_cents)}

    def _categories(self, item: Item) -> list[dict]:
        if item.category is None:
            return [{"name": "Not available"}]
        separator = (" > ", "/", " > ", ";")[item.feed.feed_id % 4]
        return [
            {
                "name": item.category.replace(" > ", separator),
                "id": _FAMILY_IDS[item.family.slug],
                "tdCategoryName": item.family.category("en")[1],
            }
        ]

    def _offer(self, item: Item, price: str | None) -> dict:
        shop, stock = item.feed.shop, item.stock
        words = _IN_STOCK if stock else _OUT_OF_STOCK
        offer = {
            "feedId": item.feed.feed_id,
            "sourceProductId": item.sku,
            "id": self._offer_id(item),
            "programName": f"{shop.name} {shop.market.code}",
            "programLogo": f"{self.base}/logos/{shop.slug}.png",
            "productUrl": tradedoubler_link(self.base, item),
            "priceHistory": self._history(item, price),
            "modified": self._date(item.modified_ms),
            "availability": item.stock_words or words[item.feed.feed_id % 4],
            "inStock": stock,
            "condition": "new",
            "deliveryTime": "2-4",
            "shippingCost": "49" if shop.market.rate > 5 else "4.95",
        }
        if item.feed.feed_id % 6 == 5:
            del offer["inStock"]
        return offer

    def _offer_id(self, item: Item) -> str:
        """Not stable: another crawl of the feed gives the same product another id."""
        version = self.catalogue.change(item.feed).version
        return str(UUID(int=mix(item.number, version) << 64 | mix(version, item.number, 7), version=4))

    def _history(self, item: Item, price: str | None) -> list[dict]:
        if price is None:
            return []
        entries = [(price, item.modified_ms)]
        if self.history:
            older = [(format_cents(abs(item.cents) * (105 + step) // 100), step + 1) for step in range(3)]
            entries += [(text, item.modified_ms - days * 9 * _DAY_MS) for text, days in older]
            entries.sort(key=lambda entry: mix(entry[1]))
        return [
            {"price": {"value": text, "currency": item.currency}, "date": self._date(moment)}
            for text, moment in entries
        ]

    def _date(self, moment_ms: int) -> int | str:
        if not self.iso:
            return moment_ms
        return datetime.fromtimestamp(moment_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def group(products: list[dict]) -> list[dict]:
    """Merge the offers of one article, as `groupOffersByProduct=true` does."""
    merged: dict[tuple, dict] = {}
    for product in products:
        key = (product.get("identifiers", {}).get("ean") or id(product), product["language"])
        if key in merged:
            merged[key]["offers"] += product["offers"]
        else:
            merged[key] = product
    return list(merged.values())
