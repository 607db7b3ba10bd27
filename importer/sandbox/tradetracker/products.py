"""Items as TradeTracker's FeedProduct: what matters hides in `additional` (tradetracker.md 4, 5, 7)."""

from __future__ import annotations

from importer.sandbox.catalogue.item import Item, format_cents
from importer.sandbox.links import tradetracker_link

# Each shop names its extra columns as it likes: EAN, brand, stock, old price, currency.
NAMES = (
    ("EAN", "brand", "stock", "fromPrice", "currency"),
    ("gtin", "brand", "availability", "extra_Streichpreis", "valuta"),
    ("ean", "manufacturer", "extra_stock", "Adviesprijs", ""),
    ("GTIN", "extra_brand", "stock", "price_old", ""),
)
_STOCK = (
    ("Op voorraad", "Niet op voorraad"),
    ("in stock", "out of stock"),
    ("368", "0"),
    ("1", "0"),
)


def additional(base: str, item: Item) -> list[dict[str, str]]:
    """Return the shop's own columns under the shop's own names."""
    style = item.feed.feed_id % len(NAMES)
    ean, brand, stock, old_price, currency = NAMES[style]
    old = format_cents(item.old_cents) if item.old_cents else ""
    entries = [
        (ean, item.gtin),
        (brand, item.brand),
        (stock, item.stock_words or _STOCK[style][0 if item.stock else 1]),
        ("item_group_id", item.group_id),
        (old_price, old.replace(".", ",") if style % 2 else old),
        (currency, item.currency),
        ("deliveryTime", "1-3 Werktage"),
        ("deliveryCosts", "4.95"),
        ("SKU", item.sku),
        ("custom_label_0", "0"),
    ]
    entries += [(f"imageURL_{place}", base + path) for place, path in enumerate(item.images[1:], 2)]
    return [{"name": name, "value": value} for name, value in entries if name and value]


def feed_product(base: str, item: Item, site_id: str) -> dict:
    """Return the FeedProduct. A price that is no number stays out of the typed field."""
    link = tradetracker_link(base, item, site_id)
    return {
        "identifier": item.sku,
        "name": item.title,
        "productCategoryName": item.category,
        "description": item.description,
        "price": soap_price(item),
        "productURL": link or None,
        "imageURL": base + item.images[0] if item.images else None,
        "additional": None if item.oddity == "no_ean" else additional(base, item),
    }


def soap_price(item: Item) -> str | None:
    """Return the price as xsd:float, which knows NaN and negatives but no commas and no units."""
    if item.price is None:
        return None
    return "NaN" if item.price == "NaN" else format_cents(item.cents)
